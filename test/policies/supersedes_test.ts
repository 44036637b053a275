import assert from "node:assert/strict";
import fc from "fast-check";
import * as v from "valibot";
import { shippedPolicies } from "../../policies/mod.ts";
import type { Fields, Finding, Policy } from "../../src/contract.ts";
import { kit } from "../../src/core/kit.ts";
import { subjectOf } from "../../src/core/subject.ts";
import { pods, type PodShape } from "../fixtures/pod_generator.ts";
import { findingsFor } from "../direct.ts";

const OFTEN = 50;
const RUNS: readonly (PodShape & { numRuns: number })[] = [
  { kind: "Pod", numRuns: 1000 },
  { kind: "Deployment", numRuns: 250 },
  { kind: "CronJob", numRuns: 250 },
];

const policies = new Map(Object.entries(shippedPolicies).map(([name, factory]) => [name, factory(kit)]));
const pairs = [...policies.values()].flatMap((policy) =>
  (policy.metadata.supersedes ?? []).map((fact) => ({ policy, fact }))
);

Deno.test("policies supersede policies and rules that exist", () => {
  assert.ok(pairs.length > 0);
  for (const { policy, fact } of pairs) {
    const [name, rule] = fact.split("/");
    assert.ok(policies.has(name), `${policy.name} supersedes ${fact}, which is not shipped`);
    if (rule) assert.ok(policies.get(name)!.rules.includes(rule), `${fact} is no rule`);
  }
});

for (const { policy, fact } of pairs) {
  Deno.test(`${policy.name} reports whenever ${fact} does`, () => {
    let reported = 0;
    for (const { numRuns, ...shape } of RUNS) {
      fc.assert(
        fc.property(pods(shape), (object) => {
          const superseded = findingsOf(fact, object);
          if (superseded.length > 0) reported++;
          const superseding = findingsOf(policy.name, object);
          for (const finding of superseded) assertSpoken(finding, { superseding, sameField: hasSeveralRules(policy) });
        }),
        { numRuns, seed: 20241122 },
      );
    }
    assert.ok(reported >= OFTEN, `${fact} reported on ${reported} of the generated pods only`);
  });
}

/** What is said of a container must be said of that container or of the whole pod. */
function assertSpoken({ container, path }: Finding, { superseding, sameField }: Superseding): void {
  const spoken = superseding.some((finding) =>
    (container === undefined || finding.container === undefined || finding.container === container) &&
    (!sameField || finding.path === path)
  );
  assert.ok(spoken, `nothing is said of ${container ?? "the pod"} at ${path}: ${JSON.stringify(superseding)}`);
}

interface Superseding {
  readonly superseding: readonly Finding[];
  /** A policy that reports several facts must speak of the same one. */
  readonly sameField: boolean;
}

function hasSeveralRules({ rules }: Policy): boolean {
  return rules.filter((rule) => !rule.startsWith("set_")).length > 1;
}

/** What a policy, or one `policy/rule`, finds with its default options. */
function findingsOf(fact: string, object: Fields): readonly Finding[] {
  const [name, rule] = fact.split("/");
  const policy: Policy = policies.get(name)!;
  const options = policy.options && v.parse(policy.options, undefined);
  const findings = findingsFor(policy, subjectOf(requestFor(object)), options);
  return rule ? findings.filter((finding) => finding.rule === rule) : findings;
}

function requestFor(object: Fields) {
  const [version, group = ""] = String(object.apiVersion).split("/").reverse();
  const kind = String(object.kind);
  return {
    uid: "00000000-0000-4000-8000-000000000000",
    kind: { group, version, kind },
    resource: { group, version, resource: `${kind.toLowerCase()}s` },
    namespace: "payments",
    operation: "CREATE" as const,
    object,
  };
}
