import assert from "node:assert/strict";
import { policyModule, withPool } from "../evaluators/pool_fixture.ts";
import { annotated } from "../plugins/rego/bundle_engine.ts";
import { requestOf } from "../request_fixture.ts";

const BUNDLE = new URL("../fixtures/rego/forms/config_staged.tar.gz", import.meta.url).pathname;
const CONFIG = `environment: prod
policies: [{ use: ${BUNDLE} }, { use: ./names.ts }]
stages: { prod: { echo: deny, other: deny, names: deny } }
`;
const NAMES = policyModule("names", `return [{ rule: "deny_it", message: "it is " + object.metadata.name }];`);

/** What the bundle breaks down at: opa_abort, a Wasm trap, memory that cannot be had. */
const BREAKING = [{ conflict: "yes" }, { violations: "[".repeat(500_000) }, { hungry: "yes" }];

Deno.test("F04: of 1,000 interleaved reviews each gets its own verdict, by Wasm and by TypeScript, between others that trap", () =>
  withPool({ "kp.yaml": CONFIG, "names.ts": NAMES }, async ({ ask, told }) => {
    const breaking = (i: number) => i % 50 === 49 ? BREAKING[Math.floor(i / 50) % BREAKING.length] : null;
    await Promise.all(Array.from({ length: 1000 }, async (_, i) => {
      const uid = crypto.randomUUID();
      const pod = annotated(breaking(i) ?? { uid: "yes" });
      const named = { ...pod, metadata: { ...pod.metadata as object, name: `pod-${i}` } };
      const { response, summary } = await ask(requestOf(named, { uid, name: `pod-${i}` }), { timeoutMs: 30_000 });
      const denied = [`deny_it: it is pod-${i}`, ...breaking(i) ? [] : [`deny_uid: ${uid}`]].toSorted();
      assert.equal(response.uid, uid);
      assert.deepEqual([response.allowed, response.auditAnnotations.denied], [false, denied.join(", ")]);
      assert.equal(summary.failures.length, breaking(i) ? 1 : 0);
    }));
    assert.deepEqual(told.filter(({ event }) => event === "policy_quarantined"), []);
  }));
