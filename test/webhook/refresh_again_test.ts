import assert from "node:assert/strict";
import { type Refresh, refreshBundles } from "../../src/webhook/refresh.ts";

Deno.test("a set that could not be built is tried again, though its bundle changes no more", async () => {
  const stop = new AbortController();
  const config = { policies: [{ use: "https://a.example/b.tar.gz" }], serve: { refreshSeconds: 0.001 } };
  const reloads: unknown[] = [];
  let asked = 0;
  await refreshBundles({
    current: { set: { loaded: { config } } },
    bundles: {
      changed() {
        if (asked > 20) stop.abort();
        return Promise.resolve(asked++ === 0 ? ["b"] : []);
      },
    },
    reloader: { reload: (reason: unknown) => Promise.resolve({ success: reloads.push(reason) === 3 }) },
    signal: stop.signal,
  } as unknown as Refresh);
  assert.deepEqual(reloads, Array(3).fill({ bundles: ["b"] }));
});
