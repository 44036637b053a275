import { deepStrictEqual as assertEquals, match, ok } from "node:assert";
import { goodPod } from "../request_fixture.ts";
import { runKp, withFiles } from "../run_fixture.ts";

const GOOD = JSON.stringify(goodPod());
const BAD = `apiVersion: v1
kind: Pod
metadata: { name: bad, namespace: payments }
spec:
  hostNetwork: true
  securityContext: { runAsNonRoot: true }
  containers:
    - name: app
      image: registry.example.com/app:1
      securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: [ALL] } }
`;

/** What `kp check` says of one manifest on standard input. */
const check = (stdin: string, ...args: string[]) => runKp(["check", "-", ...args], { stdin });

Deno.test("kp check says 0 for a clean manifest, and counts it", async () => {
  assertEquals(await check(GOOD), { code: 0, out: "1 object: 0 deny\n", err: "" });
});

Deno.test("kp check shows what is wrong, where, and how to fix it", async () => {
  const { code, out, err } = await check(BAD);
  assertEquals([code, err], [1, ""]);
  assertEquals(
    out,
    `-: Pod payments/bad
  deny  deny_host_network: Pod Pod/payments/bad cannot be created with hostNetwork enabled.
        at /spec/hostNetwork
        fix: Remove spec.hostNetwork, and expose the pod with a Service.
  deny  ensure_readonly_root_fs: Resource Pod/payments/bad (container=app) does not have a read-only root filesystem.
        at /spec/containers/0/securityContext/readOnlyRootFilesystem
        fix: Set securityContext.readOnlyRootFilesystem: true on the container, and mount an emptyDir where it writes.
  dryrun  set_readonly_root_fs (container=app): /spec/containers/0/securityContext/readOnlyRootFilesystem: true

1 object: 2 deny, 1 dryrun
`,
  );
});

Deno.test("kp check -o json prints the documented report", async () => {
  const { out } = await check(`${BAD}---\n{}\n---\n${GOOD}`, "-o", "json");
  const report = JSON.parse(out);
  const [bad, good] = report.results;
  assertEquals(Object.keys(report), ["results", "errors", "summary"]);
  assertEquals([bad.file, bad.document, good.document], ["-", 1, 3]);
  assertEquals(bad.object, { apiVersion: "v1", kind: "Pod", namespace: "payments", name: "bad" });
  assertEquals(bad.violations[0], {
    policy: "host_network",
    rule: "deny_host_network",
    message: "Pod Pod/payments/bad cannot be created with hostNetwork enabled.",
    container: null,
    path: "/spec/hostNetwork",
    remediation: "Remove spec.hostNetwork, and expose the pod with a Service.",
    stage: "deny",
  });
  assertEquals(bad.patches.map(({ rule, stage }: { rule: string; stage: string }) => [rule, stage]), [
    ["set_readonly_root_fs", "dryrun"],
  ]);
  assertEquals([good.violations, good.excused, good.failures, good.bypass], [[], [], [], null]);
  const counts = { objects: 2, deny: 2, warn: 0, monitor: 0, excused: 0, patches: 1, failures: 0, errors: 1 };
  assertEquals(report.summary, counts);
  match(report.errors[0].message, /line 12.*accepted an object with apiVersion and kind/);
});

const CONFIG = `environment: prod
policies: [{ use: platform }]
stages:
  prod:
    default: { validate: monitor, mutate: off }
    host_network: warn
  dev:
    default: { validate: deny, mutate: patch }
`;

Deno.test("kp check takes stages from the config, and fails at the stage that --fail-on names", async () => {
  await withFiles({ "kp.yaml": CONFIG }, async (folder) => {
    const codeOf = async (...args: string[]) => (await check(BAD, "-c", `${folder}/kp.yaml`, ...args)).code;
    assertEquals(await codeOf(), 0);
    assertEquals(await codeOf("--fail-on", "warn"), 1);
    assertEquals(await codeOf("--fail-on", "monitor"), 1);
    assertEquals(await codeOf("--env", "dev"), 1);
    assertEquals(await codeOf("--env", "dev", "--fail-on", "never"), 0);
    const { code } = await runKp(["check", "-", "-c", `${folder}/kp.yaml`], {
      stdin: BAD,
      env: { KP_ENVIRONMENT: "dev" },
    });
    assertEquals(code, 1);
  });
});

Deno.test("kp check judges a pod after the mutations of stage patch, as a cluster does", async () => {
  await withFiles({ "kp.yaml": CONFIG }, async (folder) => {
    const { out } = await check(BAD.replace("  hostNetwork: true\n", ""), "-c", `${folder}/kp.yaml`, "--env", "dev");
    match(out, /^-: Pod payments\/bad\n {2}patched {2}set_readonly_root_fs .*\n\n1 object: 0 deny, 1 patched\n$/);
  });
});

Deno.test("kp check honours exceptions, breakglass by --as-group, and critical components", async () => {
  const config = `${CONFIG}allowlists: [{ use: file, options: { path: ./lists } }]
breakglass: { groups: [sre], users: [root@example.com] }
critical: [{ namespace: payments, kind: Pod, name: vital }]
`;
  const list = "dev: { host_network: { payments: [app] }, readonly_root_fs: { payments: { app: } } }";
  await withFiles({ "kp.yaml": config, "lists/a.yaml": list }, async (folder) => {
    const args = ["-c", `${folder}/kp.yaml`, "--env", "dev"];
    const excused = await check(BAD, ...args);
    assertEquals(excused.code, 0);
    match(excused.out, /excused {2}deny_host_network: .* \(exception dev\/host_network\/payments\/app\)/);
    const other = BAD.replace("namespace: payments", "namespace: other");
    assertEquals((await check(other, ...args)).code, 1);
    assertEquals((await check(other, ...args, "--as-group", "dev", "--as-group", "sre")).code, 0);
    assertEquals((await check(other, ...args, "--as", "root@example.com")).code, 0);
    const vital = await check(BAD.replace("name: bad", "name: vital"), ...args);
    match(vital.out, /allowed {2}past every policy: critical/);
  });
});

Deno.test("kp check judges what CREATE, UPDATE and DELETE would bring", async () => {
  assertEquals((await check(BAD, "--operation", "UPDATE")).code, 1);
  assertEquals(await check(BAD, "--operation", "DELETE"), { code: 0, out: "1 object: 0 deny\n", err: "" });
});

Deno.test("kp check reads folders, with -R the folders in them, in the order of their names", async () => {
  const files = { "b.yaml": BAD, "a.json": GOOD, "deep/c.yml": BAD, "notes.txt": "x: [", ".git/d.yaml": BAD };
  await withFiles(files, async (folder) => {
    const flat = JSON.parse((await runKp(["check", folder, "-o", "json"])).out);
    assertEquals(flat.results.map(({ file }: { file: string }) => file), [`${folder}/a.json`, `${folder}/b.yaml`]);
    const deep = JSON.parse((await runKp(["check", "-R", `${folder}/`, "-o", "json"])).out);
    assertEquals(deep.results.map(({ file }: { file: string }) => file.slice(folder.length)), [
      "/a.json",
      "/b.yaml",
      "/deep/c.yml",
    ]);
  });
});

Deno.test("kp check judges every item of a List", async () => {
  const list = JSON.stringify({ apiVersion: "v1", kind: "List", items: [goodPod(), { apiVersion: "v1" }, goodPod()] });
  const { code, out } = await check(list);
  assertEquals(code, 2);
  match(out, /-: error: Cannot judge the document at line 1: found keys apiVersion/);
  match(out, /2 objects: 0 deny, 1 unreadable/);
});

Deno.test("kp check reports what it cannot read, and judges the rest", async () => {
  await withFiles({ "a.yaml": "a: [\n", "b.yaml": BAD, "c.yaml": "a: 1\na: 2\n" }, async (folder) => {
    const { code, out } = await runKp(["check", folder, `${folder}/b.yaml`]);
    assertEquals(code, 2);
    match(out, /a\.yaml: error: Cannot read line 2/);
    match(out, /c\.yaml: error: Cannot read line 2, column 1/);
    match(out, /2 objects: 4 deny, 2 dryrun, 2 unreadable/);
  });
});

Deno.test("kp check says 3 where nothing was checked", async () => {
  for (const text of ["", "---\n---\n", "# only a comment\n"]) assertEquals((await check(text)).code, 3);
  await withFiles({ "notes.txt": "x" }, async (folder) => assertEquals((await runKp(["check", folder])).code, 3));
});

const usage: [string, string[], RegExp][] = [
  ["an unknown flag", ["check", "-", "--frobnicate"], /^kp: unknown option '--frobnicate'/],
  ["a missing file", ["check", "no/such.yaml"], /^kp: Cannot read no\/such\.yaml: no such file or folder\n$/],
  ["no path", ["check"], /^kp: missing required argument 'path'\n$/],
  ["an unknown format", ["check", "-", "-o", "xml"], /^kp: .*'xml' is invalid.*text, json/],
  ["an unknown stage", ["check", "-", "--fail-on", "error"], /^kp: .*deny, warn, monitor, never/],
  ["a missing config", ["check", "-", "-c", "no.yaml"], /^kp: Cannot read the config no\.yaml: no such file\n$/],
  ["an unknown command", ["frobnicate"], /^kp: unknown command 'frobnicate'\n$/],
];

for (const [name, args, expected] of usage) {
  Deno.test(`kp says 2 and one line for ${name}`, async () => {
    const { code, out, err } = await runKp(args, { stdin: GOOD });
    assertEquals([code, out], [2, ""]);
    match(err, expected);
    assertEquals(err.trimEnd().split("\n").length, 1);
  });
}

Deno.test("kp --help and --version print to standard output, and say 0", async () => {
  const help = await runKp(["--help"]);
  assertEquals([help.code, help.err], [0, ""]);
  for (const word of ["serve", "check", "replay", "config", "schema", "Exit codes"]) ok(help.out.includes(word), word);
  assertEquals((await runKp(["--version"])).out, "0.1.0\n");
  ok((await runKp(["check", "--help"])).out.includes("--fail-on"));
});
