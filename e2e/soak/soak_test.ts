import assert from "node:assert/strict";
import { soak } from "./soak.ts";

Deno.test({
  name: "20 s with reloads leave no wrong answer, no file open and no process behind",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const { samples, asked, reloads, wrong } = await soak(20);
    assert.deepEqual(wrong, []);
    assert.ok(asked > 700 && reloads === 2, `${asked} asked, ${reloads} reloads`);
    const [early, last] = [samples[4], samples.at(-1)!];
    assert.ok(last.files <= early.files + 10, `${early.files} files, then ${last.files}`);
    assert.ok(last.frontMiB < 300 && last.evaluatorsMiB < 256, JSON.stringify(last));
    assert.ok(last.processes <= 6, `${last.processes} processes`);
  },
});
