import { BuiltinError, type Builtins, integer, members, text, wrongType } from "../builtin.ts";
import type { Value } from "../value.ts";

/** As in OPA's topdown/strings.go, trace.go and print.go. */
export const stringBuiltins: Builtins = {
  "indexof_n": ([base, search]) => indexesOf(text(base, 1), text(search, 2)),
  "strings.any_prefix_match": ([search, base]) => startsWithAny(texts(search, 1), texts(base, 2)),
  "strings.any_suffix_match": ([search, base]) =>
    startsWithAny(texts(search, 1).map(reversed), texts(base, 2).map(reversed)),
  "strings.count": ([base, search]) => count(text(base, 1), text(search, 2)),
  "strings.split_n": ([base, delimiter, limit]) => split(text(base, 1), text(delimiter, 2), int64(limit, 3)),
  "trace": ([note]) => {
    text(note, 1);
    return true;
  },
  // Nobody listens: what they would print is not kept.
  "internal.print": () => true,
  "internal.test_case": () => true,
};

/** An integer that Go's int can hold; what is beyond 2^53 loses digits. */
export function int64(value: Value, position: number): number {
  const whole = integer(value, position);
  if (BigInt.asIntN(64, whole) !== whole) throw new BuiltinError(`operand ${position} must be integer number`);
  return Number(whole);
}

/** Counted in runes; the places may overlap. */
function indexesOf(base: string, search: string): number[] {
  if (search === "") throw new BuiltinError("empty search character");
  const indexes: number[] = [];
  let runes = 0;
  let counted = 0;
  for (let at = base.indexOf(search); at >= 0; at = base.indexOf(search, at + 1)) {
    runes += runeCount(base.slice(counted, at));
    counted = at;
    indexes.push(runes);
  }
  return indexes;
}

function runeCount(text: string): number {
  return text.length - (text.match(/[\ud800-\udbff][\udc00-\udfff]/g)?.length ?? 0);
}

function texts(value: Value, position: number): string[] {
  if (typeof value === "string") return [value];
  return members(value, position).map((item) => {
    if (typeof item !== "string") throw wrongType(item, position, "collection of strings");
    return item;
  });
}

/** What begins with a prefix is sorted right behind it: one look for each prefix is enough. */
function startsWithAny(texts: readonly string[], prefixes: readonly string[]): boolean {
  const sorted = texts.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return prefixes.some((prefix) => sorted[lowerBound(sorted, prefix)]?.startsWith(prefix) === true);
}

function lowerBound(sorted: readonly string[], text: string): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < text) low = middle + 1;
    else high = middle;
  }
  return low;
}

function reversed(text: string): string {
  return Array.from(text).reverse().join("");
}

function count(base: string, search: string): number {
  return search === "" ? runeCount(base) + 1 : base.split(search).length - 1;
}

/** The first parts, or with a negative limit the last ones. */
function split(base: string, delimiter: string, limit: number): string[] {
  const parts = delimiter === "" ? Array.from(base) : base.split(delimiter);
  return limit >= 0 ? parts.slice(0, limit) : parts.slice(limit);
}
