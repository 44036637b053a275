import assert from "node:assert/strict";
import { assertFlat } from "./memory_assertions.ts";
import { type MemoryUse, memoryUse } from "./memory_use.ts";

let measured: Promise<MemoryUse> | undefined;

/** One process for all tests of this file. */
function use(): Promise<MemoryUse> {
  return measured ??= memoryUse(20_000);
}

Deno.test("20,000 evaluations of mixed sizes leave the memory flat", async () => assertFlat(await use()));

Deno.test("what a request of 5 MB took is given back", async () => {
  const { before, during, after } = (await use()).large;
  assert.ok(during - before > 100e6, "the request took a lot");
  assert.ok(after - before < (during - before) / 2, `${after - before} of ${during - before} bytes are still held`);
});
