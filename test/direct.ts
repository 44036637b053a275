import type { Change, Context, Finding, Policy, Subject } from "../src/contract.ts";
import { changesOf, findingsOf, returnedVerdict } from "../src/core/returned.ts";

export const NO_CONTEXT: Context = { environment: "", allowlist: {} };

/** What a policy finds when it is called directly. */
export function findingsFor(policy: Policy, subject: Subject, options?: unknown): readonly Finding[] {
  if (!policy.validate) return [];
  return findingsOf(returnedVerdict(policy.validate(subject, options, NO_CONTEXT), "validate()"), "validate()");
}

/** What a policy wants to change when it is called directly. */
export function changesFor(policy: Policy, subject: Subject, options?: unknown): readonly Change[] {
  if (!policy.mutate) return [];
  return changesOf(returnedVerdict(policy.mutate(subject, options, NO_CONTEXT), "mutate()"), "mutate()");
}
