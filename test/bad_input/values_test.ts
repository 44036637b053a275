import assert from "node:assert/strict";
import type { Fields } from "../../src/contract.ts";
import { operationsIn } from "../answer_assertions.ts";
import { goodContainer, goodPod, requestOf, reviewOf } from "../request_fixture.ts";
import { post, reviewed, reviewedText, serveForFile } from "../serve_fixture.ts";
import { assertReplayRefuses, checkErrors } from "./refusals.ts";

const { server, test } = await serveForFile();

const textOf = (pod: Fields) => JSON.stringify(reviewOf(requestOf(pod)));

test("I05: of a key that stands twice the webhooks see the last, in the verdict and everywhere", async () => {
  const twice = (text: string) => reviewedText(server, text, { replayed: JSON.stringify(JSON.parse(text)) });
  const text = textOf(goodPod({ hostNetwork: true }));
  const good = await twice(text.replace('"hostNetwork":true', '"hostNetwork":true,"hostNetwork":false'));
  const bad = await twice(text.replace('"hostNetwork":true', '"hostNetwork":false,"hostNetwork":true'));
  assert.deepEqual([good.allowed, bad.allowed], [true, false]);
  const { uid } = await twice(text.replace('"uid":"', '"uid":"first","uid":"'));
  assert.equal(uid, requestOf(goodPod()).uid);
  const harmless = textOf(goodPod()).slice(1, -1);
  const request = harmless.slice(harmless.indexOf('"request":'));
  assert.equal((await twice(`${text.slice(0, -1)},${request}}`)).allowed, true);
  assert.equal((await twice(text.replace('"request":', `${request},"request":`))).allowed, false);
});

test("I05: a key in another case is another key", async () => {
  const text = textOf(goodPod({ hostNetwork: true })).replace('"hostNetwork"', '"HostNetwork"');
  assert.equal((await reviewedText(server, text)).allowed, true);
});

test("I05: kp replay and kp check refuse a key that stands twice, and name both places", async () => {
  const json = '{"apiVersion":"v1",\n "kind":"Pod",\n "spec":{"a":1,"\\u0061":2}}';
  assert.deepEqual(await checkErrors(json), [
    'Cannot read line 3, column 16: duplicate key "a" (first at line 3, column 10)',
  ]);
  const yaml = "kind: Pod\napiVersion: v1\nspec:\n  hostPID: true\n  hostPID: false\n";
  assert.deepEqual(await checkErrors(`---\n${yaml}`), [
    'Cannot read line 6, column 3: duplicate key "hostPID" (first at line 5, column 3)',
  ]);
  const said = await assertReplayRefuses(json);
  assert.match(said, /duplicate key "a" at line 3, column 16 \(first at line 3, column 10\)\n$/);
});

const DANGEROUS = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "valueOf", "length", "then"];

/** A map with every dangerous key; JSON.parse alone makes `__proto__` a plain one. */
function dangerous(value: unknown): Fields {
  return JSON.parse(`{${DANGEROUS.map((key) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(",")}}`);
}

test("I15: dangerous keys are plain keys, at every level", async () => {
  const metadata = {
    ...dangerous("x"),
    name: "web",
    namespace: "watched",
    labels: dangerous("x"),
    annotations: dangerous("x"),
  };
  const pod = {
    ...dangerous({ x: 1 }),
    ...goodPod({
      ...dangerous({ runAsNonRoot: true }),
      nodeSelector: dangerous("x"),
      containers: [{ ...dangerous([]), ...goodContainer(dangerous({ privileged: true })) }],
    }),
    metadata,
  };
  // A spread copies `__proto__` as a plain key where it is one, so it is there:
  assert.ok(Object.hasOwn(JSON.parse(JSON.stringify(pod)), "__proto__"));
  const request = { ...dangerous("x"), ...requestOf(pod), userInfo: { ...dangerous("x"), username: "a", groups: [] } };
  const validating = await reviewed(server, request);
  assert.equal(validating.allowed, true);
  const keys = [...DANGEROUS, "apiVersion", "kind", "metadata", "spec"].sort().join(" ");
  assert.equal(validating.auditAnnotations.all_rules, `ensure_seen: CREATE Pod ${keys} was null`);
  await reviewed(server, request, { endpoint: "mutating" });
});

/** The review of a Pod, and of a Deployment of it, whose container has that securityContext. */
function withContext(securityContext: string): string[] {
  const pod = goodPod({ containers: [goodContainer({ securityContext: "CONTEXT" })] });
  const { metadata } = pod;
  const deployment = { apiVersion: "apps/v1", kind: "Deployment", metadata, spec: { template: pod } };
  return [pod, deployment].map((object) => textOf(object).replace('"CONTEXT"', securityContext));
}

test("I15: what stands under __proto__ neither grants nor excuses", async () => {
  const safe = JSON.stringify(goodContainer().securityContext).slice(1, -1);
  for (const text of withContext(`{"__proto__":{"privileged":true,"runAsUser":0},${safe}}`)) {
    assert.equal((await reviewedText(server, text)).allowed, true);
  }
  for (const text of withContext(`{"__proto__":{${safe}}}`)) {
    const { status } = await reviewedText(server, text);
    assert.match(status!.message, /ensure_dropped_capabilities: /);
  }
  const [pod] = withContext(`{"__proto__":{${safe}}}`);
  const { auditAnnotations } = await reviewedText(server, pod, { endpoint: "mutating" });
  assert.match(auditAnnotations.patches, /set_no_privilege_escalation: .*set_readonly_root_fs: /);
});

test("I15: an owner reference whose kind or name is an object is no owner, and breaks nothing", async () => {
  const hostile = { toString: null, valueOf: null };
  for (const fields of [{ kind: hostile, name: "kube-proxy" }, { kind: "DaemonSet", name: hostile }]) {
    const ownerReferences = [{ apiVersion: "apps/v1", controller: true, ...fields }];
    const pod = goodPod({ hostNetwork: true }, { namespace: "kube-system", ownerReferences });
    const username = "system:serviceaccount:kube-system:daemon-set-controller";
    const { allowed } = await reviewed(server, requestOf(pod, { userInfo: { username, groups: [] } }));
    assert.equal(allowed, false);
  }
});

test("I16: a name of many spaces and a control character takes time in proportion to its length", async () => {
  const drop = { add: [`${" ".repeat(20_000)}\u0001`], drop: ["ALL"] };
  const text = textOf(goodPod({ containers: [goodContainer({ securityContext: { capabilities: drop } })] }));
  const started = performance.now();
  assert.equal((await post(server, text)).status, 200);
  assert.ok(performance.now() - started < 300, `${(performance.now() - started).toFixed()} ms`);
});

test("I15: nothing is polluted afterwards", () => {
  const plain: Record<string, unknown> = {};
  assert.deepEqual(["x", "privileged", "runAsNonRoot"].map((key) => plain[key]), [undefined, undefined, undefined]);
  assert.deepEqual([Object.keys(Object.prototype), Object.keys(Array.prototype)], [[], []]);
  return Promise.resolve();
});

const NUMBERS = [
  "9007199254740993",
  "9223372036854775807",
  "-9223372036854775808",
  "1e400",
  "-1e400",
  "-0",
  "1.0",
  "1E-400",
];

test("I19: no number of the object is ever written into a patch", async () => {
  for (const number of NUMBERS) {
    const pod = goodPod({
      activeDeadlineSeconds: "NUMBER",
      containers: [{
        name: "app",
        image: "a",
        securityContext: { runAsGroup: "NUMBER" },
        resources: { limits: { x: "NUMBER" } },
      }],
    }, { annotations: { big: "NUMBER" }, generation: "NUMBER" });
    const { patch } = await reviewedText(server, textOf(pod).replaceAll('"NUMBER"', number), { endpoint: "mutating" });
    const written = operationsIn(patch!).map((operation) => "value" in operation ? operation.value : null);
    assert.deepEqual(new Set(written.map((value) => JSON.stringify(value))), new Set(["true", "false"]));
  }
});

test("I19: user 0 is root, however it is written; what is no user is refused or left to the schema", async () => {
  const pod = goodPod({
    containers: [goodContainer({ securityContext: { ...goodContainer().securityContext as Fields, runAsUser: "U" } })],
  });
  for (const zero of ["0", "-0", "0.0", "0e5", "1e-400", '"0"']) {
    const { allowed, auditAnnotations } = await reviewedText(server, textOf(pod).replace('"U"', zero));
    assert.deepEqual([allowed, auditAnnotations.denied?.split(":")[0]], [false, "ensure_no_run_as_root"], zero);
  }
  for (const other of ["1", "9007199254740993", "1e400"]) {
    assert.equal((await reviewedText(server, textOf(pod).replace('"U"', other))).allowed, true);
  }
});
