import assert from "node:assert/strict";
import type { Change, Verdict } from "../../src/contract.ts";
import { review } from "../../src/core/review.ts";
import { engineOf } from "../engine_fixture.ts";
import { goodPod, requestOf } from "../request_fixture.ts";
import { answered, speaking } from "./speaking_policy.ts";

const pod = goodPod();

Deno.test("a finding's own stage weakens what the config says, and never strengthens it", () => {
  const findings = (["monitor", "warn", "deny"] as const).map((stage) => ({
    rule: `deny_${stage}`,
    message: "m",
    stage,
  }));
  const policy = speaking("a", { validate: findings });
  const at = (validate: "warn" | "deny") =>
    answered([{ policy, stage: { validate } }], "validating").decision.violations.map(({ outcome }) => outcome);
  assert.deepEqual(at("deny"), ["monitored", "warned", "denied"]);
  assert.deepEqual(at("warn"), ["monitored", "warned", "warned"]);
});

Deno.test("a change's own stage turns a patch into a dry run, in the same call", () => {
  const change = (stage: Change["stage"], key: string): Change => ({
    rule: `set_${key}`,
    stage,
    operations: [{ op: "add", path: `/metadata/labels/${key}`, value: "x" }],
  });
  let calls = 0;
  const policy = {
    ...speaking("a", { mutate: [] }),
    mutate: () => (calls++, [change("patch", "a"), change("dryrun", "b")]),
  };
  const { decision } = answered([{ policy }], "mutating");
  assert.deepEqual(decision.patches.map(({ rule, outcome }) => [rule, outcome]), [["set_a", "patched"], [
    "set_b",
    "dryrun",
  ]]);
  assert.equal(calls, 1);
  assert.deepEqual(answered([{ policy, stage: { mutate: "dryrun" } }], "mutating").decision.patch, []);
});

Deno.test("what a policy reports in the name of another that it does not speak for fails", () => {
  const validate = [{ rule: "deny_b", message: "m", policy: "b" }];
  const { decision } = answered([{ policy: speaking("a", { validate }) }], "validating");
  assert.deepEqual([decision.violations, decision.failing], [[], "closed"]);
  assert.match(String(decision.failures[0].cause), /reported for policy "b": accepted a/);
});

Deno.test("mutate() may refuse where the policy says so, and a refusal leaves no patch", () => {
  const operations = [{ op: "add", path: "/metadata/labels", value: { a: "b" } }] as const;
  const mutate: Verdict = {
    findings: [{ rule: "deny_a", message: "no" }],
    changes: [{ rule: "set_a", operations }],
  };
  const refusing = speaking("a", { mutate, validate: [], refuses: true });
  const { response } = answered([{ policy: refusing }], "mutating");
  assert.deepEqual([response.allowed, response.status?.message, response.patch], [false, "deny_a: no", undefined]);
  assert.equal(response.auditAnnotations.patches, undefined);
  const configMap = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", namespace: "b" } };
  assert.equal(answered([{ policy: refusing }], "mutating", configMap).response.allowed, false);
  const silent = speaking("a", { mutate, validate: [] });
  assert.equal(answered([{ policy: silent }], "mutating", configMap).response.allowed, true, "it is not asked");
});

Deno.test("a policy's own annotations take no other's place", () => {
  const annotations = { team: "a", denied: "forged", policy_revision: "forged" };
  const { response } = answered(
    [
      { policy: speaking("first", { validate: { annotations } satisfies Verdict }) },
      { policy: speaking("second", { validate: { annotations: { team: "b\nc" } } satisfies Verdict }) },
    ],
    "validating",
  );
  assert.deepEqual(response.auditAnnotations, {
    "default-allow": "Request does not trigger any OPA policies.",
    policy_revision: "0123456789ab",
    team: "a",
    "first.denied": "forged",
    "first.policy_revision": "forged",
    "second.team": "b; c",
  });
});

const WRONG: Record<string, { validate: unknown; cause: RegExp }> = {
  "another key": { validate: { finding: [] }, cause: /it is not a list/ },
  "changes where none can be": { validate: { changes: [] }, cause: /it is not a list/ },
  "nothing at all": { validate: {}, cause: /it is not a list/ },
  "findings that are no list": { validate: { findings: {} }, cause: /it is not a list/ },
  "a stage that is none": {
    validate: [{ rule: "a", message: "m", stage: "patch" }],
    cause: /stage is not one of monitor, warn, deny/,
  },
  "an annotation's key that is none": { validate: { annotations: { "": "x" } }, cause: /"" is no key/ },
  "a key that is too long": { validate: { annotations: { ["a".repeat(64)]: "x" } }, cause: /is no key/ },
};

for (const [name, { validate, cause }] of Object.entries(WRONG)) {
  Deno.test(`a verdict with ${name} is a failure`, () => {
    const { decision } = answered([{ policy: speaking("a", { validate }) }], "validating");
    assert.match(String(decision.failures[0]?.cause), cause);
    assert.equal(decision.allowed, false);
  });
}

Deno.test("policies are told the environment and its exceptions, the same object each time", () => {
  const seen: unknown[] = [];
  const policy = {
    ...speaking("a", { validate: [] }),
    validate: (...[, , context]: unknown[]) => (seen.push(context), []),
  };
  const engine = engineOf({ policies: [{ policy }], exceptions: ["a/payments/app", "a/payments/*", "b/__proto__/x"] });
  review(requestOf(pod), "validating", engine);
  review(requestOf(pod), "validating", engine);
  assert.equal(seen[0], seen[1]);
  assert.deepEqual(JSON.parse(JSON.stringify(seen[0])), {
    environment: "prod",
    allowlist: JSON.parse('{"prod":{"a":{"payments":{"app":"app","*":"*"}},"b":{"__proto__":{"x":"x"}}}}'),
  });
});

Deno.test("a refusal counts though the same policy's patch conflicts with another's", () => {
  const hostname = (value: string) => [{ op: "add", path: "/spec/hostname", value }] as const;
  const refusing = speaking("a", {
    mutate: { findings: [{ rule: "deny_a", message: "no" }], changes: [{ rule: "set", operations: hostname("a") }] },
    validate: [],
    refuses: true,
  });
  const other = speaking("b", { mutate: [{ rule: "set", operations: hostname("b") }] });
  const { decision } = answered([{ policy: refusing }, { policy: other }], "mutating");
  assert.deepEqual([decision.allowed, decision.failing, decision.failures.length], [false, null, 2]);
});

Deno.test("what is wrong beside a finding does not take it back", () => {
  const validate = { findings: [{ rule: "deny_a", message: "no" }], annotations: { "a b": "x" } };
  const { decision } = answered([{ policy: speaking("a", { validate }) }], "validating");
  assert.deepEqual([decision.allowed, decision.failing, decision.failures.length], [false, null, 1]);
});
