import assert from "node:assert/strict";
import { goodPod } from "../request_fixture.ts";
import { runKp, withFiles } from "../run_fixture.ts";
import { checkErrors } from "./refusals.ts";

const POD = `apiVersion: v1
kind: Pod
metadata: { name: web, namespace: payments }
spec:
  securityContext: { runAsNonRoot: true }
  containers:
    - name: app
      image: registry.example.com/app:1
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities: { drop: [ALL] }
`;

/** What `kp check -o json` says of a text that can be read: its code, and the rules that were triggered. */
async function checked(stdin: string) {
  const { code, out, err } = await runKp(["check", "-", "-o", "json"], { stdin });
  assert.equal(err, "");
  const { results, errors } = JSON.parse(out);
  assert.deepEqual(errors, []);
  const rules = results.flatMap(({ violations }: { violations: { rule: string }[] }) => violations);
  return { code, objects: results.length, rules: rules.map(({ rule }: { rule: string }) => rule) };
}

const REFUSED: Record<string, readonly [text: string, message: string]> = {
  "a tab for indentation": [
    POD.replace("  containers", "\tcontainers"),
    "Cannot read line 6, column 1: Tabs are not allowed as indentation",
  ],
  "a list that does not end": [`${POD}  volumes: [{\n`, "Cannot read line 14, column 1: "],
  "a duplicate key": [
    `${POD}  securityContext: {}\n`,
    'Cannot read line 13, column 3: duplicate key "securityContext" (first at line 5, column 3)',
  ],
  "a duplicate key that is a number and a text": [
    `${POD}  nodeSelector: { 1: a, "1": b }\n`,
    'Cannot read line 13, column 25: duplicate key "1" (first at line 13, column 19)',
  ],
  "two merge keys": [
    `x: &x { a: 1 }\n<<: *x\n<<: *x\n${POD}`,
    'Cannot read line 3, column 1: duplicate key "<<" (first at line 2, column 1)',
  ],
  "an unknown tag": [`${POD}  hostNetwork: !secret yes\n`, "Cannot read line 13, column 16: Unresolved tag: !secret"],
  "bytes": [`${POD}  hostname: !!binary aGk=\n`, "Cannot read line 13, column 13: Unresolved tag: "],
  "a time": [`${POD}  hostname: !!timestamp 2026-01-01\n`, "Cannot read line 13, column 13: Unresolved tag: "],
  "a set": [`${POD}  hostname: !!set { a, b }\n`, "Cannot read line 13, column 13: Unresolved tag: "],
  "a key that is a map": [
    `${POD}  ? { a: b }\n  : c\n`,
    "Cannot read line 13, column 5: With stringKeys, all keys must be strings",
  ],
  "an alias of nothing": [`${POD}  hostname: *none\n`, "Cannot read line 13, column 13: no anchor before this alias"],
  "an alias of a later value": [
    `${POD}  hostname: *a\n  subdomain: &a x\n`,
    "Cannot read line 13, column 13: no anchor before this alias",
  ],
  "an alias of what it is in": [
    `${POD}  x: &a { y: [*a] }\n`,
    "Cannot read line 13, column 15: an alias of what it is in",
  ],
  "101 aliases": [
    `${POD}  x: &a 1\n  y: [${Array(101).fill("*a").join(", ")}]\n`,
    "Cannot read line 14, column 407: more than 100 aliases",
  ],
  "lists nested 100,000 deep": [`${POD}  x: ${"[".repeat(100_000)}`, "Cannot read line 13, column "],
  "a text": [
    "just a text\n",
    "Cannot judge the document at line 1: found string, accepted an object with apiVersion and kind",
  ],
  "a list": [`- ${POD.replaceAll("\n", "\n  ")}`, "Cannot judge the document at line 1: found list, accepted "],
  "an object without kind": [
    POD.replace("kind: Pod", "type: Pod"),
    "Cannot judge the document at line 1: found keys apiVersion, type, ",
  ],
  "an object whose kind is a boolean": [
    POD.replace("kind: Pod", "kind: true"),
    "Cannot judge the document at line 1: found keys ",
  ],
};

for (const [name, [text, message]] of Object.entries(REFUSED)) {
  Deno.test(`I21: ${name} is refused with its line`, async () => {
    const [said, ...more] = await checkErrors(text);
    assert.deepEqual([said.slice(0, message.length), more], [message, []], said);
  });
}

/** Nine values, nine aliases of those, and so on: gigabytes when written out. */
const BOMB = ["a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1]"].concat(
  [..."bcdefghi"].map((name, i) => `${name}: &${name} [${Array(9).fill(`*${"abcdefghi"[i]}`).join(", ")}]`),
).join("\n");

Deno.test("I21: an alias bomb is refused, in time", async () => {
  const started = performance.now();
  const [said] = await checkErrors(`${POD}${BOMB}\n`);
  assert.match(said, /^Cannot read line 1: Excessive alias count/);
  assert.ok(performance.now() - started < 2000);
});

Deno.test("I21: aliases and merge keys that people write are read", async () => {
  const aliased = POD.replace("metadata: {", "metadata: &m {").replace("spec:", "x: *m\nspec:");
  assert.deepEqual(await checked(aliased), { code: 0, objects: 1, rules: [] });
  const merged = `x: &network { hostNetwork: true }\n${POD}  <<: *network\n`;
  assert.deepEqual(await checked(merged), { code: 1, objects: 1, rules: ["deny_host_network"] });
});

Deno.test("I21: no, off and on are texts and 010 is ten, as YAML 1.2 has it", async () => {
  const { out } = await runKp(["check", "-"], { stdin: POD.replace("name: web", "name: no") });
  assert.match(out, /^1 object: 0 deny/);
  for (
    const [user, rules] of [["0o0", ["ensure_no_run_as_root"]], ["010", []], ["0x0", [
      "ensure_no_run_as_root",
    ]]] as const
  ) {
    assert.deepEqual(
      (await checked(POD.replace("{ runAsNonRoot", `{ runAsUser: ${user}, runAsNonRoot`))).rules.slice(0, 1),
      rules,
    );
  }
  const { rules } = await checked(POD.replace("runAsNonRoot: true", "runAsNonRoot: on"));
  assert.ok(rules.includes("ensure_no_run_as_root"), "on is not true");
});

Deno.test("I21: a text where a boolean belongs is never taken for false", async () => {
  for (const text of ["yes", "on", '"true"', "y"]) {
    const { code, rules } = await checked(`${POD}  hostNetwork: ${text}\n`);
    assert.deepEqual([code, rules[0]], [1, "deny_host_network"], text);
  }
});

Deno.test("I21: 10,000 documents are judged one by one, with their numbers", async () => {
  const documents = Array.from(
    { length: 10_000 },
    (_, i) =>
      `apiVersion: v1\nkind: Pod\nmetadata: { name: p${i} }\nspec: { hostPID: ${i === 9_998}, containers: [] }\n`,
  );
  const { code, out } = await runKp(["check", "-"], { stdin: documents.join("---\n") });
  assert.equal(code, 1);
  assert.match(out, /^- \(document 9999\): Pod p9998\n {2}deny {2}deny_host_pid: /);
  assert.match(out, /\n10000 objects: 1 deny\n$/);
});

Deno.test("I21: an error in one document leaves the others of the file, and the other files, judged", async () => {
  const bad = `${POD}  hostNetwork: true\n`;
  const files = {
    "a.yaml": `${bad}---\na: 1\na: 2\n---\n${bad}`,
    "b.yaml": "{",
    "c.json": JSON.stringify(goodPod()),
    "d.yaml": bad,
  };
  await withFiles(files, async (folder) => {
    const { code, out } = await runKp(["check", folder, "-o", "json"]);
    const { results, errors, summary } = JSON.parse(out);
    const places = results.map(({ file, document }: { file: string; document: number }) =>
      `${file.slice(folder.length + 1)} ${document}`
    );
    assert.deepEqual(places, ["a.yaml 1", "a.yaml 3", "c.json 1", "d.yaml 1"]);
    assert.deepEqual(errors.map(({ file }: { file: string }) => file), [`${folder}/a.yaml`, `${folder}/b.yaml`]);
    assert.deepEqual([code, summary.deny], [2, 3]);
  });
});

Deno.test("I21: files and documents with nothing in them are nothing to check", async () => {
  for (const text of ["", "---\n", "# a comment\n", "---\n---\n...\n", "null\n"]) {
    const { code, err } = await runKp(["check", "-"], { stdin: text });
    assert.equal(code, 3, text);
    assert.match(err, /^kp: Nothing was checked: no object in - /);
  }
});

Deno.test("I21: 50,000 labels take time in proportion to their number", async () => {
  const labels = (count: number) => Array.from({ length: count }, (_, i) => `    k${i}: v\n`).join("");
  const time = async (count: number) => {
    const started = performance.now();
    await checked(`apiVersion: v1\nkind: ConfigMap\nmetadata:\n  labels:\n${labels(count)}`);
    return performance.now() - started;
  };
  await time(2000);
  const [small, large] = [await time(5000), await time(50_000)];
  assert.ok(large < 40 * small, `${small.toFixed()} ms for 5,000, ${large.toFixed()} ms for 50,000`);
});
