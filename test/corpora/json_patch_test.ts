import assert from "node:assert/strict";
import type { Fields, PatchOperation } from "../../src/contract.ts";
import { apply, applyWithParents } from "../../src/core/patch.ts";
import { corpusTest } from "./corpus.ts";

interface Case {
  readonly comment?: string;
  readonly doc: Fields;
  readonly patch: readonly PatchOperation[];
  readonly expected?: unknown;
  readonly error?: string;
  /** By that project itself. */
  readonly disabled?: boolean;
}

const OURS = ["add", "remove", "replace"];

/** Why a case is none for us; undefined where it is one. */
function otherwise({ patch, disabled }: Case): "disabled" | "another operation" | "the whole object" | undefined {
  if (disabled) return "disabled";
  if (!patch.every(({ op }) => OURS.includes(op))) return "another operation";
  if (patch.some(({ path }) => path === "")) return "the whole object";
}

function readCases(path: string): Case[] {
  return JSON.parse(Deno.readTextFileSync(path));
}

const COUNTS = {
  "spec_tests.json": { judged: 10, disabled: 1, "another operation": 6, "the whole object": 0 },
  "tests.json": { judged: 59, disabled: 3, "another operation": 29, "the whole object": 4 },
};

for (const [name, counts] of Object.entries(COUNTS)) {
  const file = `json-patch-tests/${name}`;
  corpusTest(`patches apply as JSON Patch implementations agree they do (${name})`, {
    file,
    run(path) {
      const judged = readCases(path).filter((each) => otherwise(each) === undefined);
      assert.equal(judged.length, counts.judged);
      for (const { comment, doc, patch, expected, error } of judged) {
        if (error === undefined) assert.deepEqual(apply(doc, patch), expected, comment);
        else assert.throws(() => apply(doc, patch), comment ?? error);
      }
    },
  });

  corpusTest(`no JSON Patch case is left out without a reason (${name})`, {
    file,
    run(path) {
      const cases = readCases(path);
      const count = (reason: ReturnType<typeof otherwise>) => cases.filter((each) => otherwise(each) === reason).length;
      assert.deepEqual({
        judged: count(undefined),
        disabled: count("disabled"),
        "another operation": count("another operation"),
        "the whole object": count("the whole object"),
      }, counts);
    },
  });
}

corpusTest("a rule's patch of the whole object is refused", {
  file: "json-patch-tests/tests.json",
  run(path) {
    const cases = readCases(path).filter((each) => otherwise(each) === "the whole object");
    assert.equal(cases.length, COUNTS["tests.json"]["the whole object"]);
    for (const { doc, patch } of cases) {
      for (const operation of patch) assert.throws(() => applyWithParents(doc, operation), RangeError);
    }
  },
});
