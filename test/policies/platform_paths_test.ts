import assert from "node:assert/strict";
import * as v from "valibot";
import { platformPolicies } from "../../policies/platform.ts";
import { shippedPolicies } from "../../policies/mod.ts";
import { kit } from "../../src/core/kit.ts";
import { subjectOf } from "../../src/core/subject.ts";
import { findingsFor } from "../direct.ts";

const OPTIONS: Readonly<Record<string, unknown>> = { image_registry: { allowed: ["registry.example.com"] } };

const SPEC = {
  hostNetwork: true,
  hostPID: true,
  hostIPC: true,
  securityContext: { runAsUser: 0 },
  volumes: [{ name: "tmp", emptyDir: {} }, { name: "model", image: { reference: "model" } }],
  initContainers: [{ name: "setup", image: "setup", securityContext: { runAsUser: 1000 } }],
  containers: [{ name: "app", image: "app", securityContext: { runAsUser: 0, capabilities: { add: ["CHOWN"] } } }],
};

const SETUP = "/spec/template/spec/initContainers/0";
const APP = "/spec/template/spec/containers/0";

const PATHS: Readonly<Record<string, readonly string[]>> = {
  host_ipc: ["/spec/template/spec/hostIPC"],
  host_network: ["/spec/template/spec/hostNetwork"],
  host_pid: ["/spec/template/spec/hostPID"],
  privilege_escalation: [
    `${SETUP}/securityContext/allowPrivilegeEscalation`,
    `${APP}/securityContext/allowPrivilegeEscalation`,
  ],
  run_as_root: [
    "/spec/template/spec/securityContext/runAsUser",
    `${SETUP}/securityContext/runAsNonRoot`,
    `${APP}/securityContext/runAsUser`,
  ],
  readonly_root_fs: [
    `${SETUP}/securityContext/readOnlyRootFilesystem`,
    `${APP}/securityContext/readOnlyRootFilesystem`,
  ],
  capabilities: [
    `${SETUP}/securityContext/capabilities/drop`,
    `${APP}/securityContext/capabilities/drop`,
    `${APP}/securityContext/capabilities/add`,
  ],
  image_registry: ["/spec/template/spec/volumes/1/image/reference", `${SETUP}/image`, `${APP}/image`],
};

for (const name of platformPolicies) {
  Deno.test(`${name} points at the field to change`, () => {
    const policy = shippedPolicies[name](kit);
    const options = policy.options && v.parse(policy.options, OPTIONS[name]);
    const object = { metadata: { name: "web" }, spec: { template: { spec: SPEC } } };
    const findings = findingsFor(policy, subjectOf(requestFor(object)), options);
    assert.deepEqual(findings.map(({ path }) => path), PATHS[name]);
  });
}

function requestFor(object: unknown) {
  return {
    uid: "00000000-0000-4000-8000-000000000000",
    kind: { group: "apps", version: "v1", kind: "Deployment" },
    resource: { group: "apps", version: "v1", resource: "deployments" },
    namespace: "payments",
    operation: "CREATE" as const,
    object,
  };
}
