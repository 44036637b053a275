import assert from "node:assert/strict";
import { assertReview } from "../answer_assertions.ts";
import { serveProcess } from "../process_fixture.ts";
import { goodPod, requestOf, reviewOf } from "../request_fixture.ts";
import { post, SERVE_CONFIG, type Serving } from "../serve_fixture.ts";

const request = requestOf(goodPod());
const BODY = JSON.stringify(reviewOf(request));

/** Milliseconds that each `/healthz` took, asked one after another until `ended`. */
async function healthTimes({ operators }: Serving, ended: Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  let isOver = false;
  ended.finally(() => isOver = true);
  while (!isOver) {
    const started = performance.now();
    assert.equal(await (await fetch(`${operators}/healthz`)).text(), "ok\n");
    times.push(performance.now() - started);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return times;
}

async function metric({ operators }: Serving, name: string): Promise<number> {
  const text = await (await fetch(`${operators}/metrics`)).text();
  return Number(text.split("\n").find((line) => line.startsWith(`${name} `))!.slice(name.length + 1));
}

Deno.test("A02: in a flood of 1,200 connections health is answered within 500 ms, and 5 s later all is as before", async () => {
  await using server = await serveProcess(["--insecure-http", "--config", SERVE_CONFIG]);
  const deno = [Deno.execPath(), "run", "--quiet", "--allow-all", "--cached-only"];
  const args = ["-n", "10", ...deno, new URL("flood.ts", import.meta.url).pathname, server.webhook, "1200", "4"];
  const flood = new Deno.Command("nice", { args }).output(); // attackers do not share the server's cores
  const times = await healthTimes(server, flood);
  const { code, stdout } = await flood;
  assert.equal(code, 0);
  const counts = JSON.parse(new TextDecoder().decode(stdout));
  assert.ok(counts[200] > 0 && counts[503] > 0 && counts.closed > 0, JSON.stringify(counts));
  assert.deepEqual(Object.keys(counts).filter((status) => !["200", "429", "503", "closed"].includes(status)), []);
  assert.ok(Math.max(...times) < 500, `${Math.max(...times)} ms`);

  const answered = await post(server, BODY, { signal: AbortSignal.timeout(5000) });
  assertReview(answered, { apiVersion: "admission.k8s.io/v1", request, endpoint: "validating" });
  assert.equal(await metric(server, "kube_policies_requests_in_flight"), 0);
  assert.equal(await metric(server, "kube_policies_buffered_bytes"), 0);
  const told = server.log().filter(({ event }) => event === "requests_shed");
  assert.ok(told.length > 0 && told.length < 100, `${told.length} lines`);
  assert.equal(await server.stop(), 0);
});
