import assert from "node:assert/strict";
import { Exit } from "../../src/io.ts";
import { runKp, withFiles } from "../run_fixture.ts";
import { describedFields, fieldsOf, sortedUnique } from "./fields.ts";
import { codeIn, fileIn, readPage, rowsOf } from "./markdown.ts";

const page = await readPage("check.md");

const POD = fileIn(page, "manifests/pod.yaml");
const CONFIG = `environment: prod
policies: [{ use: platform }, { use: ./breaks.ts }]
allowlists: [{ use: file, options: { path: ./list.yaml } }]
critical: [{ namespace: payments, kind: Pod, name: vital }]
stages:
  prod:
    default: { validate: deny, mutate: patch }
    host_pid: warn
    host_ipc: monitor
    readonly_root_fs: dryrun
`;
const BREAKS = `import type { Kit } from "kube-policies/contract";
export default (kit: Kit) => ({
  name: "breaks",
  metadata: { title: "a", description: "a", severity: "low", controls: [], remediation: "a" },
  match: kit.pods,
  rules: ["ensure_nothing"],
  validate() {
    throw new Error("broken");
  },
});
`;
const FILES = {
  "kp.yaml": CONFIG,
  "breaks.ts": BREAKS,
  "list.yaml": "prod: { host_network: { payments: [app] } }",
  "m/a.yaml": POD.replace("hostNetwork: true", "hostNetwork: true\n  hostPID: true\n  hostIPC: true")
    .replace("allowPrivilegeEscalation: false, ", ""),
  "m/b.yaml": POD.replace("name: web", "name: vital"),
  "m/c.yaml": "a: [",
};

/** Everything that a report can hold, once. */
const everything = await withFiles(FILES, async (folder) => {
  const args = ["check", "--config", `${folder}/kp.yaml`, `${folder}/m`];
  return { text: await runKp(args), json: await runKp([...args, "-o", "json"]) };
});

Deno.test("docs/check.md names every field of the JSON report", () => {
  const report = JSON.parse(everything.json.out);
  const fields = sortedUnique(fieldsOf(report, ["results[].patches[].operations", "results[].causes"]));
  assert.deepEqual(describedFields(page), fields);
});

Deno.test("docs/check.md names every word that begins a line of the text", () => {
  const words = sortedUnique([...everything.text.out.matchAll(/^ {2}(\w+) {2}/gm)].map(([, word]) => word));
  const described = rowsOf(page, "Line").flatMap(([line]) => codeIn(line)).filter((word) => /^\w+$/.test(word));
  assert.deepEqual(described.toSorted(), words);
  assert.match(everything.text.out, /\/m\/c\.yaml: error: /);
});

Deno.test("docs/check.md lists the exit codes, 2 going before 1", async () => {
  assert.deepEqual(rowsOf(page, "Exit code").map(([code]) => Number(code)), Object.values(Exit).toSorted());
  const check = async (stdin: string, ...args: string[]) => (await runKp(["check", "-", ...args], { stdin })).code;
  assert.deepEqual(
    [await check("{}", "--fail-on", "never"), await check(`${POD}---\na: 1\n`), await check(""), await check(POD)],
    [Exit.failed, Exit.failed, Exit.nothing, Exit.found],
  );
  assert.equal(await check(POD, "--fail-on", "never"), Exit.clean);
});

const MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a, namespace: b }\n";
const aliases = (count: number) => `x: &x 1\ny: [${Array.from({ length: count }, () => "*x").join(", ")}]`;
const TENFOLD = (of: string) => `[${Array.from({ length: 10 }, () => of).join(", ")}]`;

for (
  const [what, yaml] of Object.entries({
    "a duplicate key": "kind: ConfigMap",
    "a tag": "data: { a: !!binary aGk= }",
    "a key that is a map": "data: { ? { a: b } : c }",
    "a hundred aliases": aliases(100),
    "aliases that expand too far": `a: &a ${TENFOLD("1")}\nb: &b ${TENFOLD("*a")}\nc: &c ${TENFOLD("*b")}\nd: *c`,
    "an alias of what it is in": "data: &x { a: *x }",
  })
) {
  Deno.test(`kp check refuses ${what}, as docs/check.md says`, async () => {
    const { code, out } = await runKp(["check", "-"], { stdin: `${MAP}${yaml}\n` });
    assert.deepEqual([code, /^-: error: Cannot read line \d/.test(out)], [Exit.failed, true], out);
  });
}

Deno.test("kp check takes 99 aliases, and yes for a text", async () => {
  assert.equal((await runKp(["check", "-"], { stdin: `${MAP}${aliases(99)}\n` })).code, Exit.clean);
  const { out } = await runKp(["check", "-"], { stdin: POD.replace("hostNetwork: true", "hostNetwork: no") });
  assert.match(out, /deny_host_network/);
});
