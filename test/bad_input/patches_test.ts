import assert from "node:assert/strict";
import type { Change, Fields, Policy } from "../../src/contract.ts";
import type { AdmissionResponse } from "../../src/core/answer.ts";
import { InProcessEvaluator } from "../../src/evaluators/in_process.ts";
import { applied, assertResponse, operationsIn } from "../answer_assertions.ts";
import { changing } from "../core/policy_fixture.ts";
import { engineOf } from "../engine_fixture.ts";
import { goodPod, requestOf, reviewOf } from "../request_fixture.ts";

const POD = goodPod({ tolerations: [{ key: "a" }] }, { labels: { team: "a" } });
const apiVersion = "admission.k8s.io/v1";

/** What the mutating webhook sends where these policies want these changes, by the rules for every answer. */
async function mutated(policies: readonly Policy[], failing?: "open"): Promise<AdmissionResponse> {
  const evaluator = new InProcessEvaluator(engineOf({ policies: policies.map((policy) => ({ policy })) }));
  const request = requestOf(POD);
  const evaluation = await evaluator.evaluate(new TextEncoder().encode(JSON.stringify(reviewOf(request))), "mutating");
  assert.ok(evaluation.success);
  const { response } = JSON.parse(new TextDecoder().decode(evaluation.answer));
  assertResponse(response, { apiVersion, request, endpoint: "mutating", failing });
  return response;
}

const adding = (name: string, path: string, value: unknown) =>
  changing(name, [{ operations: [{ op: "add", path, value }] }]);

const SAFE = adding("safe", "/metadata/labels/safe", "yes");

test("no change is no patch, an empty one included", async () => {
  for (const changes of [[], [{ operations: [] }]] as Partial<Change>[][]) {
    assert.equal((await mutated([changing("idle", changes)])).patch, undefined);
  }
});

test("keys with ~ and / are escaped, and created with their parents", async () => {
  const { patch } = await mutated([adding("note", "/metadata/annotations/example.com~1a~0b", "x")]);
  const { annotations } = applied(POD, patch!).metadata as Fields;
  assert.deepEqual(annotations, { "example.com/a~b": "x" });
});

test("a path that ends in - appends, to a list that is there and to one that is not", async () => {
  const { patch } = await mutated([
    adding("more", "/spec/tolerations/-", { key: "b" }),
    adding("first", "/spec/imagePullSecrets/-", { name: "pull" }),
  ]);
  const { tolerations, imagePullSecrets } = applied(POD, patch!).spec as Fields;
  assert.deepEqual([tolerations, imagePullSecrets], [[{ key: "a" }, { key: "b" }], [{ name: "pull" }]]);
});

test("a value with dangerous keys stays a plain value", async () => {
  const value = JSON.parse('{"__proto__":"a","constructor":"b","then":"c"}');
  const { patch } = await mutated([adding("odd", "/metadata/annotations", value)]);
  assert.equal(
    JSON.stringify(operationsIn(patch!)),
    JSON.stringify([{ op: "add", path: "/metadata/annotations", value }]),
  );
  assert.equal(({} as Fields).constructor, Object);
});

const UNUSABLE: Record<string, readonly unknown[]> = {
  "removes what is not there": [{ op: "remove", path: "/metadata/labels/none" }],
  "replaces what is not there": [{ op: "replace", path: "/metadata/labels/none", value: "x" }],
  "tests": [{ op: "test", path: "/metadata/name", value: "web" }],
  "copies": [{ op: "copy", from: "/metadata/name", path: "/metadata/labels/copy" }],
  "moves": [{ op: "move", from: "/metadata/labels/team", path: "/metadata/labels/moved" }],
  "writes beyond a list": [{ op: "add", path: "/spec/tolerations/7", value: {} }],
  "writes into a text": [{ op: "add", path: "/metadata/name/first", value: "x" }],
  "writes to no JSON Pointer": [{ op: "add", path: "metadata/labels/x", value: "x" }],
  "writes to a prototype": [{ op: "add", path: "/__proto__/polluted", value: "x" }],
  "applies in part": [
    { op: "add", path: "/metadata/labels/half", value: "x" },
    { op: "remove", path: "/metadata/labels/none" },
  ],
};

for (const [name, operations] of Object.entries(UNUSABLE)) {
  test(`a policy that ${name} fails alone, and nothing of it is sent`, async () => {
    const unusable = changing("unusable", [{ operations: operations as Change["operations"] }]);
    const { patch } = await mutated([unusable, SAFE], "open");
    assert.deepEqual(applied(POD, patch!), applied(POD, (await mutated([SAFE])).patch!));
    assert.equal(({} as Fields).polluted, undefined);
  });
}

test("rules that want different values at one path are both left out, in any order", async () => {
  const [red, blue] = [
    adding("red", "/metadata/labels/color", "red"),
    adding("blue", "/metadata/labels/color", "blue"),
  ];
  const answers = await Promise.all(
    [[red, blue, SAFE], [blue, red, SAFE], [SAFE, red, blue]].map((policies) => mutated(policies, "open")),
  );
  assert.deepEqual(new Set(answers.map(({ patch }) => patch)), new Set([(await mutated([SAFE])).patch]));
});

test("a patch of 5,000 operations is sent whole, and applies", async () => {
  const operations = Array.from(
    { length: 5000 },
    (_, i) => ({ op: "add", path: `/metadata/labels/l${i}`, value: "x" }),
  );
  const { patch } = await mutated([changing("huge", [{ operations: operations as Change["operations"] }])]);
  const { labels } = applied(POD, patch!).metadata as Fields;
  assert.equal(Object.keys(labels as Fields).length, 5001);
});

function test(name: string, fn: () => Promise<void>): void {
  Deno.test(`I23: ${name}`, fn);
}
