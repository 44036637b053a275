import assert from "node:assert/strict";
import { type Asked, assertResponse } from "../answer_assertions.ts";
import { indexPolicies } from "../../src/core/match.ts";
import { blockOf } from "./block.ts";
import { ENDPOINTS, goldenBlocks, goldenEngine, responses } from "./blocks.ts";

const engine = await goldenEngine();
const goldens = ENDPOINTS.flatMap(goldenBlocks);
const lines = goldens.flatMap((block) => block.split("\n"));

for (const endpoint of ENDPOINTS) {
  const golden = goldenBlocks(endpoint);
  const decided = responses(endpoint, engine);
  Deno.test(`every ${endpoint} capture has a golden decision`, () => {
    assert.equal(golden.length, decided.length);
    assert.ok(golden.length > 0);
  });
  decided.forEach((each, i) => {
    Deno.test(`${endpoint} ${golden[i]?.split("\n", 1)[0]} is decided as the golden says`, () => {
      assert.equal(blockOf(each, i + 1), golden[i]);
      const { request, response } = each;
      const failing = ["closed", "open"].find((mode) => `failing-${mode}` in response.auditAnnotations);
      assertResponse(response, {
        apiVersion: "admission.k8s.io/v1",
        request,
        endpoint,
        failing: failing as Asked["failing"],
      });
    });
  });
}

const KEYS = [
  "all_rules",
  "denied",
  "warned",
  "monitored",
  "patches",
  "dryrun",
  "allowlisted",
  "breakglass_authorized",
  "critical_allowlisted",
  "default-allow",
  "failing-closed",
  "failing-open",
];

Deno.test("the goldens hold every audit annotation, and no other", () => {
  const other = ["allowed", "message", "warnings", "patch"];
  const found = lines.flatMap((line) => /^([a-z_-]+):/.exec(line)?.[1] ?? []).filter((key) => !other.includes(key));
  assert.deepEqual([...new Set(found)].sort(), KEYS.toSorted());
});

const WAYS = {
  "breakglass by user and by group": /^breakglass_authorized: users, groups\.$/m,
  "breakglass by username prefix": /^breakglass_authorized: username_prefixes\.$/m,
  "a critical DaemonSet itself": / DaemonSet\/.*\nallowed\ncritical_allowlisted: DaemonSet\/kube-system\/aws-node$/,
  "what a critical DaemonSet's controller made": / ControllerRevision\/.*\nallowed\ncritical_allowlisted: DaemonSet\//,
  "a ReplicaSet of a critical Deployment": / ReplicaSet\/.*\nallowed\ncritical_allowlisted: Deployment\//,
  "a pod of a critical Deployment": / Pod\/.*\nallowed\ncritical_allowlisted: Deployment\//,
  "an exception for a container": /^ {2}deny_privileged: .*\(exception staging\/privileged\/payments\/web\)$/m,
  "an exception for all containers of a pod": /^ {2}deny_host_network: .*\(exception [^ ]*\/node-exporter\)$/m,
  "an exception that an injected container need not have": /^ {2}deny_host_pid: .*\/init\+[^ ]*\/payments\/web\)$/m,
  "no exception for a part of a pod's containers": /^denied:\n {2}deny_host_network: .*every-violation /m,
  "an exception for every container": /^ {2}deny_host_network: .*\(exception [^ ]*\/\*\)$/m,
  "an exception for a patch": /^ {2}set_readonly_root_fs: not applied to container web \(exception [^ ]*\/web\)$/m,
  "an unchanged bad pod": / UPDATE Pod\/payments\/every-violation .*\nallowed\nall_rules: = monitored$/m,
  "an unchanged bad template": / UPDATE Deployment\/payments\/api .*\nallowed\nall_rules: = monitored$/m,
  "a failure beside patches that stay": /^patches:\n(?:.*\n)*failing-open: /m,
  "a failure that takes the patches back": /^denied 403 Forbidden\nmessage: Failing closed\n(?!patches)/m,
  "an explicit denial before a failure": / CronJob\/payments\/bad-cron .*\ndenied 403 Forbidden\nmessage: = denied/,
};

for (const [way, pattern] of Object.entries(WAYS)) {
  Deno.test(`the goldens hold ${way}`, () => {
    assert.ok(goldens.some((block) => pattern.test(block)), `no block has ${pattern}`);
  });
}

/** Policies that are off, where the captures would otherwise have them say something. */
const OFF = [
  { endpoint: "validating", policy: "host_ports", namespace: "payments", rule: "deny_host_ports" },
  { endpoint: "validating", policy: "host_pid", namespace: "monitoring", rule: "deny_host_pid" },
  { endpoint: "mutating", policy: "capabilities", namespace: "sysdig", rule: "set_dropped_capabilities" },
] as const;

for (const { endpoint, policy, namespace, rule } of OFF) {
  Deno.test(`${policy} is silent in ${namespace} because it is off there`, () => {
    const on = engine.policies.all.map((loaded) =>
      loaded.policy.name === policy
        ? { ...loaded, stage: { validate: "deny", mutate: "dryrun" } as const, namespaces: new Map() }
        : loaded
    );
    const otherwise = responses(endpoint, { ...engine, policies: indexPolicies(on) })
      .map((each, i) => blockOf(each, i + 1));
    const speaks = (block: string) => block.split("\n", 1)[0].includes(`/${namespace}/`) && block.includes(`${rule}:`);
    assert.ok(otherwise.some(speaks));
    assert.ok(!goldenBlocks(endpoint).some(speaks));
  });
}
