import assert from "node:assert/strict";
import { CASES } from "./case_index.ts";

const ROOT = new URL("../../", import.meta.url);

/** `F01` to `F05` and so on. */
function range(letter: string, ...spans: readonly (readonly [number, number])[]): string[] {
  return spans.flatMap(([first, last]) =>
    Array.from({ length: last - first + 1 }, (_, i) => `${letter}${String(first + i).padStart(2, "0")}`)
  );
}

Deno.test("every case that the webhook has to stand is in the index, with the tests that prove it", () => {
  const wanted = [
    ...range("F", [1, 5], [7, 20], [22, 22]),
    ...range("I", [1, 25]),
    ...range("A", [1, 4], [7, 12], [23, 24]),
    ...range("B", [14, 16]),
  ];
  assert.deepEqual(Object.keys(CASES), wanted);
  for (const [id, proofs] of Object.entries(CASES)) assert.ok(proofs.length > 0, id);
});

for (const [id, proofs] of Object.entries(CASES)) {
  Deno.test(`the tests that prove ${id} exist`, async () => {
    for (const [file, test] of proofs) {
      const source = await Deno.readTextFile(new URL(file, ROOT));
      assert.ok(source.includes(test), `${file} has no test "${test}"`);
    }
  });
}
