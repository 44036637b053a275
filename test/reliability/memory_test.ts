import assert from "node:assert/strict";
import { policyModule, withPool } from "../evaluators/pool_fixture.ts";
import { until } from "../process_fixture.ts";
import { goodPod, requestOf } from "../request_fixture.ts";

const CONFIG = `environment: prod
policies: [{ use: host_network }, { use: ./keeps.ts }]
stages: { prod: { default: { validate: deny } } }
`;
/** Keeps a MiB a review outside of the heap, which V8's own limit does not see. */
const KEEPS = `const kept = [];\n${policyModule("keeps", "kept.push(new Uint8Array(2 ** 20).fill(1));")}`;

Deno.test("an evaluator that grows above its memory is replaced between two reviews, and none is lost", () =>
  withPool({ "kp.yaml": CONFIG, "keeps.ts": KEEPS }, async ({ ask, told, pool }) => {
    const isRecycled = () => told.some(({ event }) => event === "evaluator_recycled");
    let asked = 0;
    await until(async () => {
      const answers = await Promise.all(
        Array.from(
          { length: 8 },
          (_, i) => ask(requestOf(goodPod({ hostNetwork: i % 2 === 0 }), { uid: `u${asked++}` })),
        ),
      );
      for (const [i, { response }] of answers.entries()) assert.equal(response.allowed, i % 2 === 1);
      return isRecycled();
    }, "recycled");
    const { fields } = told.find(({ event }) => event === "evaluator_recycled")!;
    assert.ok(Number(fields.resident_mib) > 128, JSON.stringify(fields));
    assert.deepEqual(told.filter(({ event }) => event !== "evaluator_recycled"), []);
    assert.equal(pool.quarantined.size, 0);
  }, { memory: 128 }));
