import assert from "node:assert/strict";
import { evaluate } from "../../src/evaluators/evaluation.ts";
import { createMetrics } from "../../src/webhook/metrics.ts";
import { platformPolicies } from "../../policies/platform.ts";
import { shippedPolicies } from "../../policies/mod.ts";
import { engineOf } from "../engine_fixture.ts";
import { goodPod, requestOf, reviewOf } from "../request_fixture.ts";

const engine = engineOf({
  policies: platformPolicies.filter((name) => name !== "image_registry").map((name) => ({
    policy: shippedPolicies[name],
  })),
});
const encoder = new TextEncoder();

/** A request that nobody has made before. */
function reviewOfNumber(i: number): Uint8Array {
  const kind = { group: i % 3 === 0 ? `g${i}.example` : "", version: "v1", kind: i % 3 === 0 ? `Kind${i}` : "Pod" };
  const [name, namespace] = [`name-${i}`, `namespace-${i}`];
  return encoder.encode(JSON.stringify(reviewOf(requestOf(
    goodPod({ hostNetwork: i % 2 === 0 }, { name, namespace, labels: { [`key-${i}`]: `value-${i}` } }),
    { uid: crypto.randomUUID(), kind, name, namespace, userInfo: { username: `user-${i}`, groups: [`group-${i}`] } },
  ))));
}

Deno.test("A11: 100,000 names, kinds, namespaces and users leave as many series as 1,000", async () => {
  const metrics = createMetrics();
  const seriesAfter = async (from: number, to: number) => {
    for (let i = from; i < to; i++) {
      for (const endpoint of ["validating", "mutating"] as const) {
        const evaluation = evaluate(reviewOfNumber(i), endpoint, engine);
        assert.ok(evaluation.success);
        metrics.record(evaluation.summary, 0.001);
      }
    }
    return (await metrics.registry.metrics()).replaceAll(/ \S+$/gm, "");
  };
  const few = await seriesAfter(0, 1_000);
  assert.equal(await seriesAfter(1_000, 100_000), few);
});
