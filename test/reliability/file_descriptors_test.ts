import assert from "node:assert/strict";
import { assertReview } from "../answer_assertions.ts";
import { serveProcess, until } from "../process_fixture.ts";
import { goodPod, requestOf, reviewOf } from "../request_fixture.ts";
import { post, SERVE_CONFIG } from "../serve_fixture.ts";

const request = requestOf(goodPod());
const BODY = JSON.stringify(reviewOf(request));

/** Of all its threads, in ticks of 10 ms: the 14th and 15th value of `/proc/<pid>/stat`. */
function cpuTicks(pid: number): number {
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  const [utime, stime] = stat.slice(stat.lastIndexOf(")") + 2).split(" ").slice(11, 13);
  return Number(utime) + Number(stime);
}

async function limitFiles(pid: number, most: number): Promise<void> {
  const { success } = await new Deno.Command("prlimit", { args: ["--pid", `${pid}`, `--nofile=${most}:${most}`] })
    .output();
  assert.ok(success);
}

Deno.test("F16: without file descriptors nothing ends or spins, and with them connections are accepted again", async () => {
  await using server = await serveProcess([
    "--insecure-http",
    "--evaluators",
    "0",
    "--trust-policies",
    "--config",
    SERVE_CONFIG,
  ]);
  const { pid } = server;
  await limitFiles(pid, [...Deno.readDirSync(`/proc/${pid}/fd`)].length + 20);
  const connections: Deno.Conn[] = [];
  for (const origin of [server.webhook, server.operators]) {
    const { hostname, port } = new URL(origin);
    for (let count = 0; count < 60; count++) connections.push(await Deno.connect({ hostname, port: Number(port) }));
  }
  await new Promise((resolve) => setTimeout(resolve, 500)); // whatever the connections cost is spent
  const before = cpuTicks(pid);
  await new Promise((resolve) => setTimeout(resolve, 3000));
  assert.ok(cpuTicks(pid) - before < 100, `${cpuTicks(pid) - before} ticks in 3 s`);

  connections.forEach((connection) => connection.close());
  await until(async () => {
    const answered = await post(server, BODY, { signal: AbortSignal.timeout(1000) }).catch(() => null);
    if (answered) assertReview(answered, { apiVersion: "admission.k8s.io/v1", request, endpoint: "validating" });
    return answered !== null;
  }, "a review is answered");
  await until(async () => {
    const health = await fetch(`${server.operators}/healthz`, { signal: AbortSignal.timeout(1000) }).catch(() => null);
    await health?.body?.cancel();
    return health?.ok === true;
  }, "health is answered");
  assert.equal(await server.stop(), 0);
});
