import type { Change, Finding, PatchOperation, Verdict } from "../contract.ts";

/** Where something was returned, for messages: `validate()`. */
export type From = "validate()" | "mutate()";

/** What a policy's function returned, list or verdict. Throws a TypeError for anything else, promises included. */
export function returnedVerdict(value: unknown, from: From): Verdict {
  if (Array.isArray(value)) return from === "mutate()" ? { changes: value } : { findings: value };
  if (value instanceof Promise) value.catch(() => {}); // its rejection is nobody's: the failure is counted here
  const keys = typeof value === "object" && value !== null ? Object.keys(value) : [];
  const known = from === "mutate()" ? ["findings", "changes", "annotations"] : ["findings", "annotations"];
  if (keys.length > 0 && keys.every((key) => known.includes(key))) return value as Verdict;
  throw new TypeError(`Cannot use what ${from} returned: it is not a list`);
}

/** Checked, and copied: a policy may keep what it returned. */
export function findingsOf({ findings = [] }: Verdict, from: From): readonly Finding[] {
  return listOf(findings, from).map((finding) => {
    expectTexts(finding, ["rule", "message"], { from, optional: false });
    expectTexts(finding, ["container", "path", "remediation", "policy"], { from, optional: true });
    expectStage(finding.stage, ["monitor", "warn", "deny"], from);
    return { ...finding } as unknown as Finding;
  });
}

export function changesOf({ changes = [] }: Verdict, from: From): readonly Change[] {
  return listOf(changes, from).map((change) => {
    expectTexts(change, ["rule"], { from, optional: false });
    expectTexts(change, ["container", "policy"], { from, optional: true });
    expectStage(change.stage, ["dryrun", "patch"], from);
    return { ...change, operations: operationsOf(change.operations, from) } as unknown as Change;
  });
}

/** What the API server takes as the key of an audit annotation, after the webhook's name and a slash. */
const ANNOTATION_KEY = /^(?=.{1,63}$)[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/;

export function annotationsOf({ annotations = {} }: Verdict, from: From): readonly (readonly [string, string])[] {
  return Object.entries(annotations).map(([key, value]) => {
    if (!ANNOTATION_KEY.test(key)) {
      throw new TypeError(`Cannot use what ${from} returned: ${JSON.stringify(key)} is no key of an audit annotation`);
    }
    expectTexts({ [key]: value }, [key], { from, optional: false });
    return [key, value] as const;
  });
}

const OPERATIONS = ["add", "remove", "replace"];

/** As they will be sent: what JSON cannot hold is lost here, where its policy answers for it. */
function operationsOf(returned: unknown, from: From): readonly PatchOperation[] {
  const operations = listOf(JSON.parse(JSON.stringify(returned ?? null)), from);
  for (const operation of operations) {
    expectTexts(operation, ["op", "path"], { from, optional: false });
    const op = String(operation.op);
    if (!OPERATIONS.includes(op)) throw new TypeError(`Cannot use operation "${op}": accepted add, remove, replace`);
  }
  return operations as unknown as readonly PatchOperation[];
}

function listOf(value: unknown, from: From): readonly Record<string, unknown>[] {
  if (Array.isArray(value)) return value;
  throw new TypeError(`Cannot use what ${from} returned: it is not a list`);
}

function expectStage(stage: unknown, accepted: readonly string[], from: From): void {
  if (stage === undefined || accepted.includes(stage as string)) return;
  throw new TypeError(`Cannot use what ${from} returned: stage is not one of ${accepted.join(", ")}`);
}

/** Throws a TypeError unless each of these keys is a text, or, where `optional`, absent. */
function expectTexts(
  value: Record<string, unknown> | null | undefined,
  keys: readonly string[],
  { from, optional }: { from: From; optional: boolean },
): void {
  for (const key of keys) {
    const text = value?.[key];
    if (typeof text === "string" || (optional && text === undefined)) continue;
    throw new TypeError(`Cannot use what ${from} returned: ${key} is not a text`);
  }
}
