import assert from "node:assert/strict";
import { goodPod, requestOf, reviewOf } from "../request_fixture.ts";
import { runKp } from "../run_fixture.ts";
import { reviewed, serveForFile } from "../serve_fixture.ts";
import { assertReplayRefuses, assertWebhooksRefuse, checkErrors } from "./refusals.ts";

const { server, test } = await serveForFile();

const REQUEST = requestOf(goodPod({ hostNetwork: true }));
const BODY = JSON.stringify(reviewOf(REQUEST));

/** The review with other fields in its request. */
const withRequest = (changes: Record<string, unknown>) => JSON.stringify(reviewOf({ ...REQUEST, ...changes }));

const NOT_JSON = {
  "a truncated document": BODY.slice(0, -1),
  "trailing garbage": `${BODY} x`,
  "two documents": BODY + BODY,
  "NaN": BODY.replace('"dryRun":false', '"dryRun":NaN'),
  "a comment": BODY.replace("{", "{ /* a pod */ "),
  "single quotes": BODY.replaceAll('"', "'"),
  "a trailing comma": BODY.replace(/}$/, ",}"),
  "a hexadecimal number": BODY.replace('"hostNetwork":true', '"hostNetwork":0x1'),
  "a raw line break in a text": BODY.replace('"web"', '"we\nb"'),
};

for (const [name, body] of Object.entries(NOT_JSON)) {
  test(`I01: ${name} is refused`, async () => {
    assert.notEqual(body, BODY);
    const said = await assertWebhooksRefuse(server, body);
    assert.equal(said, "Cannot read the body: it is not one JSON document in UTF-8\n");
    assert.match(await assertReplayRefuses(body), /^-:1: Cannot read JSON: [a-z ]+ at line 1, column \d+/);
  });
}

test("I01: an empty body is refused by the webhooks; kp replay and kp check say that there was nothing", async () => {
  for (const body of ["", " \n\t\n"]) {
    await assertWebhooksRefuse(server, body);
    for (const command of ["replay", "check"]) {
      const { code, err } = await runKp([command, "-"], { stdin: body });
      assert.equal(code, 3);
      assert.match(err, /^kp: Nothing was (replayed|checked): no \w+ in - [^\n]+\n$/);
    }
  }
});

test("I01: kp check names the line of a truncated manifest, a comment in JSON and trailing garbage", async () => {
  const pod = JSON.stringify(goodPod(), null, 1);
  for (const text of [pod.slice(0, -2), `${pod.slice(0, -1)}/* the end */ }`, `${pod}\nx: [`]) {
    assert.match((await checkErrors(text))[0], /^Cannot read line \d+, column \d+: /);
  }
});

const NO_REVIEW = {
  "null": "null",
  "a number": "5",
  "a text": '"AdmissionReview"',
  "a Pod": JSON.stringify(goodPod()),
  "an AdmissionReviewList": JSON.stringify({
    apiVersion: "admission.k8s.io/v1",
    kind: "AdmissionReviewList",
    request: {},
  }),
  "a review that holds a response only": JSON.stringify({
    apiVersion: "admission.k8s.io/v1",
    kind: "AdmissionReview",
    response: { uid: "x", allowed: true },
  }),
  "a request that is null": JSON.stringify(reviewOf(null as never)),
  "a request that is a list": JSON.stringify(reviewOf([REQUEST] as never)),
  "a request without kind": withRequest({ kind: undefined }),
  "a request without resource": withRequest({ resource: null }),
  "an object that is a list": withRequest({ object: [goodPod()] }),
  "an object that is a text": withRequest({ object: "pod" }),
  "an old object that is a number": withRequest({ oldObject: 1 }),
  "groups that are a text": withRequest({ userInfo: { username: "alice", groups: "sre-oncall" } }),
  "a group that is a number": withRequest({ userInfo: { username: "alice", groups: [5] } }),
  "a name that is a number": withRequest({ name: 5 }),
  "dryRun that is a text": withRequest({ dryRun: "true" }),
};

for (const [name, body] of Object.entries(NO_REVIEW)) {
  test(`I06: ${name} is no AdmissionReview`, async () => {
    assert.match(await assertWebhooksRefuse(server, body), /^Cannot read the AdmissionReview: .*: found .*, accepted/);
    assert.match(await assertReplayRefuses(body), /^-:1: Cannot read the AdmissionReview: /);
  });
}

test("I06: a list of reviews is one to replay, and none to answer", async () => {
  await assertWebhooksRefuse(server, `[${BODY}]`);
  const { code, out } = await runKp(["replay", "-"], { stdin: `[${BODY},${BODY}]` });
  assert.equal(code, 0);
  assert.match(out, /\n2 reviews: .* 0 unreadable\n$/);
});

const UIDS: Record<string, unknown> = {
  "is missing": undefined,
  "is null": null,
  "is empty": "",
  "is a number": 7,
  "is a list": ["7"],
  "has a line break": "a\nb",
  "has a space": "a b",
  "has NUL": "a\u0000",
  "is not ASCII": "ä",
  "is 129 characters long": "x".repeat(129),
  "is 1 MB long": "x".repeat(1_000_000),
};

for (const [name, uid] of Object.entries(UIDS)) {
  test(`I07: a uid that ${name} is refused, never made up`, async () => {
    assert.match(
      await assertWebhooksRefuse(server, withRequest({ uid })),
      /^Cannot read the AdmissionReview: request.uid: /,
    );
    assert.match(await assertReplayRefuses(withRequest({ uid })), /request.uid: /);
  });
}

test("I07: a uid of 128 characters is answered", async () => {
  await reviewed(server, { ...REQUEST, uid: "!~".repeat(64) });
});

test("I08: a v1beta1 review is answered as v1beta1", async () => {
  for (const endpoint of ["validating", "mutating"] as const) {
    await reviewed(server, REQUEST, { endpoint, apiVersion: "admission.k8s.io/v1beta1" });
  }
});

for (const version of [undefined, null, "", "v1", "admission.k8s.io/v2", "admission.k8s.io/V1", 1]) {
  test(`I08: version ${JSON.stringify(version)} is refused, and the known ones are named`, async () => {
    const body = JSON.stringify({ ...reviewOf(REQUEST), apiVersion: version });
    for (const said of [await assertWebhooksRefuse(server, body), await assertReplayRefuses(body)]) {
      assert.match(said, /apiVersion: found .*, accepted: admission\.k8s\.io\/v1, admission\.k8s\.io\/v1beta1\n$/);
    }
  });
}

for (const operation of [undefined, null, "", "create", "PATCH", "*", ["CREATE"], 1]) {
  test(`I09: operation ${JSON.stringify(operation)} is refused, never allowed`, async () => {
    const body = withRequest({ operation });
    for (const said of [await assertWebhooksRefuse(server, body), await assertReplayRefuses(body)]) {
      assert.match(said, /request.operation: found .*, accepted: CREATE, UPDATE, DELETE, CONNECT\n$/);
    }
  });
}

test("I09: kp check refuses an operation that is none", async () => {
  for (const operation of ["create", "PATCH", ""]) {
    const { code, out, err } = await runKp(["check", "-", "--operation", operation], { stdin: "" });
    assert.deepEqual([code, out], [2, ""]);
    assert.match(err, /^kp: [^\n]*Allowed choices are CREATE, UPDATE, DELETE[^\n]*\n$/);
  }
});
