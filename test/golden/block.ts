import type { AdmissionRequest, PatchOperation } from "../../src/contract.ts";
import type { AdmissionResponse } from "../../src/core/answer.ts";
import { referenceOf } from "../../src/core/subject.ts";
import { operationsIn } from "../answer_assertions.ts";

export interface Decided {
  readonly request: AdmissionRequest;
  readonly response: AdmissionResponse;
}

/**
 * A response as text that people can review. Nothing is lost but `uid` and `policy_revision`: `= warned` and the like
 * stand for a text that is made of others, and only where it is exactly that.
 */
export function blockOf({ request, response }: Decided, line: number): string {
  const { auditAnnotations, warnings, allowed, status, patch } = response;
  const { policy_revision: _, ...annotations } = auditAnnotations;
  return [
    `#${line} ${headOf(request)}`,
    allowed ? "allowed" : `denied ${status?.code} ${status?.reason}`,
    ...(status ? [messageLine(status.message, annotations.denied)] : []),
    ...(warnings ? warningLines(warnings, annotations.warned) : []),
    ...Object.entries(annotations).flatMap(([key, value]) => annotationLines(key, { value, annotations })),
    ...(patch === undefined ? [] : patchLines(patch, annotations.patches)),
  ].join("\n");
}

function headOf(request: AdmissionRequest): string {
  const { operation, subResource, userInfo, dryRun } = request;
  const groups = (userInfo?.groups ?? []).filter((group) => !group.startsWith("system:"));
  return [
    operation,
    ...(subResource ? [subResource] : []),
    referenceOf(request, request.object ?? request.oldObject),
    `by ${[userInfo?.username, ...groups].join(", ")}`,
    ...(dryRun ? ["(dry run)"] : []),
  ].join(" ");
}

function messageLine(message: string, denied: string | undefined): string {
  const isDenied = denied !== undefined && message.startsWith(`${denied} `);
  return `message: ${isDenied ? `= denied +${message.slice(denied.length)}` : message}`;
}

function warningLines(warnings: readonly string[], warned: string | undefined): string[] {
  if (warnings.join(", ") === warned) return ["warnings: = warned"];
  return ["warnings:", ...warnings.map((warning) => `  ${warning}`)];
}

const LISTS: readonly string[] = ["all_rules", "denied", "warned", "monitored", "allowlisted"];

interface Annotation {
  readonly value: string;
  readonly annotations: Readonly<Record<string, string>>;
}

function annotationLines(key: string, { value, annotations }: Annotation): string[] {
  const parts = ["denied", "warned", "monitored"].filter((part) => annotations[part]);
  if (key === "all_rules" && value === unionOf(parts, annotations)) return [`all_rules: = ${parts.join(" + ")}`];
  if (LISTS.includes(key)) return [`${key}:`, ...value.split(", ").map((entry) => `  ${entry}`)];
  if (key !== "patches" && key !== "dryrun") return [`${key}: ${value}`];
  const byRule = Object.entries(operationsByRule(value));
  return [`${key}:`, ...byRule.flatMap(([rule, texts]) => [`  ${rule}:`, ...texts.map((text) => `    ${text}`)])];
}

function unionOf(keys: readonly string[], annotations: Annotation["annotations"]): string {
  return [...new Set(keys.flatMap((key) => annotations[key].split(", ")))].sort().join(", ");
}

/** Reads the annotations `patches` and `dryrun`: `<rule>: <JSON array of operations>`, joined by a comma and a space. */
export function operationsByRule(annotation: string): Record<string, string[]> {
  const byRule: Record<string, string[]> = {};
  for (const part of annotation.split(/, (?=\w+: \[)/)) {
    const [, rule, operations] = /^(\w+): (\[.*\])$/.exec(part) ?? [];
    if (rule === undefined || rule in byRule) throw new Error(`Cannot read the annotation: ${part}`);
    byRule[rule] = JSON.parse(operations).map((operation: PatchOperation) => JSON.stringify(operation));
  }
  return byRule;
}

function patchLines(patch: string, patches: string | undefined): string[] {
  const texts = operationsIn(patch).map((operation) => JSON.stringify(operation));
  const applied = Object.values(operationsByRule(patches ?? "")).flat();
  if (texts.join() === applied.join()) return ["patch: = patches"];
  return ["patch:", ...texts.map((text) => `  ${text}`)];
}
