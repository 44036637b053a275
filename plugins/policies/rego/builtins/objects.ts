import { array, boolean, BuiltinError, type Builtins, integer, members, object, text, wrongType } from "../builtin.ts";
import { compareValues, isEqual, RegoObject, RegoSet, type Value } from "../value.ts";
import { reachablePaths } from "./reachable_paths.ts";
import { parseUuid } from "./uuid.ts";

/** What OPA leaves to the host of topdown/subset.go, reachable.go, numbers.go, casts.go and uuid.go. */
export const objectBuiltins: Builtins = {
  "object.subset": ([whole, part]) => isSubset(whole, part),
  "graph.reachable_paths": ([graph, initial]) => reachablePaths(object(graph, 1), members(initial, 2)),
  "numbers.range_step": ([from, to, step]) =>
    range({ from: integer(from, 1), to: integer(to, 2), step: integer(step, 3) }),
  "cast_array": ([value]) => value instanceof RegoSet ? [...value.items()].sort(compareValues) : array(value, 1),
  "cast_set": ([value]) => new RegoSet(members(value, 1)),
  "cast_string": ([value]) => text(value, 1),
  "cast_boolean": ([value]) => boolean(value, 1),
  "cast_null": ([value]) => {
    if (value !== null) throw wrongType(value, 1, "null");
    return value;
  },
  "cast_object": ([value]) => object(value, 1),
  "uuid.parse": ([value]) => parseUuid(text(value, 1)),
};

function isSubset(whole: Value, part: Value): boolean {
  const result = Array.isArray(whole) && part instanceof RegoSet ? holdsAll(whole, part) : isPart(whole, part);
  if (result === undefined) {
    throw new BuiltinError("both arguments object.subset must be of the same type or array and set");
  }
  return result;
}

/** Undefined for values of different types, or of types without parts. */
function isPart(whole: Value, part: Value): boolean | undefined {
  if (whole instanceof RegoObject && part instanceof RegoObject) return isPartOfObject(whole, part);
  if (whole instanceof RegoSet && part instanceof RegoSet) return [...part.items()].every((item) => whole.has(item));
  if (Array.isArray(whole) && Array.isArray(part)) return isPartOfArray(whole, part);
}

function isPartOfObject(whole: RegoObject, part: RegoObject): boolean {
  return [...part.entries()].every(([key, inner]) => {
    const found = whole.get(key);
    return found !== undefined && (isPart(found, inner) ?? isEqual(found, inner));
  });
}

/** Whether the part stands somewhere in the whole, in one piece. */
function isPartOfArray(whole: readonly Value[], part: readonly Value[]): boolean {
  const ids = new RegoObject(whole.map((item, index) => [item, index] as const));
  const names = [whole, part].map((items) => items.map((item) => `${ids.get(item) ?? "-"},`).join(""));
  return part.length === 0 || `,${names[0]}`.includes(`,${names[1]}`);
}

/** An item that the array has twice counts twice in OPA, too. */
function holdsAll(whole: readonly Value[], part: RegoSet): boolean {
  return whole.length > 0 && whole.filter((item) => part.has(item)).length >= part.size;
}

/** Items; OPA goes on until it is cancelled. */
const LONGEST_RANGE = 1 << 22;

function range({ from, to, step }: { from: bigint; to: bigint; step: bigint }): bigint[] {
  if (step <= 0n) throw new BuiltinError("numbers.range_step: step must be a positive integer");
  const [distance, signed] = from <= to ? [to - from, step] : [from - to, -step];
  if (distance / step >= LONGEST_RANGE) throw new RangeError("The range of numbers.range_step is too long");
  return Array.from({ length: Number(distance / step) + 1 }, (_, i) => from + BigInt(i) * signed);
}
