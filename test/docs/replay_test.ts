import assert from "node:assert/strict";
import { differencesOf } from "../../src/difference.ts";
import { Exit } from "../../src/io.ts";
import { runKp, withFiles } from "../run_fixture.ts";
import { describedFields, fieldsOf, sortedUnique } from "./fields.ts";
import { codeIn, fileIn, readPage, rowsOf } from "./markdown.ts";

const page = await readPage("replay.md");

const FILES = {
  "kp.yaml": fileIn(page, "kube-policies.yaml"),
  "reviews.jsonl": `${fileIn(page, "reviews.jsonl")}{}\n`,
};

Deno.test("docs/replay.md names every field of the JSON output", async () => {
  await withFiles(FILES, async (folder) => {
    const args = ["-o", "json", "--config", `${folder}/kp.yaml`, `${folder}/reviews.jsonl`];
    const { code, out } = await runKp(["replay", ...args]);
    assert.equal(code, Exit.failed);
    const output = JSON.parse(out);
    const [alone, different, ...more] = output.results;
    assert.deepEqual([alone.differences, more], [null, []]);
    const fields = fieldsOf({ ...output, results: [different] }, ["results[].annotations"]);
    assert.deepEqual(describedFields(page), sortedUnique(fields));
  });
});

Deno.test("docs/replay.md lists what is compared, and nothing else is", () => {
  const recorded = {
    uid: "1",
    allowed: true,
    status: { code: 200, message: "ok", reason: "x", details: {} },
    warnings: ["old"],
    patch: btoa("[ ]"),
    patchType: "JSONPatch",
    auditAnnotations: { a: "1", policy_revision: "old" },
    other: 1,
  };
  const denied = { code: 403, reason: "Forbidden", message: "no" } as const;
  const now = {
    uid: "2",
    allowed: false,
    status: denied,
    patch: btoa('[{"op":"remove","path":"/a"}]'),
    auditAnnotations: { policy_revision: "new" },
  };
  const compared = differencesOf(recorded, now).map(({ field }) => field.replace(/(auditAnnotations)\..*/, "$1.*"));
  const described = rowsOf(page, "Field", "Compared").flatMap(([field]) => codeIn(field));
  assert.deepEqual(compared.toSorted(), described.toSorted());
  const unannotated = differencesOf({ ...recorded, auditAnnotations: undefined }, now);
  assert.ok(!unannotated.some(({ field }) => field.startsWith("auditAnnotations")));
});

Deno.test("docs/replay.md lists the exit codes", async () => {
  assert.deepEqual(rowsOf(page, "Exit code").map(([code]) => Number(code)), Object.values(Exit).toSorted());
  const [alone, answered] = fileIn(page, "reviews.jsonl").split("\n");
  const replay = async (stdin: string) => (await runKp(["replay", "-"], { stdin })).code;
  assert.deepEqual(
    [await replay(alone), await replay(answered.replace("true", "false")), await replay("{}"), await replay("")],
    [Exit.clean, Exit.found, Exit.failed, Exit.nothing],
  );
});

Deno.test("kp replay tells formats apart as docs/replay.md says", async () => {
  const [alone, answered] = fileIn(page, "reviews.jsonl").split("\n");
  const placesIn = async (stdin: string) => (await runKp(["replay", "-"], { stdin })).out.match(/^-:\S+(?=: )/gm);
  const list = `[${alone},${alone}]`;
  assert.deepEqual(await placesIn(`\n${alone}\n${list}\n`), ["-:2", "-:3[0]", "-:3[1]"]);
  assert.deepEqual(await placesIn(JSON.stringify({ items: [JSON.parse(alone), JSON.parse(alone)] }, null, 2)), [
    "-:1[0]",
    "-:1[1]",
  ]);
  const { out, err } = await runKp(["replay", "-"], { stdin: `${alone}\n{oops\n{"a":1,"a":2}\n${answered}\n` });
  assert.deepEqual([err.match(/^-:\d+/gm), out.match(/^\d+ reviews/m)?.[0]], [["-:2", "-:3"], "2 reviews"]);
});

Deno.test("kp replay --endpoint auto takes an answer with a patch for a mutating one, as docs/replay.md says", async () => {
  const review = JSON.parse(fileIn(page, "reviews.jsonl").split("\n")[0]);
  const endpointOf = async (response: unknown) => {
    const { out } = await runKp(["replay", "-", "-o", "json"], { stdin: JSON.stringify({ ...review, response }) });
    return JSON.parse(out).results[0].endpoint;
  };
  const denied = { uid: "a1", allowed: false };
  assert.deepEqual(
    [
      await endpointOf(undefined),
      await endpointOf(denied),
      await endpointOf({ ...denied, patch: "e30=" }),
      await endpointOf({ ...denied, auditAnnotations: { patches: "x" } }),
      await endpointOf({ ...denied, auditAnnotations: { dryrun: "x" } }),
    ],
    ["validating", "validating", "mutating", "mutating", "mutating"],
  );
});
