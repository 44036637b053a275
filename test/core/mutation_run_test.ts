import assert from "node:assert/strict";
import type { Change, Policy, Verdict } from "../../src/contract.ts";
import { contextOf } from "../../src/core/exempt.ts";
import { staged } from "../../src/core/judge.ts";
import { review } from "../../src/core/review.ts";
import { engineOf } from "../engine_fixture.ts";
import { goodContainer, goodPod, requestOf } from "../request_fixture.ts";
import { answered, speaking } from "./speaking_policy.ts";

const pod = goodPod();

Deno.test("a policy that may refuse is not asked at the mutating endpoint where both its stages are off", () => {
  let calls = 0;
  const policy = { ...speaking("a", { mutate: [], validate: [], refuses: true }), mutate: () => (calls++, []) };
  const stage = { validate: "off", mutate: "off" } as const;
  answered([{ policy, stage }], "mutating");
  assert.equal(calls, 0);
  answered([{ policy, stage: { ...stage, validate: "monitor" } }], "mutating");
  assert.equal(calls, 1);
});

Deno.test("a policy that is heard, and whose changes are off, changes nothing", () => {
  const mutate: Verdict = {
    findings: [{ rule: "deny_a", message: "no" }],
    changes: [{ rule: "set_a", operations: [{ op: "add", path: "/spec/hostname", value: "x" }] }],
  };
  const policy = speaking("a", { mutate, validate: [], refuses: true });
  const { decision } = answered([{ policy, stage: { validate: "warn", mutate: "off" } }], "mutating");
  assert.deepEqual([decision.patches, decision.patch, decision.violations.length], [[], [], 1]);
});

Deno.test("of an unchanged pod a policy that fails while it may refuse does not fail closed", () => {
  const failing = {
    ...speaking("a", { validate: [], mutate: [], refuses: true }),
    mutate: () => {
      throw new Error("broken");
    },
  };
  const decided = (oldObject: typeof pod) =>
    review(
      requestOf(pod, { operation: "UPDATE", oldObject }),
      "mutating",
      engineOf({ policies: [{ policy: failing }], failure: { mutate: "closed" } }),
    );
  assert.equal(decided(goodPod({ hostname: "other" })).allowed, false);
  assert.deepEqual([decided(pod).allowed, decided(pod).failures.map(({ decisive }) => decisive)], [true, [false]]);
});

Deno.test("a dry run that fails decides nothing, though the same policy patches", () => {
  const operations = (value: string) => [{ op: "add", path: "/metadata/labels", value: { a: value } }] as const;
  const changes: Change[] = [
    { rule: "set_a", stage: "patch", operations: operations("a") },
    { rule: "set_b", stage: "dryrun", operations: [{ op: "remove", path: "/spec/nothing" }] },
  ];
  const engine = engineOf({
    policies: [{ policy: speaking("a", { mutate: changes }) }],
    failure: { mutate: "closed" },
  });
  const { allowed, patch, failures } = review(requestOf(pod), "mutating", engine);
  assert.deepEqual([allowed, patch.length, failures.map(({ decisive }) => decisive)], [true, 1, [false]]);
});

Deno.test("an excused change does not conflict with another policy's", () => {
  const hostname = (value: string) => [{ op: "add", path: "/spec/hostname", value }] as const;
  const change = (value: string) => [{ rule: "set", container: "app", operations: hostname(value) }];
  const engine = engineOf({
    policies: ["a", "b"].map((name) => ({ policy: speaking(name, { mutate: change(name) }) })),
    exceptions: ["a/payments/app"],
  });
  const { patch, patches, failures } = review(requestOf(pod), "mutating", engine);
  assert.deepEqual(patch, hostname("b"));
  assert.deepEqual([patches.map(({ outcome }) => outcome), failures], [["excused", "patched"], []]);
});

Deno.test("a change that is partly out of scope is left out whole", () => {
  const mutate = [{
    rule: "set_a",
    operations: ["/spec/ephemeralContainers/0/tty", "/spec/containers/0/tty"].map((path) => ({
      op: "add",
      path,
      value: true,
    })),
  }];
  const object = goodPod({ ephemeralContainers: [goodContainer({ name: "debug" })] });
  const request = requestOf(object, { operation: "UPDATE", subResource: "ephemeralcontainers", oldObject: pod });
  const { patch, patches } = review(
    request,
    "mutating",
    engineOf({ policies: [{ policy: speaking("a", { mutate }) }] }),
  );
  assert.deepEqual([patch, patches], [[], []]);
});

// 28/29
Deno.test("two rules of one policy that want different values at one path leave the policy out", () => {
  const changes = ["a", "b"].map((value) => ({
    rule: `set_${value}`,
    operations: [{ op: "add", path: "/spec/hostname", value }],
  }));
  const { decision } = answered([{ policy: speaking("a", { mutate: changes }) }], "mutating");
  assert.deepEqual([decision.patch, decision.failures.map(({ policy }) => policy)], [[], ["a"]]);
  assert.match(String(decision.failures[0].cause), /a\/set_a and a\/set_b want different values/);
});

// 37..41
const WRONG_CHANGES: Record<string, { change: unknown; cause: RegExp }> = {
  "a stage that is none": { change: { stage: "deny" }, cause: /stage is not one of dryrun, patch/ },
  "a policy that is no text": { change: { policy: 1 }, cause: /policy is not a text/ },
};
for (const [name, { change, cause }] of Object.entries(WRONG_CHANGES)) {
  Deno.test(`a change with ${name} is a failure`, () => {
    const operations = [{ op: "add", path: "/spec/hostname", value: "x" }];
    const mutate = [{ rule: "set_a", operations, ...change as object }];
    const { decision } = answered([{ policy: speaking("a", { mutate }) }], "mutating");
    assert.match(String(decision.failures[0]?.cause), cause);
    assert.deepEqual(decision.patch, []);
  });
}

Deno.test("a policy that changes later what it returned changes no decision", () => {
  const finding = { rule: "deny_a", message: "no" };
  const operation = { op: "add" as const, path: "/spec/hostname", value: { a: "x" } };
  const policy = speaking("a", { validate: [finding], mutate: [{ rule: "set_a", operations: [operation] }] });
  const { violations } = answered([{ policy }], "validating").decision;
  const { patch } = answered([{ policy }], "mutating").decision;
  finding.message = "yes";
  operation.value.a = "y";
  assert.equal(violations[0].message, "no");
  assert.deepEqual(patch, [{ op: "add", path: "/spec/hostname", value: { a: "x" } }]);
});

Deno.test("a policy cannot change the exceptions that others are told", () => {
  const vandal = {
    ...speaking("a", { validate: [] }),
    validate: (_subject: unknown, _options: unknown, context: { allowlist: Record<string, unknown> }) => {
      context.allowlist.prod = {};
      return [];
    },
  } as unknown as Policy;
  const engine = engineOf({ policies: [{ policy: vandal }], exceptions: ["a/payments/app"] });
  assert.match(String(review(requestOf(pod), "validating", engine).failures[0].cause), /TypeError/);
});

Deno.test("policies' annotations keep apart, and within what the API server takes as a key", () => {
  const long = "k".repeat(63);
  const { response } = answered([
    { policy: speaking("first", { validate: { annotations: { "first.denied": "a", denied: "b" } } }) },
    { policy: speaking("second", { validate: { annotations: { [long]: "c" } } }) },
    { policy: speaking("third", { validate: { annotations: { [long]: "d" } } }) },
    { policy: speaking("fourth", { validate: { annotations: { "a_": "d" } } }) },
  ], "validating");
  const own = Object.entries(response.auditAnnotations).filter(([, value]) => value.length === 1);
  assert.deepEqual(Object.fromEntries(own), {
    "first.denied": "a",
    "first.2.denied": "b",
    [long]: "c",
    [`third.${"k".repeat(57)}`]: "d",
  });
});

Deno.test("changes without operations, and those that are all excused, leave no trace of a patch", () => {
  const policy = (operations: readonly unknown[]) => ({
    name: "a",
    metadata: { title: "a", description: "a", severity: "low" as const, controls: [], remediation: "" },
    match: [{ group: "*", kinds: ["*"] }],
    rules: [],
    mutate: () => [{ rule: "set", container: "app", operations }] as never,
  });
  const empty = review(requestOf(goodPod()), "mutating", engineOf({ policies: [{ policy: policy([]) }] }));
  assert.deepEqual([empty.patches, empty.patched], [[], null]);
  const excused = review(
    requestOf(goodPod()),
    "mutating",
    engineOf({
      policies: [{ policy: policy([{ op: "add", path: "/spec/hostname", value: "x" }]) }],
      exceptions: ["a/payments/app"],
    }),
  );
  assert.deepEqual([excused.patches.map(({ outcome }) => outcome), excused.patch, excused.patched], [
    ["excused"],
    [],
    null,
  ]);
});

Deno.test("without an environment's name no exception is told under an empty one", () => {
  const allowlist = new Map([["a", new Map([["b", new Map([["c", "id"]])]])]]);
  assert.deepEqual(JSON.parse(JSON.stringify(contextOf("", allowlist))), { environment: "", allowlist: {} });
});

Deno.test("a finding's remediation is its own, or its member's, or its policy's", () => {
  const metadata = { title: "a", description: "a", severity: "low" as const, controls: [], remediation: "Policy's." };
  const members = [{ name: "a", remediation: "Member's." }, { name: "b" }];
  const own = { stage: { validate: "deny", mutate: "off" } as const, namespaces: new Map() };
  const loaded = {
    policy: { name: "acme", metadata, match: [], rules: [], members },
    options: undefined,
    ...own,
    members: { named: new Map(members.map(({ name }) => [name, own])), others: null },
  };
  const findings = [{ policy: "a", remediation: "Own." }, { policy: "a" }, { policy: "b" }]
    .map((finding) => ({ rule: "r", message: "m", ...finding }));
  assert.deepEqual(
    staged(loaded, findings, { namespace: undefined, unchanged: false }).map(({ remediation }) => remediation),
    ["Own.", "Member's.", "Policy's."],
  );
});
