import { RegoObject, RegoSet, type Value } from "./value.ts";

/** What a built-in function may know besides its operands. */
export interface BuiltinContext {
  /** Nanoseconds since 1970 UTC, the same throughout one evaluation. */
  readonly now: bigint;
}

/** A built-in function of Rego. Returns undefined where its result is undefined; throws {@link BuiltinError}. */
export type Builtin = (operands: readonly Value[], context: BuiltinContext) => Value | undefined;

/** By the name that Rego has for it: `units.parse`. */
export type Builtins = Readonly<Record<string, Builtin>>;

/**
 * An operand that the function cannot work with. To OPA the call is then undefined, unless it runs with
 * `strict-builtin-errors`. Any other exception is a bug, and fails the evaluation.
 */
export class BuiltinError extends Error {
  override name = "BuiltinError";
}

/** The operand as a text; throws BuiltinError for another type. `position` counts from 1, as OPA's messages do. */
export function text(value: Value, position: number): string {
  if (typeof value === "string") return value;
  throw wrongType(value, position, "string");
}

/** The operand as a number; what is beyond 2^53 loses digits. */
export function number(value: Value, position: number): number {
  if (typeof value === "number" || typeof value === "bigint") return Number(value);
  throw wrongType(value, position, "number");
}

/** The operand as an integer of any size. */
export function integer(value: Value, position: number): bigint {
  if (typeof value === "bigint") return value;
  if (typeof value === "number" && Number.isInteger(value)) return BigInt(value);
  throw typeof value === "number"
    ? new BuiltinError(`operand ${position} must be integer number but got floating-point number`)
    : wrongType(value, position, "integer number");
}

export function boolean(value: Value, position: number): boolean {
  if (typeof value === "boolean") return value;
  throw wrongType(value, position, "boolean");
}

export function array(value: Value, position: number): readonly Value[] {
  if (Array.isArray(value)) return value;
  throw wrongType(value, position, "array");
}

export function object(value: Value, position: number): RegoObject {
  if (value instanceof RegoObject) return value;
  throw wrongType(value, position, "object");
}

/** The members of an operand that is an array or a set. */
export function members(value: Value, position: number): readonly Value[] {
  if (Array.isArray(value)) return value;
  if (value instanceof RegoSet) return [...value.items()];
  throw wrongType(value, position, "one of {array, set}");
}

export function wrongType(value: Value, position: number, accepted: string): BuiltinError {
  return new BuiltinError(`operand ${position} must be ${accepted} but got ${typeName(value)}`);
}

/** What `type_name` says. */
export function typeName(value: Value): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (value instanceof RegoObject) return "object";
  if (value instanceof RegoSet) return "set";
  return typeof value === "bigint" ? "number" : typeof value;
}
