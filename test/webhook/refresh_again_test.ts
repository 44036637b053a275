import assert from "node:assert/strict";
import type { Bundles } from "../../src/bundles.ts";
import type { Loaded } from "../../src/load.ts";
import { createMetrics } from "../../src/webhook/metrics.ts";
import { CurrentSet, type PolicySet } from "../../src/webhook/policy_sets.ts";
import { refreshBundles } from "../../src/webhook/refresh.ts";
import { Reloader } from "../../src/webhook/reload.ts";

Deno.test("a set that could not be built is tried again, though its bundle changes no more", async () => {
  const stop = new AbortController();
  const config = { policies: [{ use: "https://a.example/b.tar.gz" }], serve: { refreshSeconds: 0.001 } };
  const loaded = { config, settings: { revision: "1" }, policies: [] } as unknown as Loaded;
  const set = { loaded, close: () => Promise.resolve() } as PolicySet;
  const told: [event: string, bundles: unknown][] = [];
  let [asked, started] = [0, 0];
  const bundles = {
    accept: () => {},
    changed: () => {
      if (asked > 20) stop.abort();
      return Promise.resolve(asked++ === 0 ? ["b"] : []);
    },
  } as unknown as Bundles;
  const log = (event: string, fields: Record<string, unknown> = {}) => void told.push([event, fields.bundles]);
  const metrics = createMetrics();
  const current = new CurrentSet(set);
  const start = () => {
    if (started++ < 2) return Promise.reject(new Error("not yet"));
    stop.abort();
    return Promise.resolve(set);
  };
  const reloader = new Reloader(current, { bundles, log, metrics, start });
  await refreshBundles({ current, reloader, bundles, log, metrics, signal: stop.signal });
  assert.deepEqual(told, [
    ["policies_not_replaced", ["b"]],
    ["policies_not_replaced", ["b"]],
    ["policies_replaced", ["b"]],
  ]);
});
