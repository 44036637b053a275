import { deepStrictEqual as assertEquals } from "node:assert";
import type { AdmissionRequest, Fields } from "../../src/contract.ts";
import { bypassOf } from "../../src/core/bypass.ts";
import type { CriticalEntry } from "../../src/core/bypass.ts";
import { review, reviewFailed } from "../../src/core/review.ts";
import { engineOf } from "../engine_fixture.ts";
import { goodPod, requestOf } from "../request_fixture.ts";
import { throwing } from "./policy_fixture.ts";

const DAEMON_SET: CriticalEntry = { namespace: "kube-system", kind: "DaemonSet", name: "aws-node" };
const DEPLOYMENT: CriticalEntry = { namespace: "kube-system", kind: "Deployment", name: "coredns" };
const CRON_JOB: CriticalEntry = { namespace: "kube-system", kind: "CronJob", name: "backup" };
const POD: CriticalEntry = { namespace: "kube-system", kind: "Pod", name: "kube-proxy" };
const CRITICAL = [DAEMON_SET, DEPLOYMENT, CRON_JOB, POD];

const account = (name: string) => ({ username: `system:serviceaccount:kube-system:${name}`, groups: [] });

function ownerOf(kind: string, name: string, changes: Fields = {}): Fields {
  const apiVersion = ["Job", "CronJob"].includes(kind) ? "batch/v1" : "apps/v1";
  return { apiVersion, kind, name, uid: "u", controller: true, ...changes };
}

/** A pod that `userInfo` creates in kube-system. */
function podBy(userInfo: AdmissionRequest["userInfo"], metadata: Fields): AdmissionRequest {
  const { name, ...rest } = metadata;
  const object = goodPod({}, { name: undefined, generateName: "x-", ...rest, ...(name !== undefined && { name }) });
  return requestOf(object, { name: name as string | undefined, namespace: "kube-system", userInfo });
}

const ownedBy = (kind: string, name: string, changes?: Fields) => ({ ownerReferences: [ownerOf(kind, name, changes)] });

function criticalName(request: AdmissionRequest): string | null {
  const bypass = bypassOf(request, engineOf({ critical: CRITICAL }));
  return bypass?.by === "critical" ? bypass.entry.name : null;
}

const DAEMON_CONTROLLER = account("daemon-set-controller");
const REPLICA_CONTROLLER = account("replicaset-controller");
const hashed = (hash: unknown) => ({ labels: { "pod-template-hash": hash } });
const replica = (name: string) => ownedBy("ReplicaSet", name);
const mirror = { annotations: { "kubernetes.io/config.mirror": "abc" } };
const NODE = { username: "system:node:n1", groups: ["system:nodes", "system:authenticated"] };

const accepted: [string, AdmissionRequest, string][] = [
  [
    "the entry itself, whoever applies it",
    requestOf({ apiVersion: "apps/v1", kind: "DaemonSet", metadata: { name: "aws-node", namespace: "kube-system" } }),
    "aws-node",
  ],
  ["a pod of its daemon set", podBy(DAEMON_CONTROLLER, ownedBy("DaemonSet", "aws-node")), "aws-node"],
  [
    "a pod made by the controller manager under one account",
    podBy({ username: "system:kube-controller-manager" }, ownedBy("DaemonSet", "aws-node")),
    "aws-node",
  ],
  [
    "a pod of its deployment's replica set",
    podBy(REPLICA_CONTROLLER, { ...hashed("5d78c9869d"), ...replica("coredns-5d78c9869d") }),
    "coredns",
  ],
  [
    "a replica set of its deployment",
    requestOf({
      apiVersion: "apps/v1",
      kind: "ReplicaSet",
      metadata: { name: "coredns-5d7", namespace: "kube-system", ...ownedBy("Deployment", "coredns") },
    }, { userInfo: account("deployment-controller") }),
    "coredns",
  ],
  ["a pod of a run of its cron job", podBy(account("job-controller"), ownedBy("Job", "backup-29384756")), "backup"],
  ["a mirror pod, from its node", podBy(NODE, { name: "kube-proxy-n1", ...mirror }), "kube-proxy"],
];

for (const [name, request, expected] of accepted) {
  Deno.test(`bypassOf() takes ${name} for critical`, () => assertEquals(criticalName(request), expected));
}

const refused: [string, AdmissionRequest][] = [
  ["a forged owner reference", podBy({ username: "mallory", groups: [] }, ownedBy("DaemonSet", "aws-node"))],
  ["another controller's account", podBy(REPLICA_CONTROLLER, ownedBy("DaemonSet", "aws-node"))],
  [
    "a look-alike account in another namespace",
    podBy({ username: "system:serviceaccount:tenant:daemon-set-controller" }, ownedBy("DaemonSet", "aws-node")),
  ],
  [
    "an account whose name only begins alike",
    podBy(account("daemon-set-controller2"), ownedBy("DaemonSet", "aws-node")),
  ],
  [
    "another namespace",
    { ...podBy(DAEMON_CONTROLLER, ownedBy("DaemonSet", "aws-node")), namespace: "tenant" },
  ],
  ["a look-alike owner", podBy(DAEMON_CONTROLLER, ownedBy("DaemonSet", "aws-node-evil"))],
  ["a name in another case", podBy(DAEMON_CONTROLLER, ownedBy("DaemonSet", "AWS-node"))],
  [
    "an owner of another API group",
    podBy(DAEMON_CONTROLLER, ownedBy("DaemonSet", "aws-node", { apiVersion: "example.com/v1" })),
  ],
  ["an owner that is no controller", podBy(DAEMON_CONTROLLER, ownedBy("DaemonSet", "aws-node", { controller: false }))],
  [
    "a second owner beside the controller",
    podBy(DAEMON_CONTROLLER, { ownerReferences: [ownerOf("DaemonSet", "other"), ownerOf("DaemonSet", "aws-node")] }),
  ],
  ["owners that are no list", podBy(DAEMON_CONTROLLER, { ownerReferences: { 0: ownerOf("DaemonSet", "aws-node") } })],
  ["an owner kind such as constructor", podBy(DAEMON_CONTROLLER, ownedBy("constructor", "aws-node"))],
  [
    "a deployment whose name only begins with the entry's",
    podBy(REPLICA_CONTROLLER, { ...hashed("abc"), ...replica("coredns-evil-abc") }),
  ],
  ["a replica set without the hash", podBy(REPLICA_CONTROLLER, replica("coredns-abc"))],
  ["an empty hash", podBy(REPLICA_CONTROLLER, { ...hashed(""), ...replica("coredns-") })],
  ["a prefix without delimiter", podBy(REPLICA_CONTROLLER, { ...hashed("abc"), ...replica("corednsabc") })],
  ["a job that is no run of the cron job", podBy(account("job-controller"), ownedBy("Job", "backup-evil"))],
  ["a mirror annotation from a user", podBy({ username: "mallory" }, { name: "kube-proxy-n1", ...mirror })],
  ["a mirror pod of another node", podBy(NODE, { name: "kube-proxy-n2", ...mirror })],
  ["a node without the nodes group", podBy({ ...NODE, groups: [] }, { name: "kube-proxy-n1", ...mirror })],
  ["a node's pod that is no mirror pod", podBy(NODE, { name: "kube-proxy-n1" })],
  [
    "a custom kind with a workload's name",
    requestOf({
      apiVersion: "example.com/v1",
      kind: "DaemonSet",
      metadata: { name: "aws-node", namespace: "kube-system" },
    }),
  ],
];

for (const [name, request] of refused) {
  Deno.test(`bypassOf() does not take ${name} for critical`, () => assertEquals(criticalName(request), null));
}

function identities(userInfo: AdmissionRequest["userInfo"]) {
  const breakglass = {
    users: ["root@example.com"],
    groups: ["sre"],
    usernamePrefixes: ["system:serviceaccount:flux:"],
  };
  const bypass = bypassOf(requestOf(goodPod(), { userInfo }), engineOf({ breakglass }));
  return bypass?.by === "breakglass" ? bypass.identities : [];
}

Deno.test("bypassOf() matches breakglass users and groups exactly, prefixes literally", () => {
  assertEquals(identities({ username: "root@example.com", groups: ["sre"] }), ["users", "groups"]);
  assertEquals(identities({ username: "system:serviceaccount:flux:kustomize" }), ["username_prefixes"]);
  for (
    const username of ["Root@example.com", "root@example.com.evil", "system:serviceaccount:flux-evil:x", "", "sre"]
  ) {
    assertEquals(identities({ username, groups: ["sre2", "SRE", "sr"] }), []);
  }
  assertEquals(identities(undefined), []);
  assertEquals(identities({ username: undefined, groups: undefined }), []);
});

Deno.test("review() asks critical and breakglass before anything that can fail", () => {
  const policies = [{ policy: throwing("broken", new Error("boom")) }];
  const request = podBy(DAEMON_CONTROLLER, ownedBy("DaemonSet", "aws-node"));
  const critical = engineOf({ policies, critical: CRITICAL });
  const breakglass = engineOf({ policies, breakglass: { users: [DAEMON_CONTROLLER.username] } });
  for (const endpoint of ["validating", "mutating"] as const) {
    for (const engine of [critical, breakglass]) {
      assertEquals(review(request, endpoint, engine).allowed, true);
      assertEquals(reviewFailed(request, endpoint, { engine, cause: new Error("all dead") }).failing, null);
    }
  }
});

Deno.test("review() gives a breakglass only to the caller's own request", () => {
  const engine = engineOf({
    policies: [{ policy: throwing("broken", new Error("boom")) }],
    breakglass: { groups: ["sre"] },
  });
  const own = requestOf(goodPod(), { userInfo: { username: "ann", groups: ["sre"] } });
  const byController = podBy(REPLICA_CONTROLLER, { ...hashed("abc"), ...replica("ann-abc") });
  assertEquals(review(own, "validating", engine).allowed, true);
  assertEquals(review(byController, "validating", engine).allowed, false);
});
