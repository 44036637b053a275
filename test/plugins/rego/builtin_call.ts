import { deepStrictEqual as assertEquals } from "node:assert/strict";
import { BuiltinError } from "../../../plugins/policies/rego/builtin.ts";
import { everyBuiltin } from "../../../plugins/policies/rego/builtins/mod.ts";
import { toJson, type Value } from "../../../plugins/policies/rego/value.ts";
import { parseValue } from "../../../plugins/policies/rego/value_text.ts";

const builtins = await everyBuiltin();

/** What a call gives that has a BuiltinError. */
export const ERROR = Symbol("BuiltinError");

/** A call as Rego writes it, with constants for operands: the JSON of its result, undefined, or ERROR. */
export function resultOf(call: string): unknown {
  const open = call.indexOf("(");
  const operands = parseValue(`[${call.slice(open + 1, -1)}]`) as readonly Value[];
  try {
    const value = builtins[call.slice(0, open)](operands, { now: 0n });
    return value === undefined ? undefined : toJson(value);
  } catch (error) {
    if (error instanceof BuiltinError) return ERROR;
    throw error;
  }
}

/** Checks a table of calls and their results. */
export function checkCalls(calls: readonly (readonly [string, unknown])[]): void {
  for (const [call, expected] of calls) assertEquals(resultOf(call), expected, call);
}
