import assert from "node:assert/strict";
import type { AdmissionRequest } from "../../src/contract.ts";
import { goodPod, requestOf } from "../request_fixture.ts";
import { reviewed, serveForFile } from "../serve_fixture.ts";

const { server, test } = await serveForFile();

/** The creation of a pod for which the policy `breaks_down` throws in that half. */
function breaking(half: "validate" | "mutate", { spec = {}, namespace = "payments" } = {}): AdmissionRequest {
  return requestOf(goodPod(spec, { namespace, labels: { "break-down": half } }));
}

const HOST_PID = "deny_host_pid: Pod Pod/payments/web cannot be created with hostPID enabled.";

test("a policy that throws at stage deny closes the validating webhook, and the other policies report", async () => {
  const response = await reviewed(server, breaking("validate", { spec: { hostPID: true } }), { failing: "closed" });
  assert.deepEqual([response.warnings, response.auditAnnotations.warned], [[HOST_PID], HOST_PID]);
});

test("a denial by another policy goes before a failure", async () => {
  const response = await reviewed(server, breaking("validate", { spec: { hostNetwork: true } }));
  assert.equal(response.allowed, false);
  assert.match(response.status!.message, /^deny_host_network: /);
});

test("a policy that throws at stage monitor decides nothing", async () => {
  const { allowed } = await reviewed(server, breaking("validate", { namespace: "watched" }));
  assert.equal(allowed, true);
});

test("a policy that throws in a namespace that fails open lets the request pass, and says so", async () => {
  const { warnings } = await reviewed(server, breaking("validate", { namespace: "lenient", spec: { hostPID: true } }), {
    failing: "open",
  });
  assert.equal(warnings?.length, 1);
});

test("a policy that throws at stage patch leaves the mutating webhook open, and the other patches stay", async () => {
  const containers = [{ name: "app", image: "registry.example.com/app:1" }];
  const response = await reviewed(server, breaking("mutate", { spec: { containers } }), {
    endpoint: "mutating",
    failing: "open",
  });
  assert.match(response.auditAnnotations.patches, /set_readonly_root_fs: /);
  assert.match(response.auditAnnotations.dryrun, /set_dropped_capabilities: /);
});

test("a policy that throws for one request answers the next", async () => {
  await reviewed(server, breaking("validate"), { failing: "closed" });
  assert.equal((await reviewed(server, requestOf(goodPod()))).allowed, true);
});

test("breakglass goes before a policy that throws", async () => {
  const groups = ["sre-oncall", "system:authenticated"];
  const request = { ...breaking("validate"), userInfo: { username: "alice", groups } };
  const { allowed, auditAnnotations } = await reviewed(server, request);
  assert.deepEqual([allowed, auditAnnotations.breakglass_authorized], [true, "groups."]);
});
