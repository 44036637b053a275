import { deepStrictEqual as assertEquals, ok } from "node:assert";
import fc from "fast-check";
import { platformPolicies } from "../../policies/platform.ts";
import { shippedPolicies } from "../../policies/mod.ts";
import type { Container, Fields } from "../../src/contract.ts";
import type { Decision } from "../../src/core/decision.ts";
import type { Engine } from "../../src/core/engine.ts";
import { kit } from "../../src/core/kit.ts";
import { review } from "../../src/core/review.ts";
import { subjectOf } from "../../src/core/subject.ts";
import { engineOf, type TestPolicy } from "../engine_fixture.ts";
import { pods } from "../fixtures/pod_generator.ts";
import { requestOf } from "../request_fixture.ts";

const RUNS = { seed: 20260, numRuns: 1000 };
const OFTEN = 50;

const OPTIONS: Record<string, unknown> = { image_registry: { allowed: ["registry.example.com"] } };
const policies: TestPolicy[] = platformPolicies.map((name) => ({
  policy: shippedPolicies[name],
  options: OPTIONS[name],
}));
const engine = engineOf({ policies });

/** Which validating rule each mutating one serves. */
const SERVES: Record<string, string> = {
  set_no_privilege_escalation: "ensure_no_privilege_escalation",
  set_run_as_non_root: "ensure_no_run_as_root",
  set_readonly_root_fs: "ensure_readonly_root_fs",
  set_dropped_capabilities: "ensure_dropped_capabilities",
};

function mutate(object: Fields, using: Engine = engine): Decision {
  const decision = review(requestOf(object), "mutating", using);
  assertEquals(decision.failures, []);
  return decision;
}

function validate(object: Fields): Decision {
  const decision = review(requestOf(object), "validating", engine);
  assertEquals(decision.failures, []);
  return decision;
}

/** Runs a property over generated pods, and counts what `seen` names in each. */
function overPods(property: (pod: Fields) => Iterable<string>): Map<string, number> {
  const seen = new Map<string, number>();
  fc.assert(
    fc.property(pods(), (pod) => {
      for (const name of new Set(property(pod))) seen.set(name, (seen.get(name) ?? 0) + 1);
    }),
    RUNS,
  );
  return seen;
}

function assertOften(seen: ReadonlyMap<string, number>, names: readonly string[]): void {
  for (const name of names) ok((seen.get(name) ?? 0) >= OFTEN, `${name} in ${seen.get(name) ?? 0} pods only`);
}

Deno.test("every mutating rule of the platform serves a validating one", () => {
  const rules = platformPolicies.flatMap((name) => shippedPolicies[name](kit).rules);
  assertEquals(Object.keys(SERVES).sort(), rules.filter((rule) => rule.startsWith("set_")).sort());
  for (const served of Object.values(SERVES)) ok(rules.includes(served));
});

Deno.test("mutating twice gives an empty second patch; every rule and every mutation is met often", () => {
  const seen = overPods((pod) => {
    const { patch, patched, patches } = mutate(pod);
    const again = mutate(patched ?? pod);
    assertEquals([again.patch, again.patches], [[], []]);
    assertEquals(patched === null, patch.length === 0);
    return [...patches, ...validate(pod).violations].map(({ rule }) => rule);
  });
  assertOften(seen, platformPolicies.flatMap((name) => shippedPolicies[name](kit).rules));
});

Deno.test("the order of rules does not change what a pod becomes", () => {
  const order = fc.shuffledSubarray(policies, { minLength: policies.length });
  let patchedPods = 0;
  fc.assert(
    fc.property(pods(), order, (pod, shuffled) => {
      const { patched } = mutate(pod);
      if (patched) patchedPods++;
      assertEquals(mutate(pod, engineOf({ policies: shuffled })).patched, patched);
    }),
    RUNS,
  );
  ok(patchedPods >= OFTEN);
});

Deno.test("a patched pod passes the rules that the mutations serve", () => {
  const seen = overPods((pod) => {
    const { patched, patches } = mutate(pod);
    if (!patched) return [];
    const left = validate(patched).violations.filter(({ rule }) => Object.values(SERVES).includes(rule));
    for (const { rule, container } of left) {
      assertBeyondRepair(patched, { rule, container });
      const tried = patches.some((patch) =>
        SERVES[patch.rule] === rule && patch.container === container && container !== undefined
      );
      ok(!tried, `${rule} was patched in vain on ${container}`);
    }
    return patches.map(({ rule }) => SERVES[rule]);
  });
  assertOften(seen, Object.values(SERVES));
});

/** What no patch may repair: an author's explicit user 0, and what the API server refuses beside privileged. */
function assertBeyondRepair(pod: Fields, { rule, container }: { rule: string; container: string | undefined }): void {
  const { securityContext, containers } = subjectOf(requestOf(pod)).pod!;
  const judged = containers.find(({ name }) => name === container);
  const user = judged?.securityContext.runAsUser ?? securityContext.runAsUser;
  const reasons: Record<string, boolean> = {
    ensure_no_run_as_root: user === 0,
    ensure_no_privilege_escalation: judged !== undefined && isPrivileged(judged),
  };
  ok(reasons[rule], `${rule} is left on ${container ?? "the pod"}: ${JSON.stringify(pod.spec)}`);
}

function isPrivileged({ securityContext }: Container): boolean {
  const { add } = (securityContext.capabilities ?? {}) as { add?: string[] };
  return securityContext.privileged === true || Boolean(add?.some((name) => /^(CAP_)?SYS_ADMIN$/.test(name)));
}

Deno.test("a patched pod breaks no rule that the pod as it was sent kept", () => {
  overPods((pod) => {
    const textsOf = ({ violations }: Decision) => violations.map(({ rule, message }) => `${rule}: ${message}`);
    const before = new Set(textsOf(validate(pod)));
    for (const text of textsOf(validate(mutate(pod).patched ?? pod))) ok(before.has(text), text);
    return [];
  });
});

Deno.test("patches of excused containers are dropped, and only those", () => {
  const excused = "app";
  const exceptions = Object.keys(shippedPolicies).map((name) => `${name}/payments/${excused}`);
  const using = engineOf({ policies, exceptions });
  const seen = overPods((pod) => {
    const object = { ...pod, metadata: { ...pod.metadata as Fields, namespace: "payments" } };
    const { patches, patched } = mutate(object, using);
    const containersOf = (value: Fields) => subjectOf(requestOf(value)).pod!.containers;
    const [before, after] = [containersOf(object), containersOf(patched ?? object)];
    const find = (containers: readonly Container[]) => containers.find(({ name }) => name === excused)?.fields;
    assertEquals(find(after), find(before));
    for (const { container, outcome } of patches) {
      if (container !== undefined) assertEquals(outcome === "excused", container === excused);
    }
    return patches.map(({ outcome }) => outcome);
  });
  assertOften(seen, ["excused", "patched"]);
});
