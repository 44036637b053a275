import assert from "node:assert/strict";
import { childrenOf, type ServeProcess, serveProcess, until } from "../../test/process_fixture.ts";
import { goodPod, requestOf, reviewOf } from "../../test/request_fixture.ts";
import { withFiles } from "../../test/run_fixture.ts";
import { post } from "../../test/serve_fixture.ts";
import { ControlGroup, missingControlGroup, type Quota } from "./control_group.ts";

const CONFIG = `environment: prod
policies: [{ use: platform }, { use: pod-security, options: { level: restricted } }]
stages: { prod: { default: { validate: deny, mutate: patch } } }
serve: { limits: { requestsPerSecond: 0 } }
`;

const QUOTAS: Record<string, Quota> = {
  "a tenth of a processor": { cpu: 100 },
  "half a processor and 256 MiB": { cpu: 500, memoryMiB: 256 },
};

async function reviewRightly(server: ServeProcess): Promise<void> {
  await Promise.all(Array.from({ length: 4 }, async (_, i) => {
    const request = requestOf(goodPod({ hostNetwork: i % 2 === 0 }), { uid: crypto.randomUUID() });
    const sent = await post(server, JSON.stringify(reviewOf(request)), { path: "/validate?timeout=30s" });
    const { response } = JSON.parse(sent.body);
    assert.deepEqual([sent.status, response.uid, response.allowed], [200, request.uid, i % 2 === 1]);
    assert.equal("failing-closed" in response.auditAnnotations, false);
  }));
}

async function serveWithin(quota: Quota): Promise<void> {
  await withFiles({ "kp.yaml": CONFIG }, async (folder) => {
    await using group = new ControlGroup(quota);
    await using server = await serveProcess(["--insecure-http", "--evaluators", "1", "--config", `${folder}/kp.yaml`]);
    await until(() => server.evaluators().length === 2, "two evaluators");
    for (const pid of [server.pid, ...childrenOf(server.pid)]) group.add(pid);
    for (const pid of server.evaluators()) Deno.kill(pid, "SIGKILL"); // so that those in use were started within
    for (let round = 0; round < 10; round++) await reviewRightly(server);
    await until(() => server.evaluators().length === 2, "two evaluators again");
  });
}

const missing = await missingControlGroup();
for (const [what, quota] of Object.entries(QUOTAS)) {
  const name = `F17: with ${what} every answer is right, and evaluators come back`;
  Deno.test({
    name: missing === undefined ? name : `${name} (${missing})`,
    ignore: missing !== undefined, // KP_REQUIRE_ALL does not count: nobody can install it
    sanitizeOps: false,
    sanitizeResources: false,
    fn: () => serveWithin(quota),
  });
}
