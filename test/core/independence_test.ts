import assert from "node:assert/strict";
import fc from "fast-check";
import { platformPolicies } from "../../policies/platform.ts";
import { shippedPolicies } from "../../policies/mod.ts";
import type { AdmissionRequest, Fields } from "../../src/contract.ts";
import { answer } from "../../src/core/answer.ts";
import { isFields } from "../../src/core/malformed.ts";
import { review } from "../../src/core/review.ts";
import { engineOf, type TestPolicy } from "../engine_fixture.ts";
import { pods } from "../fixtures/pod_generator.ts";
import { requestOf } from "../request_fixture.ts";

const RUNS = { seed: 20265, numRuns: 300 };
const ENDPOINTS = ["validating", "mutating"] as const;

const policies: TestPolicy[] = platformPolicies.map((name) => ({
  policy: shippedPolicies[name],
  options: name === "image_registry" ? { allowed: ["registry.example.com"] } : undefined,
}));

function answerOf(request: AdmissionRequest, endpoint: typeof ENDPOINTS[number], using = policies) {
  return answer(review(request, endpoint, engineOf({ policies: using })), "admission.k8s.io/v1").response;
}

/** Without the paths, which say where in the list a container stands. */
function verdictOf(request: AdmissionRequest, using = policies) {
  const { allowed, auditAnnotations, warnings } = answerOf(request, "validating", using);
  return { allowed, auditAnnotations, warnings: warnings?.toSorted() };
}

/** The same value with every map's keys the other way round. */
function reversedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversedKeys);
  if (!isFields(value)) return value;
  return Object.fromEntries(Object.entries(value).toReversed().map(([key, inner]) => [key, reversedKeys(inner)]));
}

/** A pod whose lists of containers are the other way round. */
function reversedContainers(pod: Fields): Fields {
  const spec = Object.entries(pod.spec as Fields).map(([key, value]) =>
    [key, key.endsWith("ontainers") && Array.isArray(value) ? value.toReversed() : value] as const
  );
  return { ...pod, spec: Object.fromEntries(spec) };
}

const copyOf = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value));

function overPods(holds: (pod: Fields) => void): void {
  fc.assert(fc.property(pods(), (pod) => holds(copyOf(pod))), RUNS);
}

Deno.test("B16: a verdict does not depend on the order of keys", () =>
  overPods((pod) => {
    const other = reversedKeys(copyOf(pod)) as Fields;
    for (const endpoint of ENDPOINTS) {
      assert.deepEqual(answerOf(requestOf(other), endpoint), answerOf(requestOf(pod), endpoint));
    }
  }));

Deno.test("B16: a verdict does not depend on the order of containers", () =>
  overPods((pod) => {
    const other = reversedContainers(copyOf(pod));
    assert.deepEqual(verdictOf(requestOf(other)), verdictOf(requestOf(pod)));
  }));

Deno.test("B16: a verdict does not depend on the order of policies", () =>
  overPods((pod) => {
    const [{ status, ...one }, { status: other, ...two }] = [policies, policies.toReversed()].map((using) =>
      answerOf(requestOf(copyOf(pod)), "validating", using)
    );
    assert.deepEqual({ ...two, warnings: two.warnings?.toSorted() }, { ...one, warnings: one.warnings?.toSorted() });
    assert.equal(other?.message?.length, status?.message?.length);
  }));

Deno.test("B14: a dry run is answered as the request itself", () =>
  overPods((pod) => {
    for (const endpoint of ENDPOINTS) {
      const [real, dry] = [false, true].map((dryRun) => answerOf(requestOf(copyOf(pod), { dryRun }), endpoint));
      assert.deepEqual(dry, real);
    }
  }));

for (const stage of ["monitor", "warn"] as const) {
  Deno.test(`B14: at stage ${stage} no pod is refused, and warnings stay within their limits`, () =>
    overPods((pod) => {
      const using = policies.map((each) => ({ ...each, stage: { validate: stage } }));
      const { allowed, warnings = [] } = answerOf(requestOf(pod), "validating", using);
      assert.equal(allowed, true);
      assert.ok(stage === "warn" || warnings.length === 0);
      assert.ok(warnings.length <= 17 && warnings.every((text) => [...text].length <= 256 && !/\p{Cc}/u.test(text)));
    }));
}

Deno.test("B15: pods of nodes, mirror pods and pods of kube-system are judged as any others", () => {
  const metadata = { annotations: { "kubernetes.io/config.mirror": "abc", "kubernetes.io/config.source": "file" } };
  const node = { username: "system:node:n1", groups: ["system:nodes", "system:authenticated"] };
  overPods((pod) => {
    const plain = verdictOf(requestOf(copyOf(pod)));
    const mirrored = { ...copyOf(pod), metadata: { ...pod.metadata as Fields, ...metadata } };
    for (const userInfo of [node, { username: "alice", groups: [] }]) {
      assert.deepEqual(verdictOf(requestOf(copyOf(mirrored), { userInfo })), plain);
    }
    const system = verdictOf(requestOf(copyOf(pod), { namespace: "kube-system" }));
    assert.equal(system.allowed, plain.allowed);
  });
});
