import assert from "node:assert/strict";
import type { Bundles } from "../../src/bundles.ts";
import type { Loaded } from "../../src/load.ts";
import { type Refresh, refreshBundles } from "../../src/webhook/refresh.ts";

Deno.test("a set that could not be built is tried again, though its bundle changes no more", async () => {
  const stop = new AbortController();
  const config = { policies: [{ use: "https://a.example/b.tar.gz" }], serve: { refreshSeconds: 0.001 } };
  const told: unknown[] = [];
  let [asked, built] = [0, 0];
  await refreshBundles({ config } as unknown as Loaded, {
    bundles: {
      changed: () => {
        if (asked > 20) stop.abort();
        return Promise.resolve(asked++ === 0 ? ["b"] : []);
      },
    } as unknown as Bundles,
    log: (event: string, { bundles }: { bundles: unknown }) => void told.push([event, bundles]),
    metrics: { refuseSet: () => {}, loseBundle: () => {} },
    signal: stop.signal,
    rebuild: () => {
      if (built++ < 2) return Promise.reject(new Error("not yet"));
      stop.abort();
      return Promise.resolve({ engine: { revision: "1" } });
    },
    use: () => {},
  } as unknown as Refresh);
  assert.deepEqual(told.map((line) => (line as string[])[0]), [
    "policies_not_replaced",
    "policies_not_replaced",
    "policies_replaced",
  ]);
  assert.deepEqual((told[2] as unknown[])[1], ["b"]);
});
