import assert from "node:assert/strict";
import type { AdmissionRequest, Fields } from "../../src/contract.ts";
import { captures } from "../captures.ts";
import { goodContainer, goodPod, requestOf } from "../request_fixture.ts";
import { runKp } from "../run_fixture.ts";
import { reviewed, SERVE_CONFIG, serveForFile } from "../serve_fixture.ts";

const { server, test } = await serveForFile();

const BAD = goodPod({ hostNetwork: true });
const WATCHED = { namespace: "watched" };

/** What both webhooks answer: no failure, and no patch where the request is none to patch. */
async function both(request: AdmissionRequest) {
  const validating = await reviewed(server, request);
  const mutating = await reviewed(server, request, { endpoint: "mutating" });
  return { validating, mutating };
}

/** `kp check -o json` of one manifest: what it reports, and its exit code. */
async function checked(object: unknown, ...args: string[]) {
  const stdin = JSON.stringify(object);
  const { code, out, err } = await runKp(["check", "-", "-o", "json", "-c", SERVE_CONFIG, ...args], { stdin });
  assert.equal(err, "");
  const { results, errors } = JSON.parse(out);
  assert.deepEqual(errors, []);
  const violations = results.flatMap((result: { violations: unknown[] }) => result.violations);
  return { code, rules: violations.map(({ rule }: { rule: string }) => rule) };
}

const CONNECTS = [
  ...captures("validating").map(({ request }) => request).filter(({ operation }) => operation === "CONNECT"),
  ...["portforward", "proxy"].map((subResource) =>
    requestOf({ apiVersion: "v1", kind: subResource === "proxy" ? "PodProxyOptions" : "PodPortForwardOptions" }, {
      operation: "CONNECT",
      resource: { group: "", version: "v1", resource: "pods" },
      subResource,
      name: "web",
    })
  ),
];

test("I10: CONNECT is for the policies that name it, whatever the options hold", async () => {
  assert.equal(CONNECTS.length, 6);
  for (const connect of CONNECTS) {
    const object = { ...connect.object as Fields, spec: BAD.spec, hostNetwork: true };
    const { validating, mutating } = await both({ ...connect, object, ...WATCHED });
    const { kind: { kind } } = connect;
    assert.match(
      validating.auditAnnotations.monitored,
      new RegExp(`^ensure_seen: CONNECT ${kind} \\w[\\w ]* was null$`),
    );
    assert.equal(mutating.patch, undefined);
    assert.equal((await reviewed(server, { ...connect, object })).auditAnnotations.all_rules, undefined);
  }
});

test("I11: DELETE shows the old object to the policies that name it, and refuses no bad pod", async () => {
  const remove = { operation: "DELETE", object: null, ...WATCHED } as const;
  for (const object of [null, undefined]) {
    const { validating, mutating } = await both(requestOf(BAD, { ...remove, object, oldObject: BAD }));
    const keys = "apiVersion kind metadata spec";
    assert.equal(validating.auditAnnotations.all_rules, `ensure_seen: DELETE Pod ${keys} was ${keys}`);
    assert.equal(mutating.patch, undefined);
  }
  const { validating } = await both(requestOf(BAD, { ...remove, oldObject: null }));
  assert.equal(validating.auditAnnotations.all_rules, "ensure_seen: DELETE Pod  was null");
  assert.deepEqual(await checked(BAD, "--operation", "DELETE"), { code: 0, rules: [] });
});

const JUDGED: Record<string, Partial<AdmissionRequest>> = {
  "UPDATE with oldObject null": { operation: "UPDATE", oldObject: null },
  "UPDATE without oldObject": { operation: "UPDATE", oldObject: undefined },
  "UPDATE of another kind of old object": { operation: "UPDATE", oldObject: { ...BAD, spec: "none" } },
  "CREATE with the same oldObject": { oldObject: BAD },
  "CREATE of what is being deleted": {
    object: {
      ...BAD,
      metadata: { ...BAD.metadata as Fields, deletionTimestamp: "2026-01-01T00:00:00Z", finalizers: ["x/y"] },
    },
  },
  "UPDATE of what is being deleted": {
    operation: "UPDATE",
    oldObject: goodPod({}, { deletionTimestamp: "2026-01-01T00:00:00Z" }),
    object: goodPod({ hostNetwork: true }, { deletionTimestamp: "2026-01-01T00:00:00Z" }),
  },
};

for (const [name, changes] of Object.entries(JUDGED)) {
  test(`I12: ${name} is judged in full`, async () => {
    const { validating } = await both(requestOf(BAD, changes));
    assert.match(validating.status!.message, /^deny_host_network: /);
  });
}

test("I12: subresources without the pod's spec are not for the pod policies, nor patched", async () => {
  for (const subResource of ["status", "scale", "binding", "eviction"]) {
    const { validating, mutating } = await both(requestOf(BAD, { subResource, operation: "UPDATE", oldObject: BAD }));
    assert.deepEqual([validating.allowed, mutating.patch], [true, undefined]);
  }
});

const CUSTOM = { spec: BAD.spec, template: { spec: BAD.spec } };
const GENERIC: Record<string, Fields> = {
  "a custom resource with a pod's spec": { apiVersion: "example.com/v1", kind: "Pod", ...CUSTOM },
  "a Deployment of another group": { apiVersion: "apps.example.com/v1", kind: "Deployment", spec: { template: BAD } },
  "a custom resource of no known shape": {
    apiVersion: "example.com/v1",
    kind: "Widget",
    spec: [[null, 1, { a: {} }]],
    metadata: 5,
  },
  "PartialObjectMetadata": { apiVersion: "meta.k8s.io/v1", kind: "PartialObjectMetadata", metadata: { name: "x" } },
  "a kind named like what every object has": { apiVersion: "v1", kind: "constructor", ...CUSTOM },
  "a group named like what every object has": { apiVersion: "__proto__/v1", kind: "toString", ...CUSTOM },
};

for (const [name, object] of Object.entries(GENERIC)) {
  test(`I22: ${name} is for generic policies only`, async () => {
    const { validating, mutating } = await both(requestOf(object, WATCHED));
    const entries = validating.auditAnnotations.all_rules.split(", ");
    assert.deepEqual([entries.length, entries[0].split(" ")[0]], [1, "ensure_seen:"]);
    assert.equal(mutating.patch, undefined);
    assert.deepEqual(await checked(object), { code: 0, rules: [] });
  });
}

test("I22: kp check judges the items of a List, the webhooks judge a List as the object that it is", async () => {
  const inner = { apiVersion: "v1", kind: "PodList", items: [BAD] };
  const list = { apiVersion: "v1", kind: "List", items: [BAD, inner] };
  assert.deepEqual(await checked(list), { code: 1, rules: ["deny_host_network", "deny_host_network"] });
  assert.equal((await both(requestOf(list))).validating.allowed, true);
});

const NAMES: Record<string, { metadata: unknown; shown: string }> = {
  "generateName only": { metadata: { generateName: "web-", namespace: "payments" }, shown: "Pod/payments/web-*" },
  "no name at all": { metadata: { namespace: "payments" }, shown: "Pod/payments/*" },
  "no namespace": { metadata: { name: "web" }, shown: "Pod/default/web" },
  "a path for a name": {
    metadata: { name: "../../etc/passwd", namespace: "../x" },
    shown: "Pod/../x/../../etc/passwd",
  },
  "a name with percent signs": { metadata: { name: "%2e%2e%s%n", namespace: "a" }, shown: "Pod/a/%2e%2e%s%n" },
  "a name that is an object": { metadata: { name: { a: 1 }, namespace: "a" }, shown: "Pod/a/*" },
};

for (const [name, { metadata, shown }] of Object.entries(NAMES)) {
  test(`I24: ${name} is shown as it is, and used for nothing`, async () => {
    const pod = { ...goodPod({ hostNetwork: true, containers: [goodContainer({ securityContext: {} })] }), metadata };
    const { validating, mutating } = await both(requestOf(pod));
    const expected = `Pod ${shown} cannot be created with hostNetwork enabled.`;
    assert.ok(validating.auditAnnotations.denied.includes(expected), validating.auditAnnotations.denied);
    assert.notEqual(mutating.patch, undefined);
    const { code, out } = await runKp(["check", "-"], { stdin: JSON.stringify(pod) });
    assert.ok(out.includes(expected), out);
    assert.equal(code, 1);
  });
}

test("I24: a namespaced object without a namespace in its request is judged", async () => {
  for (const namespace of [null, undefined, ""]) {
    const request = { ...requestOf(goodPod({ hostNetwork: true }, { namespace: undefined })), namespace };
    const { validating } = await both(request as AdmissionRequest);
    assert.match(validating.status!.message, /Pod Pod\/\/web cannot/);
  }
});
