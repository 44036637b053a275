import assert from "node:assert/strict";
import { review } from "../../../src/core/review.ts";
import { requestOf } from "../../request_fixture.ts";
import { annotated, answerTo, engineFrom, operationsOf } from "./bundle_engine.ts";

const STAGED = `
environment: prod
policies: [{ use: $FORMS/config_staged.tar.gz }]
stages: { prod: { a: deny, b: warn, c: { mutate: patch }, d: { namespaces: { payments: deny } }, e: off } }
`;

Deno.test("a config-staged bundle's violations have the stages of the policies that they name", async () => {
  const engine = await engineFrom(STAGED);
  const violation = (policy: string) => ({ policy, rule: `deny_${policy}`, message: `${policy} is wrong` });
  const violations = ["a", "b", "d", "e", "other"].map(violation);
  const { allowed, auditAnnotations, status } = answerTo(annotated({ violations }), "validating", engine);
  assert.equal(allowed, false);
  assert.equal(status?.message, "deny_a: a is wrong, deny_d: d is wrong");
  assert.equal(auditAnnotations.denied, "deny_a: a is wrong, deny_d: d is wrong");
  assert.equal(auditAnnotations.warned, "deny_b: b is wrong");
  assert.equal(auditAnnotations.monitored, "deny_other: other is wrong");
});

Deno.test("a config-staged bundle's violations keep container, path and remediation, and are excused by them", async () => {
  const engine = await engineFrom(STAGED + "allowlists: [{ use: file, options: { path: allowlist.yaml } }]\n", {
    "allowlist.yaml": "prod: { a: { payments: [app] } }",
  });
  const violations = [
    { policy: "a", rule: "deny_a", message: "excused", container: "app" },
    { policy: "a", rule: "deny_a", message: "found", container: "side", path: "/spec", remediation: "Mend it." },
    { policy: "b", rule: "deny_b", message: "nulls are absent", container: null, path: null, remediation: null },
  ];
  const { auditAnnotations, status } = answerTo(annotated({ violations }), "validating", engine);
  assert.equal(auditAnnotations.allowlisted, "deny_a: excused (exception prod/a/payments/app)");
  assert.equal(status?.message, "deny_a: found Remediation: Mend it.");
  assert.equal(auditAnnotations.warned, "deny_b: nulls are absent");
});

Deno.test("a config-staged bundle's patches have stages by policy, as one step on the object as it was", async () => {
  const engine = await engineFrom(STAGED);
  const patches = [
    { policy: "c", rule: "set_x", op: "add", path: "/metadata/labels/x", value: "1" },
    { policy: "c", rule: "set_x", op: "replace", path: "/spec/containers/0/image", value: "a", container: "app" },
    { policy: "c", rule: "drop", op: "remove", path: "/spec/list/0" },
    { policy: "c", rule: "drop", op: "remove", path: "/spec/list/2" },
    { policy: "c", rule: "drop", op: "remove", path: "/spec/list/10" },
    { policy: "a", rule: "set_y", op: "add", path: "/metadata/labels/y", value: "2" },
  ];
  const pod = annotated({ patches });
  const list = Array.from({ length: 11 }, (_, i) => i);
  const object = { ...pod, spec: { ...pod.spec as Record<string, unknown>, list } };
  const response = answerTo(object, "mutating", engine);
  assert.deepEqual(operationsOf(response), [
    { op: "add", path: "/metadata/labels", value: {} },
    { op: "add", path: "/metadata/labels/x", value: "1" },
    { op: "replace", path: "/spec/containers/0/image", value: "a" },
    { op: "remove", path: "/spec/list/10" },
    { op: "remove", path: "/spec/list/2" },
    { op: "remove", path: "/spec/list/0" },
  ]);
  assert.equal(
    response.auditAnnotations.dryrun,
    'set_y: [{"op":"add","path":"/metadata/labels/y","value":"2"}]',
  );
});

Deno.test("patches of a template are asked for as those of the pod that it makes", async () => {
  const engine = await engineFrom(`
environment: prod
policies: [{ use: $FORMS/pipeline.tar.gz }, { use: readonly_root_fs }]
stages: { prod: { default: { validate: deny } } }`);
  const { spec, metadata } = annotated({});
  const writable = { ...spec as Record<string, unknown>, containers: [{ name: "app", image: "a" }] };
  const deployment = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", namespace: "payments" },
    spec: { template: { metadata, spec: writable } },
  };
  assert.equal(answerTo(deployment, "validating", engine).allowed, true, "the pipeline repairs its pods");
  assert.equal(answerTo(deployment, "mutating", engine).patch, undefined, "and it is left as it is");
});

const SELF = "environment: prod\npolicies: [{ use: $FORMS/self_staged.tar.gz }]\n";
const MESSAGES = { monitor: ["deny_a: m"], warn: ["deny_b: w"], deny: ["deny_c: d", "no rule in this"] };

Deno.test("a self-staged bundle's messages have the stages of their sets, whatever the config's default", async () => {
  for (const stages of ["", "stages: { prod: { default: off } }"]) {
    const { auditAnnotations, warnings } = answerTo(annotated(MESSAGES), "validating", await engineFrom(SELF + stages));
    assert.equal(auditAnnotations.denied, "deny_c: d, self_staged: no rule in this");
    assert.deepEqual(warnings, ["deny_b: w"]);
    assert.equal(auditAnnotations.monitored, "deny_a: m");
    assert.equal(auditAnnotations.all_rules, "deny_a: m, deny_b: w, deny_c: d, self_staged: no rule in this");
  }
});

Deno.test("a self-staged bundle's own entry in the stages caps it", async () => {
  const engine = await engineFrom(`${SELF}stages: { prod: { self_staged: { validate: warn, mutate: dryrun } } }`);
  const { allowed, warnings } = answerTo(annotated(MESSAGES), "validating", engine);
  assert.equal(allowed, true);
  assert.deepEqual(warnings, ["deny_b: w", "deny_c: d", "self_staged: no rule in this"]);
  const patch = [{ op: "add", path: "/metadata/labels", value: {} }];
  assert.equal(answerTo(annotated({ patch }), "mutating", engine).patch, undefined);
});

Deno.test("a self-staged bundle's violations of an unchanged pod are monitored", async () => {
  const engine = await engineFrom(SELF);
  const oldObject = annotated(MESSAGES);
  const object = { ...oldObject, metadata: { ...oldObject.metadata as Record<string, unknown>, labels: { a: "b" } } };
  const request = requestOf(object, { operation: "UPDATE", oldObject });
  assert.equal(answerTo(request, "validating", engine).allowed, true);
});

Deno.test("a self-staged bundle's operations are patched or shown, under its name or their rule's", async () => {
  const engine = await engineFrom(SELF);
  const response = answerTo(
    annotated({
      patch: [{ op: "add", path: "/metadata/labels", value: { a: "b" }, rule: "set_labels" }],
      dryrun: [{ op: "add", path: "/spec/hostname", value: "x" }],
    }),
    "mutating",
    engine,
  );
  assert.deepEqual(operationsOf(response), [{ op: "add", path: "/metadata/labels", value: { a: "b" } }]);
  assert.equal(
    response.auditAnnotations.patches,
    'set_labels: [{"op":"add","path":"/metadata/labels","value":{"a":"b"}}]',
  );
  assert.equal(
    response.auditAnnotations.dryrun,
    'self_staged: [{"op":"add","path":"/spec/hostname","value":"x"}]',
  );
});

Deno.test("the tutorial's messages are staged by config under the bundle's name", async () => {
  const engine = await engineFrom(`
environment: prod
policies: [{ use: $FORMS/tutorial.tar.gz, options: { name: acme } }]
stages: { prod: { acme: deny } }`);
  const { status } = answerTo(annotated({ deny: ["x: y", "z"] }), "validating", engine);
  assert.equal(status?.message, "acme: x: y, acme: z");
});

const WRONG_SETS: Record<
  string,
  { form: string; endpoint: "validating" | "mutating"; annotations: unknown; cause: RegExp }
> = {
  "a violation without a rule": {
    form: "config_staged",
    endpoint: "validating",
    annotations: { violations: [{ policy: "a", message: "m" }] },
    cause: /rule is not a text/,
  },
  "a violation without a policy": {
    form: "config_staged",
    endpoint: "validating",
    annotations: { violations: [{ rule: "a", message: "m" }] },
    cause: /kube_policies\/violations names no policy for rule "a"/,
  },
  "a violation that is a text": {
    form: "config_staged",
    endpoint: "validating",
    annotations: { violations: ["a"] },
    cause: /kube_policies\/violations holds a string, accepted: objects/,
  },
  "a container that is a number": {
    form: "config_staged",
    endpoint: "validating",
    annotations: { violations: [{ policy: "a", rule: "a", message: "m", container: 1 }] },
    cause: /container is not a text/,
  },
  "a patch without a policy": {
    form: "config_staged",
    endpoint: "mutating",
    annotations: { patches: [{ rule: "a", op: "remove", path: "/spec" }] },
    cause: /kube_policies\/patches names no policy/,
  },
  "an operation that moves": {
    form: "self_staged",
    endpoint: "mutating",
    annotations: { patch: [{ op: "move", path: "/spec", from: "/x" }] },
    cause: /Cannot use operation "move"/,
  },
  "an operation without a path": {
    form: "self_staged",
    endpoint: "mutating",
    annotations: { patch: [{ op: "remove" }] },
    cause: /path is not a text/,
  },
  "two values for one path": {
    form: "self_staged",
    endpoint: "mutating",
    annotations: { patch: ["a", "b"].map((value) => ({ op: "add", path: "/spec/hostname", value })) },
    cause: /mutating\/patch wants different values at \/spec\/hostname/,
  },
  "a message that is an object": {
    form: "self_staged",
    endpoint: "validating",
    annotations: { warn: [{ msg: "x" }] },
    cause: /validating\/warn holds a object, accepted: texts/,
  },
  "a tutorial's message that is a number": {
    form: "tutorial",
    endpoint: "validating",
    annotations: { deny: [1] },
    cause: /kubernetes\/admission\/deny holds a number, accepted: texts/,
  },
};

for (const [name, { form, endpoint, annotations, cause }] of Object.entries(WRONG_SETS)) {
  Deno.test(`a bundle that answers with ${name} fails, and nothing of its answer counts`, async () => {
    const stages = `stages: { prod: { default: { validate: deny, mutate: patch } } }`;
    const engine = await engineFrom(`environment: prod\npolicies: [{ use: $FORMS/${form}.tar.gz }]\n${stages}`
      .replace(", mutate: patch", form === "tutorial" ? "" : ", mutate: patch"));
    const object = annotated(annotations as Record<string, unknown>);
    const { failures, violations, patch } = review(requestOf(object), endpoint, engine);
    assert.match(String(failures[0]?.cause), cause);
    assert.deepEqual([failures.length, violations, patch], [1, [], []]);
    const { allowed, auditAnnotations } = answerTo(object, endpoint, engine);
    assert.equal(allowed, endpoint === "mutating", "validating fails closed, mutating open");
    assert.ok(auditAnnotations[endpoint === "mutating" ? "failing-open" : "failing-closed"]);
  });
}

Deno.test("a bundle that reports under another policy's name has that name's stage", async () => {
  const engine = await engineFrom(`
environment: prod
policies: [{ use: host_ipc }, { use: $FORMS/config_staged.tar.gz }]
stages: { prod: { default: { validate: monitor }, host_ipc: deny } }`);
  const violations = [{ policy: "host_ipc", rule: "deny_host_ipc", message: "found" }];
  assert.equal(answerTo(annotated({ violations }), "validating", engine).status?.message, "deny_host_ipc: found");
});

Deno.test("a self-staged bundle that only watches never fails closed", async () => {
  const engine = await engineFrom(
    "policies: [{ use: $FORMS/self_staged.tar.gz, options: { entrypoints: [validating/monitor] } }]",
  );
  const { allowed, auditAnnotations } = answerTo(annotated({ monitor: [1] }), "validating", engine);
  assert.deepEqual([allowed, auditAnnotations["failing-closed"]], [true, undefined]);
});
