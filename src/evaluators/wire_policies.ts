import type { Policy } from "../contract.ts";
import type { PolicyEntry, ResolvedPolicies, ResolvedPolicy } from "../policy_resolver.ts";
import { joined } from "./frames.ts";
import type { DescribedPolicy, Question, Reply } from "./protocol.ts";

export interface LoadQuestion {
  readonly question: Question & { kind: "load" };
  readonly body: Uint8Array;
}

/** The question to build these policies. `announced` are the places of entries that may never end. */
export function loadQuestion(entries: readonly PolicyEntry[], announced: readonly number[]): LoadQuestion {
  const parts: Uint8Array[] = [];
  const wired = entries.map(({ source, ...entry }) => {
    if (source.kind !== "bundle") return { ...entry, source };
    parts.push(...source.files.values());
    const files = [...source.files].map(([name, { length }]) => ({ name, length }));
    return { ...entry, source: { ...source, files } };
  });
  return { question: { kind: "load", entries: wired, announced }, body: joined(parts) };
}

/** What an evaluator built, as the front knows it: without the code. */
export function resolvedFrom({ policies, issues, isPartial }: Reply & { kind: "loaded" }): ResolvedPolicies {
  return { policies: policies.map(withoutCode), issues, isPartial };
}

function withoutCode({ policy, validates, mutates, ...resolved }: DescribedPolicy): ResolvedPolicy {
  const elsewhere = () => {
    throw new Error("Cannot evaluate here: the policy's code is in an evaluator");
  };
  const known: Policy = { ...policy, ...(validates && { validate: elsewhere }), ...(mutates && { mutate: elsewhere }) };
  return { ...resolved, written: resolved.written, options: undefined, policy: known };
}
