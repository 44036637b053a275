import assert from "node:assert/strict";
import * as v from "valibot";
import type { Change, Finding, Policy, PolicyCase, PolicyFactory } from "../../src/contract.ts";
import { kit } from "../../src/core/kit.ts";
import { caseOutcome } from "../../src/policy_case.ts";
import { CASE_FILES, readCases } from "./policy_cases.ts";

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
  const { failures, ...outcome } = caseOutcome(policy, example);
  assert.deepEqual(failures, []);
  return outcome;
}

function assertOutcome({ findings, changes }: Outcome, example: PolicyCase): void {
  const violations = findings.map(({ rule, message }) => `${rule}: ${message}`);
  assert.deepEqual(violations.toSorted(), example.violations.toSorted());
  assert.deepEqual(changes, example.patches ?? []);
  for (const { path } of findings) if (path !== undefined) assert.match(path, POINTER);
}

function assertKind(file: string, cases: readonly PolicyCase[]): void {
  assert.ok(cases.length > 0, "no cases");
  for (const { name, violations } of cases) {
    if (file === "valid.yaml") assert.deepEqual(violations, [], name);
    if (file === "invalid.yaml") assert.ok(violations.length > 0, name);
  }
}
