import assert from "node:assert/strict";
import { shippedPolicies } from "../../policies/mod.ts";
import { DEFAULT_CONFIG } from "../../src/config/config.ts";
import type { Fields, Policy } from "../../src/contract.ts";
import { kit, NEWEST_POD_SECURITY_MINOR } from "../../src/core/kit.ts";
import { subjectOf } from "../../src/core/subject.ts";
import { findingsFor } from "../direct.ts";
import { evaluate } from "../policies/policy_suite.ts";
import { goodContainer, goodPod, requestOf } from "../request_fixture.ts";
import { runKp, withFiles } from "../run_fixture.ts";
import { blocksOf, codeIn, fileIn, readPage, rowsOf } from "./markdown.ts";
import { markedTable, POLICY_TABLES, withTables } from "./policy_table.ts";

const page = await readPage("policies.md");

for (const name of Object.keys(POLICY_TABLES)) {
  Deno.test(`docs/policies.md holds the table of ${name} as the policies have it`, () => {
    assert.ok(page.includes(markedTable(name)));
  });
}

Deno.test("an outdated table is brought up to date", () => {
  const outdated = page.replace("`deny_host_ipc`", "`deny_ipc`");
  assert.notEqual(outdated, page);
  assert.equal(withTables(outdated), page);
});

Deno.test("docs/policies.md names the default set and every kind that is judged", () => {
  const defaults = [{ use: "platform" }, { use: "pod-security", options: { level: "baseline" } }];
  assert.deepEqual(DEFAULT_CONFIG.policies, defaults);
  for (const kind of kit.pods.flatMap(({ kinds }) => kinds)) assert.match(page, new RegExp(`\\b${kind}s?\\b`));
});

Deno.test("the configs in docs/policies.md load", async () => {
  const configs = blocksOf(page).filter(({ text }) => text.includes("policies:"));
  assert.ok(configs.length >= 2);
  for (const { text } of configs) {
    await withFiles({ "kp.yaml": text }, async (folder) => {
      const { code, err } = await runKp(["config", "print", "--config", `${folder}/kp.yaml`]);
      assert.deepEqual([code, err.includes("error")], [0, false], err);
    });
  }
});

Deno.test("image_registry is a mistake without options, alone, and left out of platform", async () => {
  await withFiles({ "a.yaml": "policies: [{ use: image_registry }]" }, async (folder) => {
    assert.equal((await runKp(["config", "print", "--config", `${folder}/a.yaml`])).code, 2);
  });
  assert.doesNotMatch((await runKp(["config", "print"])).out, /name: image_registry/);
  await withFiles({ "kube-policies.yaml": fileIn(page, "kube-policies.yaml") }, async (folder) => {
    const { out } = await runKp(["config", "print", "--config", `${folder}/kube-policies.yaml`]);
    assert.match(out, /name: image_registry/);
  });
});

Deno.test("a policy that is loaded twice is a mistake", async () => {
  await withFiles({ "a.yaml": "policies: [{ use: platform }, { use: host_network }]" }, async (folder) => {
    const { code, err } = await runKp(["config", "print", "--config", `${folder}/a.yaml`]);
    assert.equal(code, 2);
    assert.match(err, /policy host_network again/);
  });
});

Deno.test("the newest version that docs/policies.md names is the newest known", () => {
  const versions = [...page.matchAll(/v1\.(\d+)/g)].map(([, minor]) => Number(minor));
  assert.equal(Math.max(...versions), NEWEST_POD_SECURITY_MINOR);
  assert.ok(page.includes(`newer than v1.${NEWEST_POD_SECURITY_MINOR}`));
});

const WINDOWS = { os: { name: "windows" }, containers: [{ name: "app" }] };
const USER_NAMESPACE = {
  hostUsers: false,
  containers: [{ name: "app", securityContext: { runAsUser: 0, procMount: "Unmasked" } }],
};
const SE_LINUX = { securityContext: { seLinuxOptions: { type: "container_engine_t" } }, containers: [] };
const SECCOMP = { securityContext: { seccompProfile: { type: "Unconfined" } }, containers: [] };

/** A pod on which the version decides. */
const DECIDING: Readonly<Record<string, Fields>> = {
  seccomp_profile_baseline: SECCOMP,
  se_linux_options: SE_LINUX,
  allow_privilege_escalation: WINDOWS,
  capabilities_restricted: WINDOWS,
  seccomp_profile_restricted: WINDOWS,
  run_as_non_root: USER_NAMESPACE,
  run_as_user: USER_NAMESPACE,
  proc_mount: USER_NAMESPACE,
  proc_mount_restricted: USER_NAMESPACE,
};

for (const [version, change] of rowsOf(page, "Version", "Change")) {
  Deno.test(`the controls change with ${version} as docs/policies.md says`, () => {
    const minor = Number(version.slice("v1.".length));
    const names = codeIn(change).filter((code) => Object.hasOwn(shippedPolicies, code));
    assert.ok(names.length > 0);
    for (const name of names) {
      for (const spec of name === "sysctls" ? sysctlPods(change) : [DECIDING[name]]) {
        assert.notEqual(violates(name, { spec, minor: minor - 1 }), violates(name, { spec, minor }), name);
      }
    }
  });
}

function sysctlPods(change: string): Fields[] {
  const names = codeIn(change).filter((code) => code.startsWith("net."));
  assert.ok(names.length > 0);
  return names.map((name) => ({ securityContext: { sysctls: [{ name, value: "1" }] }, containers: [] }));
}

function violates(name: string, { spec, minor }: { spec: Fields; minor: number }): boolean {
  const policy: Policy = shippedPolicies[name](kit);
  return findingsFor(policy, subjectOf(requestOf({ ...goodPod(), spec })), { minor }).length > 0;
}

Deno.test("a patch replaces what was set, but never touches user 0, nor what always escalates", () => {
  const runAsRoot = shippedPolicies.run_as_root(kit);
  const user = (spec: Fields) => changes(runAsRoot, spec).map(({ operations }) => operations);
  assert.deepEqual(user({ securityContext: { runAsUser: 0 }, containers: [{ name: "app" }] }), []);
  assert.deepEqual(user({ containers: [{ name: "app", securityContext: { runAsUser: 0, runAsNonRoot: false } }] }), []);
  assert.deepEqual(user({ containers: [{ name: "app", securityContext: { runAsNonRoot: false } }] }), [
    [{ op: "add", path: "/spec/containers/0/securityContext/runAsNonRoot", value: true }],
  ]);
  const escalation = shippedPolicies.privilege_escalation(kit);
  for (const securityContext of [{ privileged: true }, { capabilities: { add: ["SYS_ADMIN"] } }]) {
    assert.deepEqual(changes(escalation, { containers: [goodContainer({ securityContext })] }), []);
  }
  const securityContext = { allowPrivilegeEscalation: true };
  assert.equal(changes(escalation, { containers: [goodContainer({ securityContext })] }).length, 1);
});

function changes(policy: Policy, spec: Fields) {
  const object = { apiVersion: "v1", kind: "Pod", metadata: { name: "web", namespace: "payments" }, spec };
  return evaluate(policy, { name: "", operation: "CREATE", object, violations: [], patches: [] }).changes;
}
