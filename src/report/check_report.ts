import type { Decision, Patch, Violation } from "../core/decision.ts";
import type { FileError, Manifest } from "../manifests.ts";
import type { Fields } from "../contract.ts";
import { isFields } from "../core/malformed.ts";
import { causeOf } from "../core/text.ts";

/** The document that `kp check -o json` prints. docs/check.md describes it; later versions only add to it. */
export interface CheckReport {
  readonly results: readonly CheckResult[];
  readonly errors: readonly FileError[];
  readonly summary: CheckSummary;
}

/** One object of a manifest. */
export interface CheckResult {
  readonly file: string;
  /** Which YAML document of the file, from 1. */
  readonly document: number;
  readonly object: { apiVersion: string; kind: string; namespace: string | null; name: string };
  readonly violations: readonly CheckViolation[];
  /** What an exception excused. */
  readonly excused: readonly (Omit<CheckViolation, "stage"> & { readonly exception: string })[];
  readonly patches: readonly CheckPatch[];
  /** Policies that could not be evaluated. */
  readonly failures: readonly string[];
  /** Why not, by policy. */
  readonly causes: Readonly<Record<string, string>>;
  /** The way past the policies that the request had: `critical` or `breakglass`. */
  readonly bypass: string | null;
}

export interface CheckViolation {
  readonly policy: string;
  readonly rule: string;
  readonly stage: "deny" | "warn" | "monitor";
  readonly message: string;
  readonly container: string | null;
  /** JSON Pointer into the object. */
  readonly path: string | null;
  readonly remediation: string;
}

export interface CheckPatch {
  readonly policy: string;
  readonly rule: string;
  readonly stage: "patch" | "dryrun";
  readonly container: string | null;
  readonly operations: Patch["operations"];
}

export interface CheckSummary {
  readonly objects: number;
  readonly deny: number;
  readonly warn: number;
  readonly monitor: number;
  readonly excused: number;
  readonly patches: number;
  readonly failures: number;
  readonly errors: number;
}

const STAGES = { denied: "deny", warned: "warn", monitored: "monitor" } as const;

/** The result for one object: what the mutating review would change, what the validating one says of the rest. */
export function checkResultOf({ file, document, object }: Manifest, reviews: readonly Decision[]): CheckResult {
  const violations = reviews.flatMap(({ violations }) => violations);
  const failures = reviews.flatMap(({ failures }) => failures);
  return {
    file,
    document,
    object: identityOf(object),
    violations: violations.flatMap((violation) =>
      violation.outcome === "excused" ? [] : [{ ...shown(violation), stage: STAGES[violation.outcome] }]
    ),
    excused: violations.flatMap((violation) =>
      violation.exception === null ? [] : [{ ...shown(violation), exception: violation.exception }]
    ),
    patches: joined(reviews.flatMap(({ patches }) => patches.flatMap(patchOf))),
    failures: [...new Set(failures.map(({ policy }) => policy))],
    causes: Object.fromEntries(failures.map(({ policy, cause }) => [policy, causeOf(cause)])),
    bypass: reviews.find(({ bypass }) => bypass !== null)?.bypass?.by ?? null,
  };
}

export function summaryOf(results: readonly CheckResult[], errors: readonly FileError[]): CheckSummary {
  const violations = results.flatMap(({ violations }) => violations);
  const count = (stage: CheckViolation["stage"]) => violations.filter((violation) => violation.stage === stage).length;
  const total = (size: (result: CheckResult) => number) => results.reduce((sum, result) => sum + size(result), 0);
  return {
    objects: results.length,
    deny: count("deny"),
    warn: count("warn"),
    monitor: count("monitor"),
    excused: total(({ excused }) => excused.length),
    patches: total(({ patches }) => patches.length),
    failures: total(({ failures }) => failures.length),
    errors: errors.length,
  };
}

function identityOf(object: Fields): CheckResult["object"] {
  const metadata = isFields(object.metadata) ? object.metadata : {};
  const text = (value: unknown) => typeof value === "string" && value !== "" ? value : null;
  const name = text(metadata.name) ?? `${text(metadata.generateName) ?? ""}*`;
  return {
    apiVersion: String(object.apiVersion),
    kind: String(object.kind),
    namespace: text(metadata.namespace),
    name,
  };
}

function shown({ policy, rule, message, container, path, remediation }: Violation) {
  return { policy, rule, message, container: container ?? null, path: path ?? null, remediation };
}

/** A bundle gives one operation at a time. */
function joined(patches: readonly CheckPatch[]): CheckPatch[] {
  const keyOf = ({ policy, rule, stage, container }: CheckPatch) => JSON.stringify([policy, rule, stage, container]);
  return [...Map.groupBy(patches, keyOf).values()].map((same) => ({
    ...same[0],
    operations: same.flatMap(({ operations }) => operations),
  }));
}

function patchOf({ policy, rule, container, operations, outcome }: Patch): CheckPatch[] {
  if (outcome === "excused") return [];
  const stage = outcome === "patched" ? "patch" : "dryrun";
  return [{ policy, rule, stage, container: container ?? null, operations }];
}
