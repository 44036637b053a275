import assert from "node:assert/strict";
import { review } from "../../../src/core/review.ts";
import type { Fields } from "../../../src/contract.ts";
import { requestOf } from "../../request_fixture.ts";
import { annotated, answerTo, engineFrom, operationsOf } from "./bundle_engine.ts";

const UID = requestOf(annotated({})).uid;
const ENDPOINTS = "policies: [{ use: $FORMS/endpoints.tar.gz }]";
const MAIN = "policies: [{ use: $FORMS/main.tar.gz }]";

function reviewWith(response: Fields): Fields {
  return { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", response: { uid: UID, ...response } };
}

function patchOf(operations: unknown): { patch: string; patchType: string } {
  return { patch: new TextEncoder().encode(JSON.stringify(operations)).toBase64(), patchType: "JSONPatch" };
}

const HOSTNAME = [{ op: "add", path: "/spec/hostname", value: "x" }];

Deno.test("a whole answer's denial, warnings and annotations are those of the answer", async () => {
  const validating = reviewWith({
    allowed: false,
    status: { code: 418, message: "not here" },
    warnings: ["beware"],
    auditAnnotations: { team: "acme", denied: "mine", breakglass_authorized: "users." },
  });
  const answer = answerTo(annotated({ validating }), "validating", await engineFrom(ENDPOINTS));
  assert.equal(answer.uid, UID);
  assert.deepEqual(answer.status, { code: 403, reason: "Forbidden", message: "endpoints: not here" });
  assert.deepEqual(answer.warnings, ["endpoints: beware"]);
  const { policy_revision: _, ...annotations } = answer.auditAnnotations;
  assert.deepEqual(annotations, {
    all_rules: "endpoints: beware, endpoints: not here",
    denied: "endpoints: not here",
    warned: "endpoints: beware",
    team: "acme",
    "endpoints.denied": "mine",
    "endpoints.breakglass_authorized": "users.",
  });
});

Deno.test("a whole answer that allows leaves other policies their say", async () => {
  const engine = await engineFrom(`
environment: prod
policies: [{ use: $FORMS/endpoints.tar.gz }, { use: host_ipc }]
stages: { prod: { host_ipc: deny } }`);
  const pod = annotated({ validating: reviewWith({ allowed: true }) });
  assert.equal(answerTo(pod, "validating", engine).auditAnnotations["default-allow"] !== undefined, true);
  const bad = { ...pod, spec: { ...pod.spec as Fields, hostIPC: true } };
  assert.match(answerTo(bad, "validating", engine).status!.message, /^deny_host_ipc: /);
});

Deno.test("a whole answer's patch is applied, tried, and left out where something denies", async () => {
  const engine = await engineFrom(ENDPOINTS);
  const patched = answerTo(
    annotated({ mutating: reviewWith({ allowed: true, ...patchOf(HOSTNAME) }) }),
    "mutating",
    engine,
  );
  assert.deepEqual(operationsOf(patched), HOSTNAME);
  const denied = answerTo(
    annotated({ mutating: reviewWith({ allowed: false, ...patchOf(HOSTNAME), status: { reason: "No" } }) }),
    "mutating",
    engine,
  );
  assert.deepEqual([denied.allowed, denied.patch, denied.status?.message], [false, undefined, "endpoints: No"]);
  const missing = [{ op: "replace", path: "/spec/nothing/here", value: 1 }];
  const failed = review(
    requestOf(annotated({ mutating: reviewWith({ allowed: true, ...patchOf(missing) }) })),
    "mutating",
    engine,
  );
  assert.match(String(failed.failures[0].cause), /Cannot replace at "\/spec\/nothing\/here"/);
});

Deno.test("system/mutating may refuse what kp does not patch", async () => {
  const engine = await engineFrom(ENDPOINTS);
  const map = { ...annotated({ mutating: reviewWith({ allowed: false }) }), kind: "ConfigMap", spec: undefined };
  const { allowed, status } = answerTo(map, "mutating", engine);
  assert.deepEqual([allowed, status?.message], [false, "endpoints: denied without explanation"]);
  const fine = reviewWith({ allowed: true, ...patchOf([{ op: "add", path: "/data", value: {} }]) });
  assert.equal(
    answerTo({ ...map, ...annotated({ mutating: fine }), kind: "ConfigMap" }, "mutating", engine).patch,
    undefined,
  );
});

Deno.test("system/main decides at the validating endpoint and patches at the mutating one", async () => {
  const engine = await engineFrom(MAIN);
  const main = reviewWith({ allowed: false, status: { message: "no" }, ...patchOf(HOSTNAME) });
  assert.equal(answerTo(annotated({ main }), "validating", engine).status?.message, "main: no");
  assert.equal(answerTo(annotated({ main }), "mutating", engine).allowed, true);
  const patching = reviewWith({ allowed: true, ...patchOf(HOSTNAME) });
  assert.deepEqual(operationsOf(answerTo(annotated({ main: patching }), "mutating", engine)), HOSTNAME);
  assert.equal(answerTo(annotated({ main: patching }), "validating", engine).patch, undefined);
});

Deno.test("OPA's tutorial with system.main runs as it is written", async () => {
  const engine = await engineFrom("policies: [{ use: $FORMS/tutorial_main.tar.gz, options: { name: acme } }]");
  const { allowed, status } = answerTo(annotated({}), "validating", engine);
  assert.deepEqual([allowed, status?.message], [
    false,
    "acme: image 'registry.example.com/team/app:1' comes from untrusted registry",
  ]);
});

Deno.test("a denied unchanged pod is monitored, whoever denies it", async () => {
  const object = annotated({ validating: reviewWith({ allowed: false }) });
  const request = requestOf(object, { operation: "UPDATE", oldObject: object });
  assert.equal(answerTo(request, "validating", await engineFrom(ENDPOINTS)).allowed, true);
});

const WRONG: Record<string, { answer: unknown; cause: RegExp; endpoint?: "mutating" }> = {
  "a text": { answer: '"yes"', cause: /the answer: found "yes", accepted an object/ },
  "another kind": { answer: { ...reviewWith({ allowed: true }), kind: "Review" }, cause: /kind: found "Review"/ },
  "another version": {
    answer: { ...reviewWith({ allowed: true }), apiVersion: "v1" },
    cause: /apiVersion: found "v1", accepted admission.k8s.io\/v1, admission.k8s.io\/v1beta1/,
  },
  "no response": { answer: { ...reviewWith({}), response: null }, cause: /response: found null/ },
  "another uid": { answer: reviewWith({ uid: "x", allowed: true }), cause: /response.uid: found "x"/ },
  "no uid": { answer: reviewWith({ uid: undefined, allowed: true }), cause: /response.uid: found nothing/ },
  "no verdict": { answer: reviewWith({}), cause: /response.allowed: found nothing, accepted true or false/ },
  "a verdict that is a text": { answer: reviewWith({ allowed: "true" }), cause: /response.allowed: found "true"/ },
  "warnings that are no list": { answer: reviewWith({ allowed: true, warnings: "x" }), cause: /response.warnings/ },
  "an annotation with a slash": {
    answer: reviewWith({ allowed: true, auditAnnotations: { "a/b": "x" } }),
    cause: /"a\/b" is no key of an audit annotation/,
  },
  "an annotation that is a number": {
    answer: reviewWith({ allowed: true, auditAnnotations: { a: 1 } }),
    cause: /a is not a text/,
  },
  "a patch where none can be": {
    answer: reviewWith({ allowed: true, ...patchOf(HOSTNAME) }),
    cause: /which the validating endpoint cannot send/,
  },
  "a patch without its type": {
    answer: reviewWith({ allowed: true, patch: patchOf(HOSTNAME).patch }),
    cause: /response.patchType: found nothing/,
    endpoint: "mutating",
  },
  "a type without a patch": {
    answer: reviewWith({ allowed: true, patchType: "JSONPatch" }),
    cause: /response.patchType: found "JSONPatch", accepted JSONPatch with a patch, nothing without/,
    endpoint: "mutating",
  },
  "another type of patch": {
    answer: reviewWith({ allowed: true, ...patchOf(HOSTNAME), patchType: "MergePatch" }),
    cause: /response.patchType: found "MergePatch"/,
    endpoint: "mutating",
  },
  "a patch that is no base64": {
    answer: reviewWith({ allowed: true, patch: "[]", patchType: "JSONPatch" }),
    cause: /response.patch: found "\[\]", accepted the base64 of a JSON Patch/,
    endpoint: "mutating",
  },
  "a patch that is no list": {
    answer: reviewWith({ allowed: true, ...patchOf({}) }),
    cause: /response.patch: found {}, accepted a list of operations/,
    endpoint: "mutating",
  },
};

for (const [name, { answer, cause, endpoint = "validating" }] of Object.entries(WRONG)) {
  Deno.test(`a whole answer with ${name} fails`, async () => {
    const engine = await engineFrom(ENDPOINTS);
    const { failures } = review(requestOf(annotated({ [endpoint]: answer })), endpoint, engine);
    assert.match(String(failures[0]?.cause), cause);
    assert.equal(answerTo(annotated({ [endpoint]: answer }), endpoint, engine).allowed, endpoint === "mutating");
  });
}

Deno.test("a whole answer that is undefined fails", async () => {
  const { failures, failing } = review(requestOf(annotated({})), "validating", await engineFrom(MAIN));
  assert.deepEqual([String(failures[0].cause), failing], ["Error: system/main is undefined", "closed"]);
});

const DENIALS: Record<string, unknown> = {
  "a status that is a text": { status: "x" },
  "warnings that are no list": { warnings: "x" },
  "annotations that are a text": { auditAnnotations: "x" },
  "an annotation's key that is none": { auditAnnotations: { "a b": "x" } },
  "a patch that is none": { ...patchOf({}) },
};

for (const [name, beside] of Object.entries(DENIALS)) {
  Deno.test(`a whole answer's denial counts beside ${name}`, async () => {
    const engine = await engineFrom(ENDPOINTS);
    for (const endpoint of ["validating", "mutating"] as const) {
      const denial = reviewWith({ allowed: false, ...beside as Fields });
      const { allowed, status } = answerTo(annotated({ [endpoint]: denial }), endpoint, engine);
      assert.deepEqual([allowed, status?.message], [false, "endpoints: denied without explanation"], endpoint);
    }
  });
}

Deno.test("system/mutating alone refuses, and system/main does beside a system/validating", async () => {
  const mutating = `policies: [{ use: $FORMS/endpoints.tar.gz, options: { entrypoints: [system/mutating] } }]`;
  const refusal = reviewWith({ allowed: false });
  assert.equal(answerTo(annotated({ mutating: refusal }), "mutating", await engineFrom(mutating)).allowed, false);
});

Deno.test("an unchanged pod that system/mutating refuses is let pass, monitored", async () => {
  const object = annotated({ mutating: reviewWith({ allowed: false }) });
  const request = requestOf(object, { operation: "UPDATE", oldObject: object });
  const { allowed, auditAnnotations } = answerTo(request, "mutating", await engineFrom(ENDPOINTS));
  assert.deepEqual([allowed, auditAnnotations.monitored], [true, "endpoints: denied without explanation"]);
});

Deno.test("a bundle that may refuse fails closed at the mutating endpoint, too, where it may deny", async () => {
  const closed = (mutate: string) => `
environment: prod
policies: [{ use: $FORMS/endpoints.tar.gz }]
stages: { prod: { endpoints: { validate: deny, mutate: ${mutate} } } }
failure: { mutate: closed }`;
  for (const mutate of ["patch", "dryrun", "off"]) {
    const { status } = answerTo(annotated({}), "mutating", await engineFrom(closed(mutate)));
    assert.equal(status?.message, "Failing closed", mutate);
  }
});

Deno.test("a whole answer's patch of a template is that of the pod that it makes", async () => {
  const engine = await engineFrom(`
environment: prod
policies: [{ use: $FORMS/endpoints.tar.gz }, { use: host_ipc }]
stages: { prod: { host_ipc: deny } }`);
  const mend = [{ op: "replace", path: "/spec/hostIPC", value: false }];
  const pod = annotated({
    mutating: reviewWith({ allowed: true, ...patchOf(mend) }),
    validating: reviewWith({ allowed: true }),
  });
  const template = { ...pod, spec: { ...pod.spec as Fields, hostIPC: true } };
  const metadata = pod.metadata as Fields;
  const deployment = { apiVersion: "apps/v1", kind: "Deployment", metadata, spec: { template } };
  const { allowed, status } = answerTo(deployment, "validating", engine);
  assert.deepEqual([allowed, status], [true, undefined]);
});

Deno.test("system/main may patch: at the validating endpoint its patch is not looked at, and no failure", async () => {
  const engine = await engineFrom("policies: [{ use: $FORMS/main.tar.gz }]");
  const request = requestOf(annotated({}));
  const response = { uid: request.uid, allowed: true, patch: btoa("[]"), patchType: "JSONPatch" };
  const main = { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", response };
  assert.deepEqual(review(requestOf(annotated({ main })), "validating", engine).failures, []);
});
