import { compareValues, RegoObject, RegoSet, type Value } from "../value.ts";

const ESCAPED: Readonly<Record<string, string>> = {
  "<": "\\u003c",
  ">": "\\u003e",
  "&": "\\u0026",
  "\u2028": "\\u2028",
  "\u2029": "\\u2029",
};

/** As Go's encoding/json writes it: sorted keys, sets as sorted lists, `<`, `>` and `&` escaped. */
export function formatJson(value: Value): string {
  if (Array.isArray(value)) return `[${value.map(formatJson).join(",")}]`;
  if (value instanceof RegoSet) return formatJson(sortedItems(value));
  if (value instanceof RegoObject) {
    return `{${sortedEntries(value).map(([key, inner]) => `${quote(key)}:${formatJson(inner)}`).join(",")}}`;
  }
  return typeof value === "string" ? quote(value) : String(value);
}

/** As Go's `json.MarshalIndent` writes it. The first line has no prefix. */
export function indentJson(value: Value, { prefix, indent }: { prefix: string; indent: string }): string {
  const list = Array.isArray(value) ? value : value instanceof RegoSet ? sortedItems(value) : undefined;
  if (list === undefined && !(value instanceof RegoObject)) return formatJson(value);
  const [open, close] = list ? "[]" : "{}";
  const inner = { prefix: prefix + indent, indent };
  const lines = list
    ? list.map((item) => indentJson(item, inner))
    : sortedEntries(value as RegoObject).map(([key, item]) => `${quote(key)}: ${indentJson(item, inner)}`);
  if (lines.length === 0) return open + close;
  return `${open}\n${lines.map((line) => inner.prefix + line).join(",\n")}\n${prefix}${close}`;
}

/** With the names that JSON has for the keys: those that are no strings are their own JSON. */
export function sortedEntries(object: RegoObject): (readonly [string, Value])[] {
  return [...object.entries()]
    .map(([key, value]) => [typeof key === "string" ? key : formatJson(key), value] as const)
    .sort(([a], [b]) => compareValues(a, b));
}

export function sortedItems(set: RegoSet): Value[] {
  return [...set.items()].sort(compareValues);
}

function quote(text: string): string {
  return JSON.stringify(text).replace(/[<>&\u2028\u2029]/g, (character) => ESCAPED[character]);
}
