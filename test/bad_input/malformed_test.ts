import assert from "node:assert/strict";
import type { Fields } from "../../src/contract.ts";
import { goodContainer, goodPod, requestOf } from "../request_fixture.ts";
import { runKp } from "../run_fixture.ts";
import { reviewed, SERVE_CONFIG, serveForFile } from "../serve_fixture.ts";

const { server, test } = await serveForFile();

const container = (fields: Fields) => goodPod({ containers: [goodContainer(fields)] });

function deployment(spec: unknown): Fields {
  return { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web", namespace: "payments" }, spec };
}

/** Objects whose shape is not their kind's, with the place that is wrong. */
const MALFORMED: Record<string, readonly [Fields, string]> = {
  "no spec": [{ ...goodPod(), spec: undefined }, "/spec: found undefined"],
  "spec: null": [{ ...goodPod(), spec: null }, "/spec: found null"],
  "a spec that is a list": [{ ...goodPod(), spec: [] }, "/spec: found list"],
  "a spec that is a text": [{ ...goodPod(), spec: "hostNetwork" }, "/spec: found string"],
  "containers: {}": [goodPod({ containers: {} }), "/spec/containers: found object"],
  "containers that are a text": [goodPod({ containers: "app" }), "/spec/containers: found string"],
  "a container that is null": [goodPod({ containers: [null] }), "/spec/containers/0: found null"],
  "a container that is a text": [goodPod({ containers: [goodContainer(), "app"] }), "/spec/containers/1: found string"],
  "a list of lists of containers": [goodPod({ containers: [[goodContainer()]] }), "/spec/containers/0: found list"],
  "initContainers that are a number": [goodPod({ initContainers: 1 }), "/spec/initContainers: found number"],
  "a number for a name": [container({ name: 5 }), "/spec/containers/0/name: found number"],
  "a list for a name": [container({ name: ["app"] }), "/spec/containers/0/name: found list"],
  "a text for a securityContext": [
    container({ securityContext: "privileged" }),
    "/spec/containers/0/securityContext: found string",
  ],
  "a list for the pod's securityContext": [goodPod({ securityContext: [] }), "/spec/securityContext: found list"],
  "metadata that is a list": [{ ...goodPod(), metadata: [] }, "/metadata: found list"],
  "no template": [deployment({}), "/spec/template: found undefined"],
  "template: null": [deployment({ template: null }), "/spec/template: found null"],
  "a template without spec": [deployment({ template: { metadata: {} } }), "/spec/template/spec: found undefined"],
  "a deployment's spec that is a list": [deployment([]), "/spec: found list"],
};

for (const [name, [object, found]] of Object.entries(MALFORMED)) {
  test(`I13: ${name} is denied as malformed, and not patched`, async () => {
    const request = requestOf(object, { name: "web", namespace: "payments" });
    const validating = await reviewed(server, request);
    assert.ok(validating.status!.message.startsWith("ensure_well_formed: "), validating.status!.message);
    assert.ok(validating.status!.message.includes(found), validating.status!.message);
    const mutating = await reviewed(server, request, { endpoint: "mutating" });
    assert.deepEqual([mutating.allowed, mutating.patch], [true, undefined]);

    const { code, out, err } = await runKp(["check", "-", "-c", SERVE_CONFIG], { stdin: JSON.stringify(object) });
    assert.deepEqual([code, err], [1, ""]);
    assert.ok(out.includes("deny  ensure_well_formed: ") && out.includes(found), out);
  });
}

/** The API server's schema refuses them; for a policy there is nothing in them to refuse. */
const EMPTY: Record<string, Fields> = {
  "containers: null": goodPod({ containers: null }),
  "containers: []": goodPod({ containers: [] }),
  "no containers": goodPod({ containers: undefined }),
};

for (const [name, object] of Object.entries(EMPTY)) {
  test(`I13: ${name} is left to the API server's schema`, async () => {
    for (const endpoint of ["validating", "mutating"] as const) {
      const { allowed, patch } = await reviewed(server, requestOf(object), { endpoint });
      assert.deepEqual([allowed, patch], [true, undefined]);
    }
  });
}

/** Deeper down, where single policies read: whatever they make of it, nothing breaks and nothing bad passes. */
const FIELDS: Record<string, (value: unknown) => Fields> = {
  "securityContext.capabilities": (value) => container({ securityContext: { capabilities: value } }),
  "securityContext.capabilities.drop": (value) => container({ securityContext: { capabilities: { drop: value } } }),
  "securityContext.capabilities.add": (value) =>
    container({
      securityContext: { ...goodContainer().securityContext as Fields, capabilities: { drop: ["ALL"], add: value } },
    }),
  "securityContext.privileged": (value) => container({ securityContext: { privileged: value } }),
  "securityContext.readOnlyRootFilesystem": (value) =>
    container({ securityContext: { readOnlyRootFilesystem: value } }),
  "securityContext.runAsUser": (value) => container({ securityContext: { runAsUser: value } }),
  "securityContext.seccompProfile": (value) => container({ securityContext: { seccompProfile: value } }),
  "securityContext.seLinuxOptions": (value) => container({ securityContext: { seLinuxOptions: value } }),
  "ports": (value) => container({ ports: value }),
  "image": (value) => container({ image: value }),
  "livenessProbe": (value) => container({ livenessProbe: value }),
  "lifecycle": (value) => container({ lifecycle: value }),
  "spec.volumes": (value) => goodPod({ volumes: value }),
  "spec.volumes[0]": (value) => goodPod({ volumes: [value] }),
  "spec.os": (value) => goodPod({ os: value }),
  "spec.hostNetwork": (value) => goodPod({ hostNetwork: value }),
  "spec.securityContext.sysctls": (value) => goodPod({ securityContext: { runAsNonRoot: true, sysctls: value } }),
  "metadata.annotations": (value) => goodPod({}, { annotations: value }),
  "metadata.labels": (value) => goodPod({}, { labels: value }),
};

const VALUES: unknown[] = [null, true, 0, -1, 1e400, "", "text", [], [null], [["a"]], {}, {
  toString: null,
  length: -1,
}];

for (const [name, objectWith] of Object.entries(FIELDS)) {
  test(`I13: any value of ${name} is answered by both webhooks and by replay`, async () => {
    for (const value of VALUES) {
      for (const endpoint of ["validating", "mutating"] as const) {
        await reviewed(server, requestOf(objectWith(value)), { endpoint });
      }
    }
  });
}
