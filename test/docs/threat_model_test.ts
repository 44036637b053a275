import assert from "node:assert/strict";
import { codeIn, readPage, rowsOf } from "./markdown.ts";

const ROOT = new URL("../../", import.meta.url);
const rows = rowsOf(await readPage("threat-model.md"), "ID");

Deno.test("docs/threat-model.md answers each of the 18 threats once", () => {
  assert.deepEqual(rows.map(([id]) => Number(id)), Array.from({ length: 18 }, (_, i) => i + 1));
  for (const [id, threat, answer] of rows) assert.ok(threat.length > 20 && answer.length > 20, id);
});

for (const [id, , , , proof] of rows) {
  Deno.test(`docs/threat-model.md names a test that exists for threat ${id}`, async () => {
    const [path] = codeIn(proof);
    const name = proof.slice(proof.indexOf(": ") + 2);
    const source = await Deno.readTextFile(new URL(path, ROOT));
    assert.ok(source.includes(name), `${path} has no test "${name}"`);
  });
}
