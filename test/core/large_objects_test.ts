import { deepStrictEqual as assertEquals, ok } from "node:assert";
import { platformPolicies } from "../../policies/platform.ts";
import { podSecurityPolicies } from "../../policies/pod_security.ts";
import { shippedPolicies } from "../../policies/mod.ts";
import type { AdmissionRequest, Fields } from "../../src/contract.ts";
import { answer } from "../../src/core/answer.ts";
import type { Endpoint } from "../../src/core/decision.ts";
import { review } from "../../src/core/review.ts";
import { engineOf } from "../engine_fixture.ts";
import { goodPod, requestOf } from "../request_fixture.ts";
import { policyOf } from "./policy_fixture.ts";

const names = [...platformPolicies, ...podSecurityPolicies({ level: "baseline", version: "latest" })]
  .filter((name) => name !== "image_registry");
const engine = engineOf({ policies: names.map((name) => ({ policy: shippedPolicies[name] })) });

const many = (count: number, at: (index: number) => Fields) => Array.from({ length: count }, (_, i) => at(i));

/** Quadratic time took from 6 to 23 seconds for each of these. */
const LONGEST = 5000;

function timed(request: AdmissionRequest, endpoint: Endpoint): number {
  const started = performance.now();
  const { failures } = ((decision) => (answer(decision, "admission.k8s.io/v1"), decision))(
    review(request, endpoint, engine),
  );
  assertEquals(failures, []);
  return performance.now() - started;
}

const containers = (count: number) => many(count, (i) => ({ name: `c${i}`, image: "a" }));
const annotations = (count: number) =>
  Object.fromEntries(
    many(count, (i) => ({ i })).map(({ i }) => [
      `container.apparmor.security.beta.kubernetes.io/c${i}`,
      "unconfined",
    ]),
  );

const large: [string, AdmissionRequest, Endpoint][] = [
  ["a pod of 16,000 containers to patch", requestOf(goodPod({ containers: containers(16_000) })), "mutating"],
  ["a pod of 8,000 containers to deny", requestOf(goodPod({ containers: containers(8000) })), "validating"],
  [
    "8,000 new ephemeral containers",
    requestOf(goodPod({ ephemeralContainers: containers(8000) }), {
      operation: "UPDATE",
      subResource: "ephemeralcontainers",
      oldObject: goodPod(),
    }),
    "mutating",
  ],
  [
    "an update of 8,000 AppArmor annotations",
    requestOf(goodPod({ containers: containers(8000) }, { annotations: annotations(8000) }), {
      operation: "UPDATE",
      oldObject: goodPod({ containers: containers(8000) }, { annotations: annotations(8000) }),
    }),
    "validating",
  ],
];

for (const [name, request, endpoint] of large) {
  Deno.test(`review() and answer() take time in proportion to the object: ${name}`, () => {
    const milliseconds = timed(request, endpoint);
    ok(milliseconds < LONGEST, `${milliseconds} ms`);
  });
}

Deno.test("review() takes more operations than fit the arguments of a call", () => {
  const operations = many(200_000, (i) => ({ op: "add", path: `/metadata/labels/l${i}`, value: "1" }));
  const policy = policyOf("many", { mutate: () => [{ rule: "set_many", operations: operations as never }] });
  const { patch, failures } = review(requestOf(goodPod()), "mutating", engineOf({ policies: [{ policy }] }));
  assertEquals([patch.length, failures], [200_001, []]);
});
