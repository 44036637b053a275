import { deepStrictEqual as assertEquals, ok } from "node:assert";
import { answer } from "../../src/core/answer.ts";
import type { Endpoint } from "../../src/core/decision.ts";
import { review } from "../../src/core/review.ts";
import { engineOf, type TestEngine } from "../engine_fixture.ts";
import { goodPod, requestOf } from "../request_fixture.ts";
import { changing, reporting, throwing } from "./policy_fixture.ts";

function respond(engine: TestEngine, { endpoint = "validating" as Endpoint, request = requestOf(goodPod()) } = {}) {
  return answer(review(request, endpoint, engineOf(engine)), "admission.k8s.io/v1").response;
}

const UID = "11111111-2222-3333-4444-555555555555";
const REVISION = { policy_revision: "0123456789ab" };
const DEFAULT_ALLOW = { "default-allow": "Request does not trigger any OPA policies." };

Deno.test("answer() says default-allow where no policy reports", () => {
  const expected = { uid: UID, allowed: true, auditAnnotations: { ...DEFAULT_ALLOW, ...REVISION } };
  assertEquals(respond({ policies: [{ policy: reporting("a", []) }] }), expected);
  assertEquals(respond({}), expected);
});

Deno.test("answer() of the mutating endpoint never says default-allow", () => {
  assertEquals(respond({}, { endpoint: "mutating" }), { uid: UID, allowed: true, auditAnnotations: REVISION });
});

Deno.test("answer() denies with 403, Forbidden, the denied list and the remediation", () => {
  const response = respond({
    policies: [
      { policy: reporting("b", ["two", "one"]) },
      { policy: reporting("a", ["three"]) },
      { policy: reporting("m", ["seen"]), stage: { validate: "monitor" } },
    ],
  });
  const denied = "deny_a: three, deny_b: one, deny_b: two";
  assertEquals(response, {
    uid: UID,
    allowed: false,
    status: { code: 403, reason: "Forbidden", message: `${denied} Remediation: Mend b. Mend a.` },
    auditAnnotations: { all_rules: `${denied}, deny_m: seen`, denied, monitored: "deny_m: seen", ...REVISION },
  });
});

Deno.test("answer() leaves the remediation out where there is none", () => {
  const { status } = respond({ policies: [{ policy: reporting("a", [{ message: "no", remediation: "" }]) }] });
  assertEquals(status?.message, "deny_a: no");
});

Deno.test("answer() warns in one entry a violation, and allows", () => {
  const response = respond({ policies: [{ policy: reporting("a", ["x", "y"]), stage: { validate: "warn" } }] });
  assertEquals(response, {
    uid: UID,
    allowed: true,
    warnings: ["deny_a: x", "deny_a: y"],
    auditAnnotations: { all_rules: "deny_a: x, deny_a: y", warned: "deny_a: x, deny_a: y", ...REVISION },
  });
});

Deno.test("answer() cuts a warning at 256 runes, on a rune, and replaces control characters", () => {
  const policy = reporting("a", ["line\r\nbreak\ttab\u0000nul\u2028end", `${"😀".repeat(300)}`]);
  const { warnings } = respond({ policies: [{ policy, stage: { validate: "warn" } }] });
  assertEquals(warnings?.[0], "deny_a: line; break tab nul end");
  assertEquals([...warnings![1]].length, 256);
  assertEquals(warnings![1], `deny_a: ${"😀".repeat(248)}`);
});

Deno.test("answer() gives 16 warnings, then counts the rest", () => {
  const messages = Array.from({ length: 20 }, (_, i) => `number ${String(i).padStart(2, "0")}`);
  const { warnings } = respond({ policies: [{ policy: reporting("a", messages), stage: { validate: "warn" } }] });
  assertEquals(warnings?.length, 17);
  assertEquals(warnings?.slice(15), ["deny_a: number 15", "and 4 more"]);
  const few = respond({ policies: [{ policy: reporting("a", messages.slice(0, 16)), stage: { validate: "warn" } }] });
  assertEquals(few.warnings?.length, 16);
});

Deno.test("answer() sorts a list bytewise, without duplicates, and keeps it splittable", () => {
  const policy = reporting("a", ["\u{1F600}", "\uFFFD", "b, c", "b, c", "Z", "é"]);
  const { auditAnnotations } = respond({ policies: [{ policy }] });
  const list = ["deny_a: Z", "deny_a: b; c", "deny_a: é", "deny_a: \uFFFD", "deny_a: \u{1F600}"];
  assertEquals(auditAnnotations.denied, list.join(", "));
  assertEquals(auditAnnotations.denied.split(", "), list);
});

Deno.test("answer() records what an exception excused, with its id, and does not count it as a rule", () => {
  const response = respond({
    policies: [{
      policy: reporting("a", [{ message: "bad", container: "app" }, { message: "worse", container: "b" }]),
    }],
    exceptions: ["a/payments/app"],
  });
  assertEquals(response.auditAnnotations, {
    all_rules: "deny_a: worse",
    denied: "deny_a: worse",
    allowlisted: "deny_a: bad (exception id:a/payments/app)",
    ...REVISION,
  });
});

Deno.test("answer() says default-allow where everything is excused", () => {
  const response = respond({ policies: [{ policy: reporting("a", ["bad"]) }], exceptions: ["a/payments/*"] });
  assertEquals(response.auditAnnotations, {
    allowlisted: "deny_a: bad (exception id:a/payments/*)",
    ...DEFAULT_ALLOW,
    ...REVISION,
  });
});

const LABEL = { op: "add", path: "/metadata/labels/a", value: "1" } as const;

Deno.test("answer() sends patch and patchType together, and names what was applied by rule", () => {
  const response = respond({
    policies: [
      { policy: changing("a", [{ operations: [LABEL] }]) },
      {
        policy: changing("b", [{ operations: [{ ...LABEL, path: "/metadata/labels/b" }] }]),
        stage: { mutate: "dryrun" },
      },
    ],
  }, { endpoint: "mutating" });
  const operations = [{ op: "add", path: "/metadata/labels", value: {} }, LABEL];
  assertEquals(response, {
    uid: UID,
    allowed: true,
    auditAnnotations: {
      patches: `set_a: ${JSON.stringify(operations)}`,
      dryrun: 'set_b: [{"op":"add","path":"/metadata/labels/b","value":"1"}]',
      ...REVISION,
    },
    patch: btoa(JSON.stringify(operations)),
    patchType: "JSONPatch",
  });
});

Deno.test("answer() joins the operations of one rule in one list, and the rules by a comma", () => {
  const at = (name: string) => ({ operations: [{ ...LABEL, path: `/metadata/annotations/${name}` }] });
  const request = requestOf(goodPod({}, { annotations: { x: "y" } }));
  const policies = [{ policy: changing("a", [at("a1"), at("a2")]) }, { policy: changing("b", [at("b1")]) }];
  const { patches } = respond({ policies }, { endpoint: "mutating", request }).auditAnnotations;
  const op = (name: string) => `{"op":"add","path":"/metadata/annotations/${name}","value":"1"}`;
  assertEquals(patches, `set_a: [${op("a1")},${op("a2")}], set_b: [${op("b1")}]`);
});

Deno.test("answer() encodes a patch as UTF-8, lone surrogates escaped", () => {
  const change = { operations: [{ ...LABEL, path: "/metadata/name", value: "é😀\ud800" }] };
  const { patch } = respond({ policies: [{ policy: changing("a", [change]) }] }, { endpoint: "mutating" });
  const text = new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(atob(patch!), (c) => c.charCodeAt(0)));
  assertEquals(text, '[{"op":"add","path":"/metadata/name","value":"é😀\\ud800"}]');
});

Deno.test("answer() never patches from the validating endpoint", () => {
  const response = respond({ policies: [{ policy: changing("a", [{ operations: [LABEL] }]) }] });
  ok(!("patch" in response) && !("patchType" in response));
});

Deno.test("answer() names the identity kinds of a breakglass, in order", () => {
  const breakglass = { users: ["alice"], groups: ["dev"], usernamePrefixes: ["al-", "alice"] };
  const policies = [{ policy: reporting("a", ["bad"]) }];
  for (const endpoint of ["validating", "mutating"] as const) {
    const response = respond({ policies, breakglass }, { endpoint });
    const auditAnnotations = { breakglass_authorized: "users, groups, username_prefixes.", ...REVISION };
    assertEquals(response, { uid: UID, allowed: true, auditAnnotations });
  }
  const groups = respond({ policies, breakglass: { groups: ["dev"] } });
  assertEquals(groups.auditAnnotations.breakglass_authorized, "groups.");
});

Deno.test("answer() names the critical entry that matched", () => {
  const critical = [{ namespace: "payments", kind: "Pod", name: "web" }] as const;
  const response = respond({ policies: [{ policy: reporting("a", ["bad"]) }], critical });
  assertEquals(response.auditAnnotations, { critical_allowlisted: "Pod/payments/web", ...REVISION });
});

const BROKEN = throwing("broken", new Error("boom"));

Deno.test("answer() fails closed, and keeps what the other policies said", () => {
  const policies = [{ policy: BROKEN }, { policy: reporting("m", ["seen"]), stage: { validate: "monitor" as const } }];
  assertEquals(respond({ policies }), {
    uid: UID,
    allowed: false,
    status: { code: 403, reason: "Forbidden", message: "Failing closed" },
    auditAnnotations: {
      all_rules: "deny_m: seen",
      monitored: "deny_m: seen",
      "failing-closed": "Error, failing closed",
      ...REVISION,
    },
  });
});

Deno.test("answer() fails open where the operator chose so", () => {
  const auditAnnotations = { "failing-open": "Error, failing open", ...REVISION };
  const open = { uid: UID, allowed: true, auditAnnotations };
  assertEquals(respond({ policies: [{ policy: BROKEN }], failure: { validate: "open" } }), open);
  assertEquals(respond({ policies: [{ policy: BROKEN }], failure: { namespaces: { payments: "open" } } }), open);
  assertEquals(respond({ policies: [{ policy: BROKEN }] }, { endpoint: "mutating" }), open);
});

Deno.test("answer() of the mutating endpoint fails closed without a patch", () => {
  const policies = [{ policy: changing("a", [{ operations: [LABEL] }]) }, { policy: BROKEN }];
  const closed = respond({ policies, failure: { mutate: "closed" } }, { endpoint: "mutating" });
  assertEquals(closed.allowed, false);
  assertEquals(closed.auditAnnotations, { "failing-closed": "Error, failing closed", ...REVISION });
  ok(!("patch" in closed));
  const open = respond({ policies }, { endpoint: "mutating" });
  ok(open.allowed && open.patch && open.auditAnnotations.patches && open.auditAnnotations["failing-open"]);
});

Deno.test("answer() mentions a failure only where it decided", () => {
  const denied = respond({ policies: [{ policy: BROKEN }, { policy: reporting("a", ["bad"]) }] });
  assertEquals(denied.auditAnnotations, { all_rules: "deny_a: bad", denied: "deny_a: bad", ...REVISION });
  assertEquals(denied.status?.message, "deny_a: bad Remediation: Mend a.");
  for (const validate of ["monitor", "warn"] as const) {
    const response = respond({ policies: [{ policy: BROKEN, stage: { validate } }] });
    assertEquals(response, { uid: UID, allowed: true, auditAnnotations: { ...DEFAULT_ALLOW, ...REVISION } });
  }
});

Deno.test("answer() answers in the version it was asked in", () => {
  const decision = review(requestOf(goodPod()), "validating", engineOf({}));
  for (const version of ["admission.k8s.io/v1", "admission.k8s.io/v1beta1"] as const) {
    const { apiVersion, kind } = answer(decision, version);
    assertEquals([apiVersion, kind], [version, "AdmissionReview"]);
  }
});

Deno.test("answer() keeps a stage off silent, and takes the stage of the namespace by its exact name", () => {
  const policy = reporting("a", ["bad"]);
  const off = respond({ policies: [{ policy, stage: { validate: "off" } }] });
  assertEquals(off.auditAnnotations, { ...DEFAULT_ALLOW, ...REVISION });
  const namespaces = {
    payments: { validate: "warn", mutate: "off" },
    pay: { validate: "off", mutate: "off" },
  } as const;
  const own = respond({ policies: [{ policy, namespaces }] });
  assertEquals([own.allowed, own.auditAnnotations.warned], [true, "deny_a: bad"]);
  const others = { payment: { validate: "off", mutate: "off" }, Payments: { validate: "off", mutate: "off" } } as const;
  assertEquals(respond({ policies: [{ policy, namespaces: others }] }).allowed, false);
});
