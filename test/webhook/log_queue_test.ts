import assert from "node:assert/strict";
import { Registry } from "prom-client";
import { LogQueue } from "../../src/webhook/log_queue.ts";

const MIB = 1024 * 1024;

async function lost(registry: Registry): Promise<number> {
  return Number(/^kube_policies_log_lines_lost_total (\d+)$/m.exec(await registry.metrics())![1]);
}

Deno.test("lines are written in their order, one write at a time", async () => {
  const writes: string[] = [];
  const gate = Promise.withResolvers<void>();
  const registry = new Registry();
  const queue = new LogQueue((text) => {
    writes.push(text);
    return gate.promise;
  }, registry);
  for (const line of ["a\n", "b\n", "c\n"]) queue.add(line);
  assert.deepEqual(writes, ["a\n"], "the first at once");
  gate.resolve();
  await queue.flush(10_000);
  assert.deepEqual(writes, ["a\n", "b\nc\n"]);
  assert.equal(await lost(registry), 0);
});

Deno.test("a reader that is stuck costs a bounded memory: what is above is lost, and counted", async () => {
  let written = "";
  const gate = Promise.withResolvers<void>();
  const registry = new Registry();
  const queue = new LogQueue(async (text) => {
    await gate.promise;
    written += text;
  }, registry);
  const line = `${"x".repeat(1023)}\n`;
  for (let i = 0; i < 5000; i++) queue.add(line);
  await queue.flush(10);
  assert.equal(written, "", "the time is over before anything could be written");
  gate.resolve();
  await queue.flush(10_000);
  assert.equal(written.length, MIB + line.length);
  assert.equal(await lost(registry), 5000 - 1 - MIB / line.length);
});

Deno.test("lines that cannot be written are lost and counted, and the next are tried", async () => {
  let [isBroken, written] = [true, ""];
  const registry = new Registry();
  const queue = new LogQueue((text) => {
    if (isBroken) return Promise.reject(new Deno.errors.BrokenPipe());
    written += text;
    return Promise.resolve();
  }, registry);
  for (const line of ["a\n", "b\n", "c\n"]) queue.add(line);
  await queue.flush(10_000);
  assert.equal(await lost(registry), 3);
  isBroken = false;
  queue.add("d\n");
  await queue.flush(10_000);
  assert.equal(written, "d\n");
});
