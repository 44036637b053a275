import assert from "node:assert/strict";
import { review } from "../../../src/core/review.ts";
import { requestOf } from "../../request_fixture.ts";
import { annotated, answerTo, engineFrom, operationsOf } from "./bundle_engine.ts";

const SELF = "environment: prod\npolicies: [{ use: $FORMS/self_staged.tar.gz }]\n";

const PATCHED: Record<
  string,
  { patches: readonly Record<string, unknown>[]; containers?: unknown; tolerations?: unknown }
> = {
  "an insert before what is replaced": {
    patches: [
      { op: "add", path: "/spec/containers/0", value: { name: "sidecar", image: "s" } },
      { op: "replace", path: "/spec/containers/0/image", value: "fixed" },
    ],
    containers: [["sidecar", "s"], ["app", "fixed"]],
  },
  "an insert before what is removed": {
    patches: [
      { op: "add", path: "/spec/tolerations/0", value: "new" },
      { op: "remove", path: "/spec/tolerations/1" },
    ],
    tolerations: ["new", "keep"],
  },
  "one removal that two rules want": {
    patches: [
      { op: "remove", path: "/spec/tolerations/0", rule: "a" },
      { op: "remove", path: "/spec/tolerations/0", rule: "b" },
    ],
    tolerations: ["bad"],
  },
};

for (const [name, { patches, containers, tolerations }] of Object.entries(PATCHED)) {
  Deno.test(`a set of operations speaks of the object as it was: ${name}`, async () => {
    const pod = annotated({ patch: patches });
    const object = { ...pod, spec: { ...pod.spec as Record<string, unknown>, tolerations: ["keep", "bad"] } };
    const { patched, failures } = review(requestOf(object), "mutating", await engineFrom(SELF));
    assert.deepEqual(failures, []);
    const spec = patched!.spec as { containers: { name: string; image: string }[]; tolerations: string[] };
    if (containers) assert.deepEqual(spec.containers.map(({ name, image }) => [name, image]), containers);
    if (tolerations) assert.deepEqual(spec.tolerations, tolerations);
  });
}

Deno.test("a set that changes something within what it takes away fails", async () => {
  const patch = [
    { op: "remove", path: "/spec/securityContext" },
    { op: "add", path: "/spec/securityContext/runAsNonRoot", value: true },
  ];
  const { failures } = review(requestOf(annotated({ patch })), "mutating", await engineFrom(SELF));
  assert.match(
    String(failures[0].cause),
    /mutating\/patch wants to change \/spec\/securityContext\/runAsNonRoot, and to remove \/spec\/securityContext$/,
  );
});

Deno.test("of an ephemeral container's update only what is new is patched, whatever else the set holds", async () => {
  const pod = annotated({
    patch: ["/spec/containers/0/stdin", "/spec/ephemeralContainers/0/stdin"].map((path) => ({
      op: "add",
      path,
      value: true,
    })),
  });
  const object = { ...pod, spec: { ...pod.spec as Record<string, unknown>, ephemeralContainers: [{ name: "debug" }] } };
  const request = requestOf(object, { operation: "UPDATE", subResource: "ephemeralcontainers", oldObject: pod });
  assert.deepEqual(operationsOf(answerTo(request, "mutating", await engineFrom(SELF))), [
    { op: "add", path: "/spec/ephemeralContainers/0/stdin", value: true },
  ]);
});

Deno.test("two bundles that want two values under one rule's name are both left out", async () => {
  const engine = await engineFrom(`
environment: prod
policies:
  - use: $FORMS/config_staged.tar.gz
  - { use: $FORMS/self_staged.tar.gz, options: { name: echo } }
stages: { prod: { default: { mutate: patch } } }`);
  const object = annotated({
    patches: [{ policy: "other", rule: "set", op: "add", path: "/spec/hostname", value: "a" }],
    patch: [{ rule: "set", op: "add", path: "/spec/hostname", value: "b" }],
    dryrun: [{ rule: "set", op: "add", path: "/spec/subdomain", value: "b" }],
  });
  const { failures, patch, patches } = review(requestOf(object), "mutating", engine);
  assert.deepEqual(failures.map(({ policy }) => policy).sort(), ["config_staged", "echo"]);
  assert.deepEqual([patch, patches.map(({ outcome }) => outcome)], [[], ["dryrun"]]);
});
