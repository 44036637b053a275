import assert from "node:assert/strict";
import type { Fields } from "../../src/contract.ts";
import { assertRefused } from "../answer_assertions.ts";
import { goodContainer, goodPod, requestOf } from "../request_fixture.ts";
import { post, reviewed, serveForFile } from "../serve_fixture.ts";

const { server, test } = await serveForFile();

async function get(url: string): Promise<{ status: number; type: string | null; body: string }> {
  const response = await fetch(url);
  return { status: response.status, type: response.headers.get("content-type"), body: await response.text() };
}

/** Every sample of the metrics page: `name{labels}` -> value. */
async function samples(): Promise<Map<string, number>> {
  const { body } = await get(`${server.operators}/metrics`);
  return new Map(
    body.split("\n").filter((line) => line !== "" && !line.startsWith("#"))
      .map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ") + 1))]),
  );
}

test("health, readiness and metrics are served on the operators' port", async () => {
  for (const path of ["/healthz", "/readyz"]) {
    const { status, body } = await get(server.operators + path);
    assert.deepEqual([status, body], [200, "ok\n"]);
  }
  const { status, type, body } = await get(`${server.operators}/metrics`);
  assert.deepEqual([status, type], [200, "text/plain; version=0.0.4; charset=utf-8"]);
  assert.match(body, /^# HELP kube_policies_requests_total /m);
});

test("the webhooks' port has none of them, and the operators' port no webhook", async () => {
  for (const path of ["/healthz", "/readyz", "/metrics"]) {
    assertRefused(await post(server, null, { path, method: "GET" }), 404);
  }
  const nowhere = ["/", "/debug", "/debug/pprof/", "/config", "/-/quit", "/.env", "/metrics/"];
  for (const path of ["/validate", "/mutate", "/v0/data/system/validating"]) nowhere.push(path);
  for (const path of nowhere) {
    assert.equal((await get(server.operators + path)).status, 404);
    const response = await fetch(server.operators + path, { method: "POST", body: "{}" });
    await response.body?.cancel();
    assert.equal(response.status, 404);
  }
});

/** The creation of a pod whose names all hold a word that must never be a label. */
function named(spec: Fields = {}, changes = {}) {
  const containers = [goodContainer({ name: "secretname-container" })];
  const pod = goodPod({ containers, ...spec }, { name: "secretname-pod", namespace: "secretname-namespace" });
  return requestOf(pod, { userInfo: { username: "secretname-user", groups: ["secretname-group"] }, ...changes });
}

test("traffic is counted by result, violations and patches by policy, stage and environment", async () => {
  const before = await samples();
  await reviewed(server, named());
  await reviewed(server, named({ hostNetwork: true, hostPID: true }));
  await reviewed(server, named({ hostNetwork: true, hostIPC: true }, { dryRun: true }));
  await reviewed(server, named({ containers: [{ name: "secretname-c", image: "a" }] }), { endpoint: "mutating" });
  await reviewed(server, named({}, { userInfo: { username: "eve", groups: ["sre-oncall"] } }));
  const broken = goodPod({}, { labels: { "break-down": "validate" } });
  await reviewed(server, requestOf(broken), { failing: "closed" });
  await post(server, "{");
  await post(server, "x", { headers: { "content-type": "text/plain" } });
  const after = await samples();

  const grown = Object.fromEntries(
    [...after].map(([name, value]) => [name, value - (before.get(name) ?? 0)] as const)
      .filter(([name, growth]) => growth !== 0 && /_total\b/.test(name)),
  );
  const prefix = "kube_policies_";
  assert.deepEqual(grown, {
    [`${prefix}requests_total{endpoint="validating",result="allowed",dry_run="false"}`]: 1,
    [`${prefix}requests_total{endpoint="validating",result="denied",dry_run="false"}`]: 1,
    [`${prefix}requests_total{endpoint="validating",result="denied",dry_run="true"}`]: 1,
    [`${prefix}requests_total{endpoint="mutating",result="patched",dry_run="false"}`]: 1,
    [`${prefix}requests_total{endpoint="validating",result="breakglass",dry_run="false"}`]: 1,
    [`${prefix}requests_total{endpoint="validating",result="failing-closed",dry_run="false"}`]: 1,
    [`${prefix}refused_requests_total{code="400"}`]: 1,
    [`${prefix}refused_requests_total{code="415"}`]: 1,
    [`${prefix}violations_total{policy="host_network",stage="deny",environment="prod"}`]: 2,
    [`${prefix}violations_total{policy="host_pid",stage="warn",environment="prod"}`]: 1,
    [`${prefix}violations_total{policy="host_ipc",stage="monitor",environment="prod"}`]: 1,
    [`${prefix}patches_total{policy="privilege_escalation",stage="patch",environment="prod"}`]: 1,
    [`${prefix}patches_total{policy="readonly_root_fs",stage="patch",environment="prod"}`]: 1,
    [`${prefix}patches_total{policy="capabilities",stage="dryrun",environment="prod"}`]: 1,
    [`${prefix}failures_total{policy="breaks_down",environment="prod"}`]: 1,
  });
});

test("the policy set is shown with its revision and environment", async () => {
  const { auditAnnotations: { policy_revision } } = await reviewed(server, named());
  const all = await samples();
  assert.equal(all.get(`kube_policies_policy_set_info{revision="${policy_revision}",environment="prod"}`), 1);
  const [serving] = server.log().filter(({ event }) => event === "serving");
  assert.equal(all.get("kube_policies_policies"), serving.policies);
});

test("durations are counted in buckets up to 10 seconds, for each webhook", async () => {
  for (const endpoint of ["validating", "mutating"] as const) {
    const name = "kube_policies_request_duration_seconds";
    const before = await samples();
    await reviewed(server, named(), { endpoint });
    const after = await samples();
    const count = `${name}_count{endpoint="${endpoint}"}`;
    assert.equal(after.get(count)! - before.get(count)!, 1);
    assert.equal(after.get(`${name}_bucket{le="10",endpoint="${endpoint}"}`), after.get(count));
    assert.equal(after.get(`${name}_bucket{le="0.001",endpoint="${endpoint}"}`)! <= after.get(count)!, true);
    assert.equal(
      [...after.keys()].filter((key) => key.startsWith(`${name}_bucket{`) && key.includes(endpoint)).length,
      14,
    );
  }
});

test("no label value holds anything of a request", async () => {
  await reviewed(server, named({ hostNetwork: true }));
  const { body } = await get(`${server.operators}/metrics`);
  assert.doesNotMatch(body, /secretname|payments|alice|registry\.example/);
});
