import { compareValues, RegoObject, RegoSet, type Value } from "../value.ts";

const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;
const ESCAPES: Readonly<Record<string, string>> = {
  "\x07": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
};

export interface QuoteOptions {
  readonly quote?: '"' | "'";
  readonly onlyAscii?: boolean;
}

/** A text as a literal of Go (strconv.Quote). */
export function quote(text: string, options: QuoteOptions = {}): string {
  const mark = options.quote ?? '"';
  return mark + Array.from(text, (rune) => escaped(rune, mark, options.onlyAscii === true)).join("") + mark;
}

/** Whether Go would print the rune as it is (unicode.IsPrint). */
export function isPrintable(rune: string): boolean {
  return PRINTABLE.test(rune);
}

function escaped(rune: string, mark: string, onlyAscii: boolean): string {
  if (rune === mark || rune === "\\") return `\\${rune}`;
  const code = rune.codePointAt(0)!;
  if (isPrintable(rune) && (!onlyAscii || code < 0x80)) return rune;
  if (rune in ESCAPES) return ESCAPES[rune];
  if (code < 0x20 || code === 0x7f) return `\\x${hex(code, 2)}`;
  if (code >= 0xd800 && code < 0xe000) return "\\ufffd";
  return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
}

function hex(code: number, length: number): string {
  return code.toString(16).padStart(length, "0");
}

/** Whether a text can stand between backquotes in Go (strconv.CanBackquote). */
export function canBackquote(text: string): boolean {
  // deno-lint-ignore no-control-regex
  return !/[\0-\x08\x0a-\x1f`\x7f\ufeff]/.test(text);
}

/** A value as OPA's `String()` gives it: members in Rego's order, with a space after comma and colon. */
export function literal(value: Value): string {
  if (typeof value === "string") return quote(value);
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (value instanceof RegoSet) {
    return value.size === 0 ? "set()" : `{${[...value.items()].sort(compareValues).map(literal).join(", ")}}`;
  }
  if (typeof value === "number") return String(finite(value));
  if (!(value instanceof RegoObject)) return String(value);
  const entries = [...value.entries()].sort(([a], [b]) => compareValues(a, b));
  return `{${entries.map(([key, inner]) => `${literal(key)}: ${literal(inner)}`).join(", ")}}`;
}

/** OPA prints a number beyond 64-bit floats as it was written, which is not known here: better no text than a wrong one. */
export function finite(value: number): number {
  if (!Number.isFinite(value)) throw new RangeError("Cannot print a number beyond 64-bit floats");
  return value;
}
