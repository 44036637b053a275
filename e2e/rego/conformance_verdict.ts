/** Compares as OPA does (testRun of v1/topdown/exported_test.go, assertErrorCode of internal/wasm/sdk/test/e2e). */
import { BuiltinError } from "../../plugins/policies/rego/builtin.ts";
import {
  compareValues,
  formatValue,
  isEqual,
  RegoObject,
  RegoSet,
  type Value,
} from "../../plugins/policies/rego/value.ts";
import type { ConformanceCase } from "./conformance_cases.ts";
import type { Outcome } from "./conformance_outcome.ts";

const CONFLICT = /var assignment conflict|object insert conflict/;

/** How an outcome differs from what its case wants; undefined where it does not. */
export function differenceOf({ wanted }: ConformanceCase, outcome: Outcome): string | undefined {
  const found = describe(outcome);
  if ("error" in wanted) return isWantedError(outcome, wanted.error) ? undefined : `wants ${wanted.error}, ${found}`;
  const bindings = outcome.kind === "answered" ? asJson(outcome.value ?? []) : undefined;
  if (Array.isArray(bindings)) {
    const got = new RegoSet(wanted.isSorted ? bindings.map(withSortedLists) : bindings);
    if (isEqual(got, new RegoSet(wanted.bindings))) return undefined;
  }
  return `wants ${formatValue(wanted.bindings)}, ${found}`;
}

/** Whether there is an answer, or undefined, where an error was due. */
export function isSilent({ wanted }: ConformanceCase, outcome: Outcome): boolean {
  return "error" in wanted && outcome.kind === "answered";
}

/** A trap or a bug is no error of the evaluation. */
function isWantedError(outcome: Outcome, code: string): boolean {
  if (outcome.kind !== "failed") return false;
  if (code === "eval_conflict_error") return CONFLICT.test(String(outcome.error));
  return outcome.error instanceof BuiltinError;
}

function describe(outcome: Outcome): string {
  if (outcome.kind === "answered") {
    return `found ${outcome.value === undefined ? "undefined" : formatValue(outcome.value)}`;
  }
  return `is ${outcome.kind}: ${outcome.kind === "refused" ? outcome.names.join(", ") : textOf(outcome.error)}`;
}

/** The SDK throws texts and plain objects too. */
function textOf(error: unknown): string {
  return error instanceof Error || typeof error === "string" ? String(error) : JSON.stringify(error);
}

/** Sets as lists, keys as texts; no digit is lost. */
function asJson(value: Value): Value {
  if (Array.isArray(value)) return value.map(asJson);
  if (value instanceof RegoSet) return [...value.items()].toSorted(compareValues).map(asJson);
  if (!(value instanceof RegoObject)) return value;
  const entries = [...value.entries()].map(([key, inner]) => [keyText(key), asJson(inner)] as const);
  return new RegoObject(entries);
}

function keyText(key: Value): string {
  return typeof key === "string" ? key : formatValue(asJson(key));
}

function withSortedLists(binding: Value): Value {
  const entries = binding instanceof RegoObject ? [...binding.entries()] : [];
  return new RegoObject(
    entries.map(([name, value]) => [name, Array.isArray(value) ? value.toSorted(compareValues) : value]),
  );
}
