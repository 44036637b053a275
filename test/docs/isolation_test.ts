import assert from "node:assert/strict";
import { Registry } from "prom-client";
import type { PoolEvent } from "../../src/evaluators/pool.ts";
import { DEFAULT_CONFIG } from "../../src/config/config.ts";
import { evaluatorEvents, showQuarantined } from "../../src/webhook/evaluator_metrics.ts";
import type { CurrentSet } from "../../src/webhook/policy_sets.ts";
import { codeIn, readPage, rowsOf } from "./markdown.ts";

const page = await readPage("isolation.md");

function watched() {
  const registry = new Registry();
  const logged: string[] = [];
  const tell = evaluatorEvents(registry, (event) => logged.push(event));
  showQuarantined(registry, { set: { quarantined: new Map() } } as unknown as CurrentSet);
  return { registry, logged, tell };
}

Deno.test("docs/isolation.md lists every metric of evaluators, with its type and labels", () => {
  const existing = watched().registry.getMetricsAsArray() as unknown as { name: string; labelNames: string[] }[];
  assert.deepEqual(
    rowsOf(page, "Metric of evaluators").map(([name, type, labels]) => [codeIn(name)[0], type, codeIn(labels)]),
    existing.map((metric) => [metric.name, metric.constructor.name.toLowerCase(), metric.labelNames]),
  );
});

Deno.test("docs/isolation.md lists events that are counted and logged", async () => {
  const { registry, logged, tell } = watched();
  const events = rowsOf(page, "Event of evaluators").map(([event]) => codeIn(event)[0]);
  for (const event of events) tell(event as PoolEvent, {});
  assert.deepEqual(logged, events);
  const counted = (await registry.metrics()).match(/^kube_policies_\w+ 1$/gm);
  assert.equal(counted?.length, events.length);
});

Deno.test("docs/isolation.md shows the defaults", () => {
  const { evaluators } = DEFAULT_CONFIG.serve;
  const { memory, quarantineAfter, windowSeconds } = evaluators;
  assert.ok(page.includes(`memory: ${memory}, quarantineAfter: ${quarantineAfter}, windowSeconds: ${windowSeconds} }`));
});
