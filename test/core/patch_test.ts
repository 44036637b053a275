import assert from "node:assert/strict";
import fc from "fast-check";
import jsonpatch from "fast-json-patch";
import type { Fields, PatchOperation } from "../../src/contract.ts";
import { clone } from "../../src/core/freeze.ts";
import { applyWithParents } from "../../src/core/patch.ts";

const { node } = fc.letrec<{ node: unknown; fields: Fields; list: unknown[] }>((tie) => ({
  node: fc.oneof({ maxDepth: 3 }, fc.constantFrom(null, "text", 0, false), tie("fields"), tie("list")),
  fields: fc.dictionary(fc.constantFrom("a", "b", "0"), tie("node"), { maxKeys: 3 }),
  list: fc.array(tie("node"), { maxLength: 3 }),
}));

const object = fc.dictionary(fc.constantFrom("a", "b", "0"), node, { minKeys: 1 });

const operation: fc.Arbitrary<PatchOperation> = fc.record({
  op: fc.constantFrom("add", "replace", "remove"),
  path: fc.array(fc.constantFrom("a", "b", "0", "1", "-"), { minLength: 1, maxLength: 4 })
    .map((tokens) => tokens.map((token) => `/${token}`).join("")),
  value: node,
});

Deno.test("applyWithParents() names operations that make of the object, as it was, what it became", () => {
  const outcomes = { applied: 0, "applied with parents": 0, refused: 0 };
  fc.assert(
    fc.property(object, operation, (before, wanted) => {
      const draft = clone(before);
      const operations = attempt(() => applyWithParents(draft, wanted));
      if (operations !== null) {
        assert.equal(JSON.stringify(patched(before, operations)), JSON.stringify(draft));
        assert.equal(operations.at(-1), wanted);
      }
      outcomes[operations === null ? "refused" : operations.length > 1 ? "applied with parents" : "applied"]++;
    }),
    { seed: 6902, numRuns: 5000 },
  );
  for (const [outcome, count] of Object.entries(outcomes)) assert.ok(count > 200, `${outcome}: ${count}`);
});

Deno.test("applyWithParents() refuses a path to the whole object, or to a prototype", () => {
  for (const path of ["", "/__proto__", "/a/__proto__/b", "/constructor/prototype/b"]) {
    assert.throws(() => applyWithParents({ a: {} }, { op: "add", path, value: 1 }), Error, path);
  }
});

Deno.test("applyWithParents() refuses list indices that are not written as JSON Pointer has them", () => {
  for (const index of ["00", "01", "-1", "1.0", "1e0", " 1", ""]) {
    const operation = { op: "add", path: `/a/${index}`, value: 1 } as const;
    assert.throws(() => applyWithParents({ a: [1, 2] }, operation), RangeError, index);
  }
});

Deno.test("applyWithParents() copies a value, so that a later operation does not change an earlier one", () => {
  const value = { b: 1 };
  const draft = {};
  const operations = [
    ...applyWithParents(draft, { op: "add", path: "/a", value }),
    ...applyWithParents(draft, { op: "add", path: "/a/c/d", value: 2 }),
  ];
  assert.deepEqual(draft, { a: { b: 1, c: { d: 2 } } });
  assert.deepEqual(operations.map((operation) => operation.op === "add" && operation.value), [{ b: 1 }, {}, 2]);
});

function patched(before: Fields, operations: readonly PatchOperation[]): Fields {
  return jsonpatch.applyPatch(clone(before), clone(operations) as jsonpatch.Operation[], true).newDocument;
}

function attempt<Value>(run: () => Value): Value | null {
  try {
    return run();
  } catch {
    return null;
  }
}
