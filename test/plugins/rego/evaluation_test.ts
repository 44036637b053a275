import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { Fields } from "../../../src/contract.ts";
import { review } from "../../../src/core/review.ts";
import { InProcessEvaluator } from "../../../src/evaluators/in_process.ts";
import { goodPod, requestOf, reviewOf } from "../../request_fixture.ts";
import { annotated, answerTo, engineFrom, operationsOf } from "./bundle_engine.ts";

const CONFIG = `
environment: prod
policies: [{ use: $FORMS/config_staged.tar.gz }]
stages: { prod: { echo: deny, other: deny } }
`;
const engine = await engineFrom(CONFIG);
const evaluator = new InProcessEvaluator(engine);
const bad = annotated({ violations: [{ policy: "echo", rule: "deny", message: "bad" }] });

async function messageFor(body: Uint8Array): Promise<string> {
  const evaluation = await evaluator.evaluate(body, "validating");
  if (!evaluation.success) return evaluation.message;
  const { response } = JSON.parse(new TextDecoder().decode(evaluation.answer));
  return response.status?.message ?? "allowed";
}

function bytesOf(object: Fields): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(reviewOf(requestOf(object))));
}

function inShared(bytes: Uint8Array): Uint8Array {
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
  shared.set(bytes);
  return shared;
}

function inMiddle(bytes: Uint8Array): Uint8Array {
  const whole = new Uint8Array(bytes.length + 20).fill(0x7d);
  whole.set(bytes, 10);
  return whole.subarray(10, 10 + bytes.length);
}

const BYTES = bytesOf(bad);

const BODIES: Record<string, Uint8Array> = {
  "in a Uint8Array": BYTES,
  "in the middle of a buffer": inMiddle(BYTES),
  "in a Buffer of a pool": Buffer.from(new TextDecoder().decode(BYTES)),
  "in shared memory": inShared(BYTES),
  "with space around it": new TextEncoder().encode(`\n ${new TextDecoder().decode(BYTES)} \n`),
};

for (const [name, body] of Object.entries(BODIES)) {
  Deno.test(`a bundle judges the whole review ${name}`, async () => assert.equal(await messageFor(body), "deny: bad"));
}

const NO_REVIEWS: Record<string, Uint8Array> = {
  "cut off": BYTES.subarray(0, -1),
  "after a byte-order mark": new Uint8Array([0xef, 0xbb, 0xbf, ...BYTES]),
  "before another": new Uint8Array([...BYTES, ...BYTES]),
  "that is a JSON text": new TextEncoder().encode(JSON.stringify(new TextDecoder().decode(BYTES))),
  "of nothing": new Uint8Array(),
};

for (const [name, body] of Object.entries(NO_REVIEWS)) {
  Deno.test(`a review ${name} is refused before any bundle sees it`, async () => {
    assert.match(await messageFor(body), /^Cannot read the (body|AdmissionReview)/);
  });
}

Deno.test("a bundle sees the bytes that were sent: no integer is rounded, of two keys the last counts", async () => {
  const text = new TextDecoder().decode(bytesOf(annotated({ integer: "yes" }, { integer: 0 })))
    .replace('"integer":0', '"integer":1,"integer":9007199254740993');
  assert.equal(await messageFor(new TextEncoder().encode(text)), "deny_integer: 9007199254740993");
});

Deno.test("a bundle sees the object as earlier policies left it", async () => {
  const patching = await engineFrom(`
environment: prod
policies: [{ use: readonly_root_fs }, { use: $FORMS/pipeline.tar.gz }]
stages: { prod: { default: { mutate: patch } } }`);
  const pod = goodPod({ containers: [{ name: "app", image: "a" }] });
  const body = new TextEncoder().encode(JSON.stringify(reviewOf(requestOf(pod))));
  const evaluation = await new InProcessEvaluator(patching).evaluate(body, "mutating");
  assert.ok(evaluation.success);
  const { response } = JSON.parse(new TextDecoder().decode(evaluation.answer));
  assert.deepEqual((operationsOf(response) as unknown[]).length, 2, "the second had nothing left to do");
  assert.match(response.auditAnnotations.patches, /^set_readonly_root_fs: /);
});

Deno.test("data.allowlist and data.environment are there, with exceptions and without", async () => {
  const pod = annotated({ excused: "yes" });
  assert.equal(answerTo(pod, "validating", engine).allowed, true, "no exceptions: nothing is listed");
  const excusing = await engineFrom(`${CONFIG}allowlists: [{ use: file, options: { path: a.yaml } }]`, {
    "a.yaml": "prod: { echo: { payments: [app] } }",
  });
  const { allowlisted } = answerTo(pod, "validating", excusing).auditAnnotations;
  assert.equal(allowlisted, "deny_excused: prod (exception prod/echo/payments/app)", "app is in data.allowlist");
});

Deno.test("the pipeline's rule is excused by the exception that it looks up itself", async () => {
  const pipeline = `environment: prod\npolicies: [{ use: $FORMS/pipeline.tar.gz }]\n`;
  const pod = goodPod({ hostIPC: true });
  const denied = answerTo(pod, "validating", await engineFrom(pipeline));
  const message = "deny_host_ipc: Pod Pod/payments/web cannot be created with hostIPC enabled.";
  assert.deepEqual([denied.status?.message, denied.auditAnnotations.denied], [message, message]);
  assert.equal(denied.auditAnnotations.all_rules, message);
  const files = { "a.yaml": "prod: { host_ipc: { payments: [app] } }" };
  const excusing = await engineFrom(`${pipeline}allowlists: [{ use: file, options: { path: a.yaml } }]`, files);
  assert.equal(answerTo(pod, "validating", excusing).allowed, true);
  const elsewhere = requestOf(pod, { namespace: "other" });
  assert.equal(answerTo(elsewhere, "validating", excusing).allowed, false);
});

Deno.test("1,000 interleaved reviews each get their own answer", async () => {
  const bodies = Array.from({ length: 1000 }, (_, i) => {
    const request = requestOf(annotated({ uid: "yes" }), { uid: `uid-${i}` });
    return new TextEncoder().encode(JSON.stringify(reviewOf(request)));
  });
  const answers = await Promise.all(bodies.map(messageFor));
  assert.deepEqual(answers, bodies.map((_, i) => `deny_uid: uid-${i}`));
});

const BREAKING: Record<string, { annotations: Record<string, string>; cause: RegExp }> = {
  "aborts": { annotations: { conflict: "yes" }, cause: /conflict/ },
  "traps": { annotations: { violations: "[".repeat(500_000) }, cause: /call stack|memory access|unreachable/ },
  "takes more memory than there is": { annotations: { hungry: "yes" }, cause: /opa_malloc: failed|memory/ },
};

for (const [name, { annotations, cause }] of Object.entries(BREAKING)) {
  Deno.test(`an evaluation that ${name} fails alone`, () => {
    for (let i = 0; i < 2; i++) {
      const { failures, failing } = review(requestOf(annotated(annotations)), "validating", engine);
      assert.match(String(failures[0]?.cause), cause);
      assert.equal(failing, "closed");
      assert.equal(answerTo(bad, "validating", engine).status?.message, "deny: bad");
      assert.equal(answerTo(goodPod(), "validating", engine).allowed, true);
    }
  });
}

Deno.test("a built-in's error is undefined as in OPA, or fails where the config says so", async () => {
  const strict = await engineFrom(
    CONFIG.replace("tar.gz }", "tar.gz, options: { builtinErrors: fail } }"),
  );
  for (const wrong of [{ size: "much" }, { number: "many" }]) {
    assert.equal(answerTo(annotated(wrong), "validating", engine).allowed, true);
    assert.equal(answerTo(annotated(wrong), "validating", strict).status?.message, "Failing closed");
  }
  for (
    const [annotation, message] of [[{ size: "2Ki" }, "deny_large: large"], [{ number: "2000" }, "deny_many: many"]]
  ) {
    for (const each of [engine, strict]) {
      assert.equal(
        answerTo(annotated(annotation as Record<string, string>), "validating", each).status?.message,
        message,
      );
    }
  }
});

Deno.test("an object that nests too deep, or is none, is malformed to a bundle too", () => {
  const deep = JSON.parse(`${'{"a":'.repeat(600)}{}${"}".repeat(600)}`);
  const { auditAnnotations } = answerTo({ ...goodPod(), deep }, "validating", engine);
  assert.match(auditAnnotations.denied, /^ensure_well_formed: Pod Pod\/payments\/web is malformed: /);
});
