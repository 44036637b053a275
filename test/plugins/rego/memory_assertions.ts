import assert from "node:assert/strict";
import type { MemoryUse } from "./memory_use.ts";

/** The young generation of the JavaScript heap grows by 16 MB where there is much to collect, once. */
const BOUND = 32 * 1024 * 1024;

/** That evaluations leave the memory of their instance as it was, and that of the process within bounds. */
export function assertFlat({ before, after }: MemoryUse): void {
  assert.equal(after.instance, before.instance, "the instance has grown");
  const growth = after.process - before.process;
  assert.ok(growth < BOUND, `the process has grown by ${growth} bytes`);
}
