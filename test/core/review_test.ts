import { deepStrictEqual as assertEquals, match, ok } from "node:assert";
import type { AdmissionRequest, Fields, Policy } from "../../src/contract.ts";
import type { Endpoint } from "../../src/core/decision.ts";
import type { Stage } from "../../src/core/engine.ts";
import { review, reviewFailed } from "../../src/core/review.ts";
import { engineOf, type TestEngine } from "../engine_fixture.ts";
import { goodContainer, goodPod, requestOf } from "../request_fixture.ts";
import { policyOf, reporting, throwing } from "./policy_fixture.ts";

const OTHER = { policy: reporting("other", ["seen"]), stage: { validate: "warn" as const } };

const thrown: [string, unknown, RegExp][] = [
  ["an Error", new Error("boom"), /boom/],
  ["a text", "boom", /boom/],
  ["null", null, /null/],
  ["undefined", undefined, /undefined/],
  ["an object without a prototype", Object.create(null), /object/],
];

for (const [name, value, message] of thrown) {
  Deno.test(`review() makes a policy that throws ${name} a failure of that policy alone`, () => {
    const policies = [{ policy: throwing("broken", value) }, OTHER];
    const { failures, violations, failing } = review(requestOf(goodPod()), "validating", engineOf({ policies }));
    assertEquals(failures.map(({ policy, decisive }) => [policy, decisive]), [["broken", true]]);
    match(Object.prototype.toString.call(failures[0].cause) + safeText(failures[0].cause), message);
    assertEquals([violations.map(({ rule }) => rule), failing], [["deny_other"], "closed"]);
  });
}

function safeText(value: unknown): string {
  try {
    return String(value);
  } catch {
    return "";
  }
}

const returned: [string, unknown][] = [
  ["a promise", Promise.resolve([])],
  ["a rejected promise", Promise.reject(new Error("later"))],
  ["a thenable", { then: () => {} }],
  ["nothing", undefined],
  ["a text", "bad"],
  ["a violation without a rule", [{ message: "x" }]],
  ["a violation without a message", [{ rule: "deny_x" }]],
  ["a violation that is null", [null]],
  ["a remediation that is no text", [{ rule: "deny_x", message: "x", remediation: {} }]],
  ["a container that is no text", [{ rule: "deny_x", message: "x", container: 1 }]],
  ["a list whose item throws when it is read", [Object.defineProperty({}, "rule", { get: () => fail() })]],
];
(returned[1][1] as Promise<unknown>).catch(() => {});

function fail(): never {
  throw new Error("read");
}

for (const [name, value] of returned) {
  Deno.test(`review() makes a policy that returns ${name} a failure of that policy alone`, () => {
    const policies = [{ policy: policyOf("broken", { validate: () => value as never }) }, OTHER];
    const { failures, violations, allowed } = review(requestOf(goodPod()), "validating", engineOf({ policies }));
    assertEquals([failures.map(({ policy }) => policy), violations.length, allowed], [["broken"], 1, false]);
  });
}

Deno.test("review() leaves no rejected promise of a policy behind", async () => {
  const policy = policyOf("broken", { validate: () => Promise.reject(new Error("late")) as never });
  let unhandled = 0;
  const count = (event: Event) => {
    event.preventDefault();
    unhandled++;
  };
  globalThis.addEventListener("unhandledrejection", count);
  const { failures } = review(requestOf(goodPod()), "validating", engineOf({ policies: [{ policy }] }));
  await new Promise((resolve) => setTimeout(resolve, 20));
  globalThis.removeEventListener("unhandledrejection", count);
  assertEquals([failures.length, unhandled], [1, 0]);
});

Deno.test("review() takes an object that nests too deep for a malformed one, at the stage of each policy", () => {
  let deep: Fields = {};
  for (let i = 0; i < 100_000; i++) deep = { deep };
  const judged = (stage: "deny" | "warn", changes: Partial<AdmissionRequest> = {}) => {
    const policies = [{ policy: policyOf("p", { validate: ({ pod }) => pod ? [] : [] }), stage: { validate: stage } }];
    const request = requestOf(goodPod({}, { managedFields: [{ fieldsV1: deep }] }), changes);
    const engine = engineOf({ policies, failure: { namespaces: { payments: "open" } } });
    return review(request, "validating", engine);
  };
  const message = "Pod Pod/payments/web is malformed: /: found deeper nesting, accepted 512 levels.";
  const { violations, failures, allowed } = judged("deny");
  assertEquals(violations.map(({ rule, message, outcome }) => [rule, message, outcome]), [
    ["ensure_well_formed", message, "denied"],
  ]);
  assertEquals([failures, allowed], [[], false]);
  assertEquals(judged("warn").violations[0].outcome, "warned");
  assertEquals(judged("deny", { operation: "UPDATE", oldObject: goodPod() }).allowed, false);
});

Deno.test("review() takes an old object that nests too deep for none", () => {
  let deep: Fields = {};
  for (let i = 0; i < 1000; i++) deep = { deep };
  const request = requestOf(goodPod(), { operation: "UPDATE", oldObject: goodPod({}, { annotations: deep }) });
  const { allowed } = review(request, "validating", engineOf({ policies: [{ policy: judging({}) }] }));
  assertEquals(allowed, false);
});

Deno.test("review() does not block an unchanged pod when a policy breaks down", () => {
  const engine = engineOf({ policies: [{ policy: throwing("broken", new Error("x")) }] });
  const update = (oldObject: Fields) =>
    review(requestOf(goodPod(), { operation: "UPDATE", oldObject }), "validating", engine);
  assertEquals([update(goodPod()).allowed, update(goodPod()).failures.length], [true, 1]);
  assertEquals(update(goodPod({ hostNetwork: true })).failing, "closed");
});

Deno.test("reviewFailed() decides as the failure mode says, where a policy that can decide was to be asked", () => {
  const failing = (stage: Partial<Stage>, endpoint: Endpoint, failure: TestEngine["failure"] = {}) => {
    const engine = engineOf({ policies: [{ policy: reporting("p", []), stage }], failure });
    const { failing, allowed } = reviewFailed(requestOf(goodPod()), endpoint, { engine, cause: new Error("x") });
    return [failing, allowed];
  };
  assertEquals(failing({}, "validating"), ["closed", false]);
  assertEquals(failing({}, "validating", { validate: "open" }), ["open", true]);
  assertEquals(failing({}, "mutating"), ["open", true]);
  assertEquals(failing({}, "mutating", { mutate: "closed" }), ["closed", false]);
  for (const validate of ["off", "monitor", "warn"] as const) {
    assertEquals(failing({ validate }, "validating"), [null, true]);
  }
  assertEquals(failing({ mutate: "dryrun" }, "mutating", { mutate: "closed" }), [null, true]);
});

const judging = (judges: Policy["judges"]) =>
  policyOf("p", { validate: () => [{ rule: "deny_p", message: "bad" }], judges });

/** How an update from one object to another is judged by a policy that always reports. */
function outcomeOf(before: Fields, after: Fields, judges: Policy["judges"] = {}): string {
  const request = requestOf(after, { operation: "UPDATE", oldObject: before });
  return review(request, "validating", engineOf({ policies: [{ policy: judging(judges) }] })).violations[0].outcome;
}

const annotated = (annotations: Fields) => goodPod({}, { annotations });
const deployment = (replicas: number, template: Fields = goodPod()) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "api", namespace: "payments" },
  spec: { replicas, template },
});

Deno.test("review() never blocks an update that leaves the pod as it was", () => {
  assertEquals(outcomeOf(goodPod(), goodPod()), "monitored");
  assertEquals(outcomeOf(goodPod({}, { finalizers: ["x"] }), goodPod({}, { labels: { a: "b" } })), "monitored");
  assertEquals(outcomeOf(deployment(3), deployment(0)), "monitored");
  const reordered = { ...goodPod(), spec: Object.fromEntries(Object.entries(goodPod().spec as Fields).reverse()) };
  assertEquals(outcomeOf(goodPod(), reordered), "monitored");
});

Deno.test("review() judges any change of the pod in full", () => {
  const changed = goodPod({ containers: [goodContainer({ image: "registry.example.com/team/app:2" })] });
  assertEquals(outcomeOf(goodPod(), changed), "denied");
  assertEquals(outcomeOf(changed, goodPod()), "denied");
  assertEquals(outcomeOf(goodPod(), goodPod({ tolerations: [] })), "denied");
  assertEquals(outcomeOf(deployment(1), deployment(1, changed)), "denied");
  assertEquals(outcomeOf(deployment(1), deployment(1, goodPod({}, { annotations: { restartedAt: "now" } }))), "denied");
});

Deno.test("review() judges a change of the annotations that the policy judges, and of no others", () => {
  const judges = { annotations: ["container.apparmor.security.beta.kubernetes.io/"] };
  const profile = (value: string) => ({ "container.apparmor.security.beta.kubernetes.io/app": value });
  assertEquals(outcomeOf(annotated(profile("unconfined")), annotated(profile("unconfined")), judges), "monitored");
  assertEquals(outcomeOf(annotated(profile("a")), annotated({ ...profile("a"), other: "x" }), judges), "monitored");
  assertEquals(outcomeOf(annotated(profile("runtime/default")), annotated(profile("unconfined")), judges), "denied");
  assertEquals(outcomeOf(annotated({}), annotated(profile("unconfined")), judges), "denied");
  assertEquals(outcomeOf(annotated(profile("unconfined")), annotated({}), judges), "denied");
});

Deno.test("review() judges a change of the fields that the policy judges", () => {
  const judges = { fields: ["/spec/replicas", "/metadata/labels/a~1b"] };
  assertEquals(outcomeOf(deployment(1), deployment(1), judges), "monitored");
  assertEquals(outcomeOf(deployment(1), deployment(9), judges), "denied");
  assertEquals(outcomeOf(goodPod(), goodPod({}, { labels: { "a/b": "c" } }), judges), "denied");
});

Deno.test("review() judges in full what has no old object to compare with, or no pod", () => {
  const unknown = requestOf(goodPod(), { operation: "UPDATE", oldObject: null });
  const created = requestOf(goodPod(), { operation: "CREATE", oldObject: goodPod() });
  const engine = engineOf({ policies: [{ policy: judging({}) }] });
  for (const request of [unknown, created]) assertEquals(review(request, "validating", engine).allowed, false);
  const policy = policyOf("p", { match: [{ group: "", kinds: ["ConfigMap"] }], validate: judging({}).validate });
  const map = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", namespace: "b" } };
  const update = requestOf(map, { operation: "UPDATE", oldObject: map });
  assertEquals(review(update, "validating", engineOf({ policies: [{ policy }] })).allowed, false);
});

Deno.test("review() compares with a malformed old object by judging in full", () => {
  const engine = engineOf({ policies: [{ policy: judging({}) }] });
  const request = requestOf(goodPod(), { operation: "UPDATE", oldObject: { spec: null } });
  assertEquals(review(request, "validating", engine).allowed, false);
});

Deno.test("review() has no early exit for an object that is being deleted", () => {
  const dying = goodPod({ hostNetwork: true }, { deletionTimestamp: "2026-01-01T00:00:00Z" });
  const request = requestOf(dying, { operation: "UPDATE", oldObject: goodPod() });
  assertEquals(review(request, "validating", engineOf({ policies: [{ policy: judging({}) }] })).allowed, false);
});

Deno.test("review() shows a policy that asks for DELETE the object that is deleted", () => {
  let seen: unknown;
  const policy = policyOf("p", {
    match: [{ group: "", kinds: ["Pod"], operations: ["DELETE"] }],
    validate({ object }) {
      seen = object;
      return [];
    },
  });
  const engine = engineOf({ policies: [{ policy }] });
  review(requestOf(goodPod(), { operation: "DELETE", object: null, oldObject: goodPod() }), "validating", engine);
  assertEquals(seen, goodPod());
  const both = review(
    requestOf(goodPod(), { operation: "DELETE", object: null, oldObject: null }),
    "validating",
    engine,
  );
  ok(both.allowed);
});
