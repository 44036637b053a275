import assert from "node:assert/strict";
import { chaos } from "./chaos.ts";

Deno.test({
  name: "no request is lost, wrong or without an answer while evaluators are killed at random",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const { asked, killed, wrong, lost } = await chaos(20);
    assert.deepEqual({ wrong, lost }, { wrong: [], lost: [] });
    assert.ok(asked > 500 && killed > 20, `${asked} asked, ${killed} killed`);
  },
});
