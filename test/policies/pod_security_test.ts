import assert from "node:assert/strict";
import type { PodSecurityVersion, Policy } from "../../src/contract.ts";
import { kit } from "../../src/core/kit.ts";
import { subjectOf } from "../../src/core/subject.ts";
import { podSecurityControls, type PodSecurityLevel, podSecurityPolicies } from "../../policies/pod_security.ts";
import { POLICIES } from "./policy_cases.ts";
import { findingsFor } from "../direct.ts";

const BASELINE = [
  "app_armor_profile",
  "capabilities_baseline",
  "host_namespaces",
  "host_path_volumes",
  "host_ports",
  "privileged",
  "proc_mount",
  "se_linux_options",
  "seccomp_profile_baseline",
  "sysctls",
  "windows_host_process",
];

const BASELINE_34 = [...BASELINE.slice(0, 5), "host_probes_and_host_lifecycle", ...BASELINE.slice(5)];

const RESTRICTED_0 = [
  "app_armor_profile",
  "capabilities_baseline",
  "host_namespaces",
  "host_ports",
  "privileged",
  "proc_mount",
  "se_linux_options",
  "seccomp_profile_baseline",
  "sysctls",
  "windows_host_process",
  "restricted_volumes",
  "run_as_non_root",
];

const RESTRICTED_8 = [...RESTRICTED_0.slice(0, 10), "allow_privilege_escalation", ...RESTRICTED_0.slice(10)];

const RESTRICTED_19 = [
  "app_armor_profile",
  "capabilities_baseline",
  "host_namespaces",
  "host_ports",
  "privileged",
  "proc_mount",
  "se_linux_options",
  "sysctls",
  "windows_host_process",
  "allow_privilege_escalation",
  "restricted_volumes",
  "run_as_non_root",
  "seccomp_profile_restricted",
];

const RESTRICTED_22 = [
  "app_armor_profile",
  "host_namespaces",
  "host_ports",
  "privileged",
  "proc_mount",
  "se_linux_options",
  "sysctls",
  "windows_host_process",
  "allow_privilege_escalation",
  "capabilities_restricted",
  "restricted_volumes",
  "run_as_non_root",
  "seccomp_profile_restricted",
];

const RESTRICTED_23 = [...RESTRICTED_22.slice(0, 12), "run_as_user", "seccomp_profile_restricted"];

const RESTRICTED_34 = [...RESTRICTED_23.slice(0, 3), "host_probes_and_host_lifecycle", ...RESTRICTED_23.slice(3)];

const RESTRICTED_35 = [
  "app_armor_profile",
  "host_namespaces",
  "host_ports",
  "host_probes_and_host_lifecycle",
  "privileged",
  "se_linux_options",
  "sysctls",
  "windows_host_process",
  "allow_privilege_escalation",
  "capabilities_restricted",
  "proc_mount_restricted",
  "restricted_volumes",
  "run_as_non_root",
  "run_as_user",
  "seccomp_profile_restricted",
];

const ACTIVE: readonly [version: string, baseline: string[], restricted: string[]][] = [
  ["v1.0", BASELINE, RESTRICTED_0],
  ["v1.7", BASELINE, RESTRICTED_0],
  ["v1.8", BASELINE, RESTRICTED_8],
  ["v1.18", BASELINE, RESTRICTED_8],
  ["v1.19", BASELINE, RESTRICTED_19],
  ["v1.21", BASELINE, RESTRICTED_19],
  ["v1.22", BASELINE, RESTRICTED_22],
  ["v1.23", BASELINE, RESTRICTED_23],
  ["v1.25", BASELINE, RESTRICTED_23],
  ["v1.33", BASELINE, RESTRICTED_23],
  ["v1.34", BASELINE_34, RESTRICTED_34],
  ["v1.35", BASELINE_34, RESTRICTED_35],
  ["v1.37", BASELINE_34, RESTRICTED_35],
  ["v1.99", BASELINE_34, RESTRICTED_35],
  ["latest", BASELINE_34, RESTRICTED_35],
];

for (const [version, baseline, restricted] of ACTIVE) {
  Deno.test(`baseline ${version} has upstream's controls in upstream's order`, () => {
    assert.deepEqual(podSecurityPolicies({ level: "baseline", version }), baseline);
  });
  Deno.test(`restricted ${version} has upstream's controls in upstream's order`, () => {
    assert.deepEqual(podSecurityPolicies({ level: "restricted", version }), restricted);
  });
}

for (const version of ["1.34", "v1", "v1.034", "v2.0", "v1.34.1", "", "LATEST"]) {
  Deno.test(`${JSON.stringify(version)} is no version of the Pod Security Standards`, () => {
    const levels: PodSecurityLevel[] = ["baseline", "restricted"];
    for (const level of levels) assert.throws(() => podSecurityPolicies({ level, version }), kit.v.ValiError);
  });
}

const policies: Policy<PodSecurityVersion>[] = [];
for (const { name } of podSecurityControls) {
  policies.push((await import(new URL(`${name}/policy.ts`, POLICIES).href)).default(kit));
}

podSecurityControls.forEach(({ name, level, overrides }, index) => {
  const policy = policies[index];
  Deno.test(`${name} says of itself what the table says of it`, () => {
    const pss = policy.metadata.controls.filter((control) => control.startsWith("pss:"));
    assert.deepEqual(pss, [`pss:${level}`]);
    assert.deepEqual(policy.metadata.supersedes, overrides && [overrides]);
    assert.equal(policy.options, kit.podSecurityVersion);
    assert.deepEqual(policy.match, kit.pods);
  });
  Deno.test(`${name} has nothing to say of a replication controller without a template`, () => {
    const subject = subjectOf({
      uid: "1",
      kind: { group: "", version: "v1", kind: "ReplicationController" },
      resource: { group: "", version: "v1", resource: "replicationcontrollers" },
      operation: "CREATE",
      object: { apiVersion: "v1", kind: "ReplicationController", spec: { selector: { app: "web" } } },
    });
    for (const minor of [0, 18, 37]) assert.deepEqual(findingsFor(policy, subject, { minor }), []);
  });
});

Deno.test("the rules of all controls have different names", () => {
  const rules = policies.flatMap((policy) => policy.rules);
  assert.deepEqual(rules.toSorted(), [...new Set(rules)].toSorted());
});
