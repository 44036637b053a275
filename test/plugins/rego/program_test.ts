import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { bundleOptions, loadBundle } from "../../../plugins/policies/bundle.ts";
import { readArchive } from "../../../plugins/policies/rego/archive.ts";
import { readData } from "../../../plugins/policies/rego/manifest.ts";
import type { Builtins } from "../../../plugins/policies/rego/builtin.ts";
import { builtinsFor } from "../../../plugins/policies/rego/builtins/mod.ts";
import { Program } from "../../../plugins/policies/rego/program.ts";
import { verificationKey } from "../../../plugins/policies/rego/verification_key.ts";
import * as v from "valibot";
import { review } from "../../../src/core/review.ts";
import { goodPod, requestOf, reviewOf } from "../../request_fixture.ts";
import { annotated, answerTo, engineFrom, FORMS } from "./bundle_engine.ts";

const whole = await readArchive(await Deno.readFile(`${FORMS}/config_staged.tar.gz`));
const bytes = (text: string) => new TextEncoder().encode(text);
async function loaded(changes: Record<string, Uint8Array>) {
  const files = new Map([...whole, ...Object.entries(changes)]);
  return await loadBundle(files, v.parse(bundleOptions, {}), { fallbackName: "acme", now: () => 0n });
}
const UID = requestOf(annotated({})).uid;
const ENDPOINTS = "policies: [{ use: $FORMS/endpoints.tar.gz }]";
function reviewWith(response: object) {
  return { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", response: { uid: UID, ...response } };
}

async function programWith(builtins: Builtins): Promise<Program> {
  const module = await WebAssembly.compile(whole.get("policy.wasm") as Uint8Array<ArrayBuffer>);
  return new Program(module, { builtins, data: { json: "{}", parts: [], value: {} }, now: () => 0n });
}
const NO_CONTEXT = { environment: "", allowlist: {} };

Deno.test("what a built-in function throws that is no Rego error fails the evaluation", async () => {
  const program = await programWith({
    "units.parse_bytes": () => {
      throw new TypeError("a bug");
    },
  });
  const body = bytes(JSON.stringify(reviewOf(requestOf(annotated({ size: "1" })))));
  assert.throws(() => program.evaluate("kube_policies/violations", body, NO_CONTEXT), /a bug/);
});

Deno.test("an input that is not JSON fails, rather than be undefined to Rego", async () => {
  const program = await programWith({});
  assert.throws(() => program.evaluate("kube_policies/violations", bytes("{"), NO_CONTEXT), SyntaxError);
});

Deno.test("a template that system/mutating refuses is refused by its own review, not by its pod's", async () => {
  const allowing = annotated({ mutating: reviewWith({ allowed: true }) });
  const refusing = annotated({ mutating: reviewWith({ allowed: false, status: { message: "not here" } }) });
  const deployment = (own: typeof allowing, template: typeof allowing) => ({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: own.metadata,
    spec: { template: { metadata: template.metadata, spec: template.spec } },
  });
  const engine = await engineFrom(ENDPOINTS);
  assert.equal(answerTo(deployment(refusing, allowing), "mutating", engine).status?.message, "endpoints: not here");
  assert.equal(answerTo(deployment(allowing, refusing), "mutating", engine).allowed, true);
});

Deno.test("a whole answer's message goes before its reason, and nothing long of it into a cause", async () => {
  const engine = await engineFrom(ENDPOINTS);
  const of = (response: object) =>
    review(requestOf(annotated({ validating: reviewWith(response) })), "validating", engine);
  assert.match(String(of({ allowed: true, auditAnnotations: ["x"] }).failures[0]?.cause), /response.auditAnnotations/);
  assert.equal(of({ allowed: false, status: { reason: "No", message: "not here" } }).violations[0].message, "not here");
  const { cause } = of({ allowed: true, warnings: `s3cret${".".repeat(60)}` }).failures[0];
  assert.match(String(cause), /response.warnings: found a string, accepted/);
  assert.doesNotMatch(String(cause), /s3cret/);
});

Deno.test("two policies of one bundle that want different values under one rule's name are left out", async () => {
  const engine = await engineFrom(`
environment: prod
policies: [{ use: $FORMS/config_staged.tar.gz }]
stages: { prod: { default: { mutate: patch } } }`);
  const patches = [
    { policy: "a", rule: "set", op: "add", path: "/metadata/labels", value: {} },
    { policy: "b", rule: "set", op: "add", path: "/metadata/labels/x", value: "y" },
  ];
  const { failures, patch } = review(requestOf(annotated({ patches })), "mutating", engine);
  assert.match(String(failures[0]?.cause), /a\/set and b\/set want different values/);
  assert.deepEqual(patch, []);
});

Deno.test("an entry under a bundle's own name is not for the policies that it speaks for", async () => {
  const engine = await engineFrom(`
environment: prod
policies: [{ use: $FORMS/config_staged.tar.gz }]
stages: { prod: { config_staged: deny, default: warn } }`);
  const violations = [{ policy: "a", rule: "deny_a", message: "m" }];
  assert.deepEqual(answerTo(annotated({ violations }), "validating", engine).warnings, ["deny_a: m"]);
});

// manifest
const MODULES = [{ entrypoint: "kube_policies/violations", module: "/policy.wasm" }, {
  entrypoint: "kube_policies/patches",
  module: "/other.wasm",
}];
const REFUSED: Record<string, { files: Record<string, Uint8Array>; message: RegExp }> = {
  "entrypoints in two modules": {
    files: { ".manifest": bytes(JSON.stringify({ wasm: MODULES })), "other.wasm": whole.get("policy.wasm")! },
    message: /found entrypoints in policy\.wasm and other\.wasm, accepted one module/,
  },
  "data within a text": {
    files: { "data.json": bytes('{"a": "text"}'), "a/b/data.json": bytes("{}") },
    message: /^a\/b\/data\.json: found "a", which another data\.json holds already/,
  },
  "data that is not UTF-8": {
    files: { "data.json": new Uint8Array([...bytes('{"a": "'), 0xff, ...bytes('"}')]) },
    message: /^data\.json: found .*, accepted one JSON document in UTF-8/,
  },
};
for (const [name, { files, message }] of Object.entries(REFUSED)) {
  Deno.test(`a bundle with ${name} is refused`, async () => {
    await assert.rejects(() => loaded(files), ({ message: text }: Error) => (assert.match(text, message), true));
  });
}

// manifest 6, program 59
Deno.test("data of folders is placed from the outside in, whatever the order of the files", () => {
  const files = new Map(
    Object.entries({ "a/b/data.json": '{"c": 1}', "a/data.json": '{"d": 2}', "data.json": '{"e": 3}' })
      .map(([name, text]) => [name, bytes(text)]),
  );
  const { json, parts, value } = readData(files);
  assert.deepEqual([json, parts.map(({ path }) => path)], ['{"e": 3}', [["a"], ["a", "b"]]]);
  assert.deepEqual(JSON.parse(JSON.stringify(value)), { e: 3, a: { d: 2, b: { c: 1 } } });
});
Deno.test("Rego reads the data of folders", async () => {
  const wasm = await WebAssembly.compile(whole.get("policy.wasm") as Uint8Array<ArrayBuffer>);
  const data = readData(new Map([["large/data.json", bytes('{"found": true}')]]));
  const program = new Program(wasm, {
    builtins: await builtinsFor(["json.marshal", "json.unmarshal"]),
    data,
    now: () => 0n,
  });
  const review = bytes(JSON.stringify(reviewOf(requestOf(annotated({ same: "yes" })))));
  assert.deepEqual(program.evaluate("kube_policies/violations", review, NO_CONTEXT), [
    { policy: "echo", rule: "deny_same", message: '{"found":true}' },
  ]);
});

Deno.test("a bare public key in either encoding is no secret", () => {
  const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  for (const type of ["spki", "pkcs1"] as const) {
    const text = publicKey.export({ type, format: "der" }).toString("base64");
    assert.throws(() => verificationKey(text), /found a public key that is not PEM/);
  }
});
void goodPod;
