/** The evaluations of test/plugins/rego/memory_test.ts, five times as many. */
import { assertFlat } from "../../test/plugins/rego/memory_assertions.ts";
import { memoryUse } from "../../test/plugins/rego/memory_use.ts";

Deno.test("100,000 evaluations of mixed sizes leave the memory flat", async () => assertFlat(await memoryUse(100_000)));
