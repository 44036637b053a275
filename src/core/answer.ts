import { entryText } from "./bypass.ts";
import type { PatchOperation } from "../contract.ts";
import type { Decision, Patch, Violation } from "./decision.ts";
import { firstRunes, oneLine, sortedUnique } from "./text.ts";
import type { ReviewVersion } from "./wire.ts";

/** `AdmissionResponse` of admission.k8s.io. `patch` is the base64 of a JSON Patch, and comes with `patchType`. */
export interface AdmissionResponse {
  readonly uid: string;
  readonly allowed: boolean;
  readonly status?: { readonly code: 403; readonly reason: "Forbidden"; readonly message: string };
  readonly warnings?: readonly string[];
  readonly auditAnnotations: Readonly<Record<string, string>>;
  readonly patch?: string;
  readonly patchType?: "JSONPatch";
}

export interface ReviewAnswer {
  readonly apiVersion: ReviewVersion;
  readonly kind: "AdmissionReview";
  readonly response: AdmissionResponse;
}

/** The AdmissionReview that answers with a decision. docs/architecture.md, section 4, holds the table of annotations. */
export function answer(decision: Decision, version: ReviewVersion): ReviewAnswer {
  const { uid, allowed, patch } = decision;
  const warnings = warningsOf(decision);
  const auditAnnotations = annotationsOf(decision);
  const response: AdmissionResponse = {
    uid,
    allowed,
    ...(!allowed &&
      { status: { code: 403, reason: "Forbidden", message: denialOf(decision, auditAnnotations.denied) } }),
    ...(warnings.length > 0 && { warnings }),
    auditAnnotations,
    ...(patch.length > 0 &&
      { patch: new TextEncoder().encode(JSON.stringify(patch)).toBase64(), patchType: "JSONPatch" }),
  };
  return { apiVersion: version, kind: "AdmissionReview", response };
}

/** The audit annotations of a decision; keys without a value are left out. */
export function annotationsOf(decision: Decision): Record<string, string> {
  const { bypass, failing, violations } = decision;
  const allRules = joined(violations.filter(({ outcome }) => outcome !== "excused").map(textOf));
  const annotations: Record<string, string> = {
    all_rules: allRules,
    denied: joined(withOutcome(decision, "denied").map(textOf)),
    warned: joined(withOutcome(decision, "warned").map(textOf)),
    monitored: joined(withOutcome(decision, "monitored").map(textOf)),
    patches: patchesOf(decision, "patched"),
    dryrun: patchesOf(decision, "dryrun"),
    allowlisted: joined([...withOutcome(decision, "excused").map(excuseText), ...excusedPatches(decision)]),
    breakglass_authorized: bypass?.by === "breakglass" ? `${bypass.identities.join(", ")}.` : "",
    critical_allowlisted: bypass?.by === "critical" ? entryText(bypass.entry) : "",
    "default-allow": isDefaultAllow(decision, allRules) ? "Request does not trigger any OPA policies." : "",
    "failing-closed": failing === "closed" ? "Error, failing closed" : "",
    "failing-open": failing === "open" ? "Error, failing open" : "",
    policy_revision: decision.revision,
  };
  addOwn(annotations, decision);
  return Object.fromEntries(Object.entries(annotations).filter(([, value]) => value !== ""));
}

/** As long as the API server takes. */
function fitting(prefix: string, key: string): string {
  return `${prefix}.${key}`.slice(0, 63).replace(/[^A-Za-z0-9]+$/, "");
}

/** Policies' own annotations. None takes the place of another, nor of a key that says how the decision was made. */
function addOwn(annotations: Record<string, string>, decision: Decision): void {
  for (const { policy, key, value } of decision.annotations) {
    let free = key;
    for (let i = 1; Object.hasOwn(annotations, free); i++) {
      free = fitting(i === 1 ? policy : `${policy.slice(0, 40)}.${i}`, key);
    }
    annotations[free] = oneLine(value);
  }
}

/** No rule was triggered, and neither a way past the policies nor a failure decided. */
function isDefaultAllow({ endpoint, bypass, failing }: Decision, allRules: string): boolean {
  return endpoint === "validating" && allRules === "" && bypass === null && failing === null;
}

/** `<rule>: <message>`, as a violation stands in every list and warning. */
export function textOf({ rule, message }: { rule: string; message: string }): string {
  return oneLine(`${rule}: ${message}`);
}

function withOutcome({ violations }: Decision, outcome: Violation["outcome"]): Violation[] {
  return violations.filter((violation) => violation.outcome === outcome);
}

/** Joined by a comma and a space, which therefore stands nowhere inside an entry: the list can be split again. */
function joined(texts: readonly string[]): string {
  return sortedUnique(texts.map((text) => text.replaceAll(", ", "; "))).join(", ");
}

function excuseText(violation: Violation): string {
  return `${textOf(violation)} (exception ${violation.exception})`;
}

function excusedPatches({ patches }: Decision): string[] {
  return patches.filter(({ outcome }) => outcome === "excused").map(({ rule, container, exception }) =>
    oneLine(
      `${rule}: not applied${container === undefined ? "" : ` to container ${container}`} (exception ${exception})`,
    )
  );
}

function patchesOf({ patches, allowed }: Decision, outcome: Patch["outcome"]): string {
  if (!allowed && outcome === "patched") return "";
  const byRule = new Map<string, (readonly PatchOperation[])[]>();
  for (const patch of patches) {
    if (patch.outcome !== outcome) continue;
    const lists = byRule.get(patch.rule) ?? [];
    lists.push(patch.operations);
    byRule.set(patch.rule, lists);
  }
  return [...byRule].map(([rule, lists]) => `${rule}: ${JSON.stringify(lists.flat())}`).join(", ");
}

function denialOf(decision: Decision, denied: string): string {
  if (decision.failing === "closed") return "Failing closed";
  const fixed = withOutcome(decision, "denied").map(({ remediation }) => oneLine(remediation));
  const remediations = [...new Set(fixed)].filter(Boolean);
  const fixes = remediations.length === 0 ? "" : ` Remediation: ${remediations.join(" ")}`;
  return `${denied}${fixes}`;
}

const MOST_WARNINGS = 16;
const WARNING_RUNES = 256;

/** The API server cuts longer texts to 256 runes and drops what passes 4,096 in all (apiserver, filters/warning.go). */
function warningsOf(decision: Decision): string[] {
  const texts = sortedUnique(
    withOutcome(decision, "warned").map((violation) => firstRunes(textOf(violation), WARNING_RUNES)),
  );
  if (texts.length <= MOST_WARNINGS) return texts;
  return [...texts.slice(0, MOST_WARNINGS), `and ${texts.length - MOST_WARNINGS} more`];
}
