import assert from "node:assert/strict";
import { policyModule } from "../evaluators/pool_fixture.ts";
import { goodPod, requestOf, reviewOf } from "../request_fixture.ts";
import { withFiles } from "../run_fixture.ts";
import { post, serve } from "../serve_fixture.ts";

const CONFIG = `environment: prod
policies: [{ use: host_network }, { use: ./endless.ts }]
stages: { prod: { default: { validate: deny } } }
`;
const ENDLESS = policyModule("endless", `if (object.metadata.name === "endless") for (;;) {}`);
const DAY = 24 * 3600 * 1000;

/** The wall clock of this process, a day ahead or behind of itself, changing with every look. */
function jumpingClock(): Disposable {
  const real = Date.now;
  let looks = 0;
  Date.now = () => real() + (++looks % 2 === 0 ? DAY : -DAY);
  return { [Symbol.dispose]: () => void (Date.now = real) };
}

Deno.test({
  name: "F14: while the wall clock jumps by days, deadlines are kept, and no duration is negative",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: () =>
    withFiles({ "kp.yaml": CONFIG, "endless.ts": ENDLESS }, async (folder) => {
      using _clock = jumpingClock();
      const server = await serve(["--insecure-http", "--evaluators", "1", "--config", `${folder}/kp.yaml`]);
      const ask = async (name: string) => {
        const started = performance.now();
        const body = JSON.stringify(reviewOf(requestOf(goodPod({}, { name }), { name })));
        const { response } = JSON.parse((await post(server, body, { path: "/validate?timeout=2s" })).body);
        return { response, ms: performance.now() - started };
      };
      for (const name of ["a", "endless", "b"]) {
        const { response, ms } = await ask(name);
        assert.equal(response.allowed, name !== "endless", name);
        assert.ok(name === "endless" ? ms > 500 && ms < 2000 : ms < 500, `${name}: ${ms} ms`);
      }
      const text = await (await fetch(`${server.operators}/metrics`)).text();
      const values = [...text.matchAll(/^kube_policies_request_duration_seconds\S* (\S+)$/gm)].map(([, value]) =>
        Number(value)
      );
      assert.ok(values.length > 10 && values.every((value) => value >= 0), values.join());
      assert.ok(Number(/duration_seconds_sum\S* (\S+)/.exec(text)![1]) < 5);
      assert.equal(await server.stop(), 0);
    }),
});
