import assert from "node:assert/strict";
import * as v from "valibot";
import type { AdmissionRequest, Change, Finding, Policy, PolicyFactory } from "../../src/contract.ts";
import type { Engine } from "../../src/core/engine.ts";
import { kit } from "../../src/core/kit.ts";
import { isFields } from "../../src/core/malformed.ts";
import { matching } from "../../src/core/match.ts";
import { mutate, scopeOf } from "../../src/core/mutate.ts";
import { templateOf } from "../../src/core/pods.ts";
import { review } from "../../src/core/review.ts";
import { subjectOf } from "../../src/core/subject.ts";
import { engineOf } from "../engine_fixture.ts";
import { CASE_FILES, type PolicyCase, readCases } from "./policy_cases.ts";

const RULE = /^(deny|ensure|set)_[a-z0-9_]+$/;
const POINTER = /^(\/([^~/]|~[01])*)*$/;
const WELL_FORMED = "ensure_well_formed";

export interface Outcome {
  readonly findings: readonly Finding[];
  readonly changes: readonly Change[];
}

/** Registers the tests that every policy passes, ours or a third party's: its contract and its cases. */
export function testPolicy(factory: PolicyFactory, name: string): void {
  const policy = factory(kit);
  testContract(policy, name);
  const reported = new Set<string>();
  for (const file of CASE_FILES) {
    const cases = readCases(name, file);
    for (const example of cases) {
      Deno.test(`${name}: ${file}: ${example.name}`, () => {
        const outcome = evaluate(policy, example);
        assertOutcome(outcome, example);
        assert.deepEqual(evaluate(policy, example), outcome, "the same request gives the same result");
        for (const { rule } of [...outcome.findings, ...outcome.changes]) {
          assert.ok(rule === WELL_FORMED || policy.rules.includes(rule), `${rule} is not in rules`);
          reported.add(rule);
        }
      });
    }
    Deno.test(`${name}: ${file} has cases of its kind`, () => assertKind(file, cases));
  }
  Deno.test(`${name}: every rule is reported by a case`, () => {
    assert.deepEqual(policy.rules.filter((rule) => !reported.has(rule)), []);
  });
}

function testContract(policy: Policy, name: string): void {
  const { metadata, rules, options } = policy;
  Deno.test(`${name}: the policy is named after its folder`, () => {
    assert.equal(policy.name, name);
    assert.match(name, /^[a-z][a-z0-9_]*$/);
    assert.ok(policy.validate || policy.mutate, "neither validates nor mutates");
    assert.ok(policy.match.length > 0, "matches nothing");
  });
  Deno.test(`${name}: the metadata is complete`, () => {
    for (const key of ["title", "description", "severity", "remediation"] as const) {
      assert.notEqual(metadata[key].trim(), "", key);
    }
    assert.ok(["low", "medium", "high", "critical"].includes(metadata.severity), metadata.severity);
    assert.doesNotMatch(metadata.title, /\.$|\n/, "the title is one line without a period");
    for (const control of metadata.controls) assert.match(control, /^[a-z0-9-]+:\S+$/);
  });
  Deno.test(`${name}: the rules are named after what they do`, () => {
    assert.ok(rules.length > 0, "no rules");
    assert.equal(new Set(rules).size, rules.length, "a rule is listed twice");
    for (const rule of rules) assert.match(rule, RULE);
  });
  if (!options) return;
  Deno.test(`${name}: odd options are issues, not exceptions`, () => {
    for (const value of [undefined, {}, null, [], "x", 1, { unknown: true }]) {
      const result = v.safeParse(options, value);
      assert.ok(result.success || result.issues.length > 0);
    }
  });
}

/** What the core makes of a case with this policy alone. */
export function evaluate(policy: Policy, example: PolicyCase): Outcome {
  const request = requestOf(example);
  const { options } = example;
  const judging = engineOf({ policies: [{ policy, options, stage: { mutate: "off" } }] });
  const { violations, failures } = review(request, "validating", judging);
  assert.deepEqual(failures, []);
  return { findings: violations, changes: changesOf(request, engineOf({ policies: [{ policy, options }] })) };
}

/** What the policy wants changed, without the parents that the core created; of a template, on its scratch copy. */
function changesOf(request: AdmissionRequest, engine: Engine): Change[] {
  const policies = matching(request, engine.policies);
  const subject = subjectOf(request);
  const template = templateOf(request.kind);
  const scope = template === null ? scopeOf(subject) : new Set([template]);
  if (policies.length === 0 || scope === null) return [];
  const { patches, failures } = mutate(subject, policies, { engine, scope, stages: ["patch"] });
  assert.deepEqual(failures, []);
  return patches.map(({ rule, container, operations }) => ({
    rule,
    ...(container !== undefined && { container }),
    operations: operations.filter(({ path }, i) =>
      !operations.slice(i + 1).some((later) => later.path.startsWith(`${path}/`))
    ),
  }));
}

/** The request an API server sends for the case's object. */
function requestOf({ object, oldObject, operation, subresource }: PolicyCase): AdmissionRequest {
  const { apiVersion = "v1", kind = "Pod", metadata } = [object, oldObject].find(isFields) ?? {};
  const [version, group = ""] = String(apiVersion).split("/").reverse();
  const { name, namespace } = isFields(metadata) ? metadata : {};
  return {
    uid: "00000000-0000-4000-8000-000000000000",
    kind: { group, version, kind: String(kind) },
    resource: { group, version, resource: `${String(kind).toLowerCase()}s` },
    ...(subresource && { subResource: subresource }),
    ...(typeof name === "string" && { name }),
    ...(typeof namespace === "string" && { namespace }),
    operation,
    object: object ?? null,
    oldObject: oldObject ?? null,
  };
}

function assertOutcome({ findings, changes }: Outcome, example: PolicyCase): void {
  const violations = findings.map(({ rule, message }) => `${rule}: ${message}`);
  assert.deepEqual(violations.toSorted(), example.violations.toSorted());
  assert.deepEqual(changes, example.patches);
  for (const { path } of findings) if (path !== undefined) assert.match(path, POINTER);
}

function assertKind(file: string, cases: readonly PolicyCase[]): void {
  assert.ok(cases.length > 0, "no cases");
  for (const { name, violations } of cases) {
    if (file === "valid.yaml") assert.deepEqual(violations, [], name);
    if (file === "invalid.yaml") assert.ok(violations.length > 0, name);
  }
}
