/** What holds for every request of a real API server, with every shipped policy at `deny` and `patch`. */
import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { shippedPolicies } from "../policies/mod.ts";
import { platformPolicies } from "../policies/platform.ts";
import { podSecurityPolicies } from "../policies/pod_security.ts";
import type { AdmissionRequest, Fields } from "../src/contract.ts";
import { answer, textOf } from "../src/core/answer.ts";
import type { Decision, Endpoint, Violation } from "../src/core/decision.ts";
import { POD_KINDS, templateOf } from "../src/core/pods.ts";
import { review } from "../src/core/review.ts";
import { parseReview, VERSIONS } from "../src/core/wire.ts";
import { applied, assertResponse } from "./answer_assertions.ts";
import { captures } from "./captures.ts";
import { engineOf } from "./engine_fixture.ts";

const OPTIONS: Record<string, unknown> = { image_registry: { allowed: ["registry.example.com"] } };
const engine = engineOf({
  policies: [...platformPolicies, ...podSecurityPolicies({ level: "restricted", version: "latest" })]
    .map((name) => ({ policy: shippedPolicies[name], options: OPTIONS[name] })),
});

const ENDPOINTS: readonly Endpoint[] = ["validating", "mutating"];

// deno-lint-ignore no-explicit-any
type Json = any;

/** A captured request about a pod or a template, whatever the operation was, with that object. */
interface Workload {
  readonly request: AdmissionRequest;
  readonly object: Json;
}

const workloads: Workload[] = ENDPOINTS.flatMap(captures).flatMap(({ request }) => {
  const { group, kind } = request.kind;
  const isWorkload = POD_KINDS.some((match) => match.group === group && match.kinds.includes(kind));
  return isWorkload ? [{ request, object: request.object ?? request.oldObject }] : [];
});

Deno.test("the captures hold workloads of every built-in kind, most of them in violation", () => {
  const kinds = new Set(workloads.map(({ request }) => request.kind.kind));
  const known = POD_KINDS.flatMap((match) => match.kinds);
  assert.deepEqual([...kinds].sort(), [...new Set(known)].sort());
  const denied = workloads.filter(({ request, object }) => !decided(creating(request, object)).allowed);
  assert.ok(denied.length >= 100, `${denied.length} of ${workloads.length}`);
});

function creating(request: AdmissionRequest, object: unknown): AdmissionRequest {
  return { ...request, operation: "CREATE", subResource: undefined, object: clone(object), oldObject: null };
}

function updating(request: AdmissionRequest, { from, to }: { from: unknown; to: unknown }): AdmissionRequest {
  return { ...request, operation: "UPDATE", subResource: undefined, object: clone(to), oldObject: clone(from) };
}

function decided(request: AdmissionRequest, endpoint: Endpoint = "validating"): Decision {
  const decision = review(request, endpoint, engine);
  assert.deepEqual(decision.failures, []);
  return decision;
}

function texts({ violations }: Decision, outcome: Violation["outcome"]): string[] {
  return violations.filter((violation) => violation.outcome === outcome).map(textOf);
}

/** As if it had come over the wire. */
function clone<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value));
}

function podIn({ request, object }: Workload): Json {
  return (templateOf(request.kind)?.slice(1).split("/") ?? []).reduce((holder, step) => holder[step], object);
}

function reversedKeys(value: Json): Json {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(reversedKeys);
  return Object.fromEntries(Object.entries(value).reverse().map(([key, child]) => [key, reversedKeys(child)]));
}

/** What leaves the pod, or the pod template, as it was. */
const HARMLESS: Record<string, (object: Json, workload: Workload) => Json> = {
  "nothing": (object) => object,
  "the order of keys": reversedKeys,
  "labels": (object) => ({ ...object, metadata: { ...object.metadata, labels: { tier: "gold" } } }),
  "annotations": (object) => ({ ...object, metadata: { ...object.metadata, annotations: { note: "x" } } }),
  "finalizers": (object) => {
    const metadata = { ...object.metadata, finalizers: [], deletionTimestamp: "2026-11-22T00:00:00Z" };
    return { ...object, metadata };
  },
  "the status": (object) => ({ ...object, status: { phase: "Failed", replicas: 7 } }),
  "the replicas": (object, { request }) =>
    templateOf(request.kind) === null ? object : { ...object, spec: { ...object.spec, replicas: 0, suspend: true } },
};

for (const [what, change] of Object.entries(HARMLESS)) {
  Deno.test(`an update that changes ${what} is never blocked, and what it keeps is monitored`, () => {
    let kept = 0;
    for (const workload of workloads) {
      const { request, object } = workload;
      const decision = decided(updating(request, { from: object, to: change(clone(object), workload) }));
      assert.equal(decision.allowed, true);
      assert.deepEqual(texts(decision, "denied"), []);
      assert.deepEqual(texts(decision, "monitored"), texts(decided(creating(request, object)), "denied"));
      kept += decision.violations.length;
    }
    assert.ok(kept >= 500, `${kept} violations`);
  });
}

/** What people change in a pod. */
const CHANGES: Record<string, (pod: Json) => void> = {
  "an image": ({ spec }) => spec.containers[0].image = "registry.example.com/other:2",
  "an environment variable": ({ spec }) => spec.containers[0].env = [{ name: "NEW", value: "1" }],
  "a container more": ({ spec }) => spec.containers.push({ name: "more", image: "busybox" }),
  "a container's security context": ({ spec }) =>
    spec.containers[0].securityContext = { privileged: true, procMount: "Unmasked" },
  "the pod's security context": ({ spec }) => spec.securityContext = { runAsUser: 0 },
  "the host's network": ({ spec }) => spec.hostNetwork = !spec.hostNetwork,
  "the node selector": ({ spec }) => spec.nodeSelector = { disk: "ssd" },
};

/** Returns how many violations the update is denied for. */
function assertJudgedInFull(workload: Workload, now: Json): number {
  const { request, object } = workload;
  const [update, create] = [decided(updating(request, { from: object, to: now })), decided(creating(request, now))];
  assert.deepEqual(texts(update, "denied"), texts(create, "denied"));
  assert.deepEqual(texts(update, "monitored"), []);
  assert.equal(update.allowed, create.allowed);
  return update.violations.length;
}

for (const [what, change] of Object.entries(CHANGES)) {
  Deno.test(`an update that changes ${what} is judged like the creation of what it leaves`, () => {
    let denied = 0;
    for (const { request, object } of workloads) {
      const now = clone(object);
      change(podIn({ request, object: now }));
      denied += assertJudgedInFull({ request, object }, now);
    }
    assert.ok(denied >= 300, `${denied} violations`);
  });
}

Deno.test("an update that changes a label of a pod template is judged in full", () => {
  let denied = 0;
  for (const { request, object } of workloads.filter(({ request }) => templateOf(request.kind) !== null)) {
    const now = clone(object);
    const template = podIn({ request, object: now });
    template.metadata = { ...template.metadata, labels: { ...template.metadata?.labels, version: "2" } };
    denied += assertJudgedInFull({ request, object }, now);
  }
  assert.ok(denied >= 100, `${denied} violations`);
});

/** Changes one value somewhere below `root`. */
function changeSomething(root: Json, { place, value }: { place: number; value: unknown }): void {
  const places: [holder: Json, key: string][] = [];
  const collect = (holder: Json) => {
    for (const key of Object.keys(holder)) {
      places.push([holder, key]);
      if (typeof holder[key] === "object" && holder[key] !== null) collect(holder[key]);
    }
  };
  collect(root);
  const [holder, key] = places[place % places.length];
  holder[key] = value;
}

Deno.test("an update that changes whatever in the pod's spec is judged in full", () => {
  let [judged, denied] = [0, 0];
  const change = fc.record({ place: fc.nat(), value: fc.jsonValue({ maxDepth: 2 }) });
  const property = fc.property(fc.constantFrom(...workloads), change, (workload, changed) => {
    const now = clone(workload.object);
    changeSomething(podIn({ ...workload, object: now }).spec, changed);
    if (isDeepStrictEqual(clone(now), workload.object)) return;
    judged++;
    denied += assertJudgedInFull(workload, clone(now));
  });
  fc.assert(property, { numRuns: 2000, seed: 20_261_122 });
  assert.ok(judged >= 1900 && denied >= judged, `${judged} changes, ${denied} violations`);
});

Deno.test("a pod's update that changes an annotation which a policy judges can be blocked by that policy alone", () => {
  const key = "container.apparmor.security.beta.kubernetes.io/app";
  for (const { request, object } of workloads.filter(({ request }) => request.kind.kind === "Pod")) {
    const now = { ...object, metadata: { ...object.metadata, annotations: { [key]: "unconfined" } } };
    const { violations } = decided(updating(request, { from: object, to: now }));
    const denied = violations.filter(({ outcome }) => outcome === "denied");
    assert.deepEqual(denied.map(({ policy }) => policy), ["app_armor_profile"]);
  }
});

const NEVER_BLOCKED: Record<string, Partial<AdmissionRequest>> = {
  "DELETE": { operation: "DELETE" },
  ...Object.fromEntries(["exec", "attach", "portforward", "proxy"].map((subResource) => [
    `CONNECT of ${subResource}`,
    { operation: "CONNECT", subResource },
  ])),
  ...Object.fromEntries(["status", "scale", "finalize"].map((subResource) => [
    `UPDATE of ${subResource}`,
    { operation: "UPDATE", subResource },
  ])),
  ...Object.fromEntries(["binding", "eviction", "token"].map((subResource) => [
    `CREATE of ${subResource}`,
    { operation: "CREATE", subResource },
  ])),
};

for (const [what, form] of Object.entries(NEVER_BLOCKED)) {
  Deno.test(`${what} is never blocked and never changes anything, whatever the object`, () => {
    const { operation, subResource } = form;
    for (const endpoint of ENDPOINTS) {
      const captured = captures(endpoint).map(({ request }) => request)
        .filter((request) => request.operation === operation && request.subResource === subResource);
      const made = workloads.map(({ request, object }) => {
        const [now, before] = operation === "DELETE" ? [null, object] : [object, null];
        return { ...request, ...form, object: clone(now), oldObject: clone(before) };
      });
      for (const request of [...captured, ...made]) {
        const { allowed, violations, patches } = decided(request, endpoint);
        assert.deepEqual({ allowed, violations, patches }, { allowed: true, violations: [], patches: [] });
      }
    }
  });
}

for (const endpoint of ENDPOINTS) {
  for (const apiVersion of VERSIONS) {
    Deno.test(`${endpoint} answers have the uid and the version that were asked in (${apiVersion})`, () => {
      for (const { request } of captures(endpoint)) {
        const asked = { apiVersion, kind: "AdmissionReview", request };
        const parsed = parseReview(new TextEncoder().encode(JSON.stringify(asked)));
        assert.ok(parsed.success);
        const answered = answer(decided(parsed.request, endpoint), parsed.version);
        assert.deepEqual([answered.apiVersion, answered.kind], [apiVersion, "AdmissionReview"]);
        assertResponse(answered.response, { apiVersion, request, endpoint });
      }
    });
  }

  Deno.test(`a ${endpoint} review leaves the request as it was, and comes out the same again`, () => {
    for (const { request } of captures(endpoint)) {
      const before = JSON.stringify(request);
      const decision = decided(request, endpoint);
      assert.equal(JSON.stringify(request), before);
      assert.deepEqual(decided(request, endpoint), decision);
      assert.deepEqual(decided(JSON.parse(before), endpoint), decision);
    }
  });
}

Deno.test("a patched pod is not patched again, and has lost the violations that the patches are for", () => {
  let patched = 0;
  for (const { request } of captures("mutating")) {
    const decision = decided(request, "mutating");
    const { patch } = answer(decision, VERSIONS[0]).response;
    if (patch === undefined) continue;
    patched++;
    const object = applied(request.object as Fields, patch);
    const again = decided({ ...request, object }, "mutating");
    assert.deepEqual([again.patch, again.patches], [[], []]);
    const before = decided(request).violations.map(keyOf);
    const left = decided({ ...request, object }).violations.map(keyOf);
    assert.deepEqual(left.filter((key) => !before.includes(key)), []);
    const lost = before.filter((key) => !left.includes(key));
    for (const { policy, container } of decision.patches) {
      assert.ok(lost.some((key) => key.startsWith(`${policy} ${container}: `)), `${policy} ${container}`);
    }
  }
  assert.ok(patched >= 20, `${patched} patched pods`);
});

function keyOf(violation: Violation): string {
  return `${violation.policy} ${violation.container}: ${textOf(violation)}`;
}
