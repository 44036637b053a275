import assert from "node:assert/strict";
import { Registry } from "prom-client";
import { DEFAULT_CONFIG } from "../../src/config/config.ts";
import { ANSWER_MS, HANDSHAKE_MS, HTTP_LIMITS, LARGEST_BODY } from "../../src/webhook/limits.ts";
import { Load } from "../../src/webhook/load.ts";
import { codeIn, readPage, rowsOf } from "./markdown.ts";

const page = await readPage("serve.md");
const rows = rowsOf(page, "Limit");

Deno.test("docs/serve.md lists every configured limit, with its default", () => {
  const { limits } = DEFAULT_CONFIG.serve;
  const described = rows.filter(([limit]) => limit.includes("serve.limits"));
  assert.deepEqual(
    Object.fromEntries(described.map(([limit, value]) => [codeIn(limit)[0], parseInt(value)])),
    Object.fromEntries(Object.entries(limits).map(([name, value]) => [`serve.limits.${name}`, value])),
  );
});

Deno.test("docs/serve.md lists every fixed limit", () => {
  const { maxHeaderSize, headersTimeout, requestTimeout, keepAliveTimeout } = HTTP_LIMITS;
  const times = [HANDSHAKE_MS, headersTimeout, requestTimeout, ANSWER_MS, keepAliveTimeout, 3000];
  assert.deepEqual(
    rows.filter(([limit]) => !limit.includes("serve.limits")).map(([, value]) => value),
    [`${LARGEST_BODY / 2 ** 20} MiB`, `${maxHeaderSize / 1024} KiB`, ...times.map((time) => `${time / 1000} s`)],
  );
});

Deno.test("docs/serve.md lists every metric of limits, with its type, labels and reasons", async () => {
  const registry = new Registry();
  new Load(DEFAULT_CONFIG.serve.limits, { registry, log: () => {}, known: true });
  const existing = registry.getMetricsAsArray() as unknown as { name: string; labelNames: string[] }[];
  assert.deepEqual(
    rowsOf(page, "Metric of limits").map(([name, type, labels]) => [codeIn(name)[0], type, codeIn(labels)]),
    existing.map((metric) => [metric.name, metric.constructor.name.toLowerCase(), metric.labelNames]),
  );
  const reasons = [...(await registry.metrics()).matchAll(/reason="(\w+)"/g)].map(([, reason]) => reason);
  const described = rows.filter(([limit]) => limit.includes("serve.limits")).flatMap(([, , , word]) => codeIn(word));
  assert.deepEqual(described.toSorted(), reasons.toSorted());
});
