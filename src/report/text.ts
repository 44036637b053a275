import { oneLine } from "../core/text.ts";
import type { CheckPatch, CheckReport, CheckResult, CheckSummary, CheckViolation } from "./check_report.ts";

/** What a developer reads: each object with what is wrong, where, and how to fix it. Clean objects are only counted. */
export function textReport({ results, errors, summary }: CheckReport): string {
  const blocks = results.map(blockOf).filter((block) => block !== "");
  const problems = errors.map(({ file, message }) => `${file}: error: ${oneLine(message)}\n`).join("");
  return [...blocks, problems, summaryLine(summary, patchCounts(results))].filter((part) => part !== "").join("\n");
}

function blockOf(result: CheckResult): string {
  const { file, document, object, violations, excused, patches, failures, causes, bypass } = result;
  const place = document > 1 ? `${file} (document ${document})` : file;
  const lines = [
    // Every policy that meets a malformed object says so; once is enough to read.
    ...new Set(violations.map(violationText)),
    ...excused.map(({ rule, message, exception }) =>
      `  excused  ${oneLine(`${rule}: ${message}`)} (exception ${exception})`
    ),
    ...patches.map(patchLine),
    ...failures.map((policy) => `  failed  ${policy}: could not be evaluated: ${causes[policy]}`),
    ...(bypass ? [`  allowed  past every policy: ${bypass}`] : []),
  ];
  if (lines.length === 0) return "";
  const name = oneLine(`${object.kind} ${object.namespace ? `${object.namespace}/` : ""}${object.name}`);
  return `${place}: ${name}\n${lines.join("\n")}\n`;
}

function violationText({ stage, rule, message, path, remediation }: CheckViolation): string {
  const place = path === null ? "" : `        at ${oneLine(path)}\n`;
  const fix = remediation === "" ? "" : `        fix: ${oneLine(remediation)}\n`;
  return `  ${stage}  ${oneLine(`${rule}: ${message}`)}\n${place}${fix}`.trimEnd();
}

/** What is set where; the empty parents that were made for it go without saying. */
function patchLine({ rule, stage, container, operations }: CheckPatch): string {
  const changes = operations
    .filter((operation) => operation.op === "remove" || !isEmpty(operation.value))
    .map((operation) =>
      operation.op === "remove" ? `remove ${operation.path}` : `${operation.path}: ${JSON.stringify(operation.value)}`
    );
  const name = container === null ? rule : `${rule} (container=${container})`;
  return `  ${stage === "patch" ? "patched" : "dryrun"}  ${oneLine(`${name}: ${changes.join(", ")}`)}`;
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

function summaryLine(
  { objects, deny, warn, monitor, excused, failures, errors }: CheckSummary,
  patches: PatchCounts,
): string {
  const named = { deny, warn, monitor, excused, ...patches, failed: failures, unreadable: errors };
  const counts = Object.entries(named)
    .filter(([name, count]) => count > 0 || name === "deny")
    .map(([name, count]) => `${count} ${name}`);
  return `${objects} ${objects === 1 ? "object" : "objects"}: ${counts.join(", ")}\n`;
}

type PatchCounts = Readonly<Record<"patched" | "dryrun", number>>;

function patchCounts(results: readonly CheckResult[]): PatchCounts {
  const stages = results.flatMap(({ patches }) => patches.map(({ stage }) => stage));
  const patched = stages.filter((stage) => stage === "patch").length;
  return { patched, dryrun: stages.length - patched };
}
