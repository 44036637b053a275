import { BuiltinError } from "../builtin.ts";
import { fromUtf8, utf8 } from "./binary_text.ts";
import type { Argument } from "./go_format.ts";

const ESCAPE = /\\(?:x([\da-f]{2})|([0-7]{3})|u([\da-f]{4})|U([\da-f]{8})|(.))/isy;
const SIMPLE: Readonly<Record<string, number>> = { a: 7, b: 8, f: 12, n: 10, r: 13, t: 9, v: 11, "\\": 92 };

/** The text of a literal in double quotes or backquotes (strconv.Unquote). Throws BuiltinError. */
export function unquote(literal: string): string {
  const inner = literal.slice(1, -1);
  if (literal.startsWith("`")) return inner.replaceAll("\r", "");
  const bytes: number[] = [];
  for (let at = 0; at < inner.length;) {
    if (inner[at] !== "\\") {
      const next = inner.indexOf("\\", at);
      const end = next < 0 ? inner.length : next;
      for (const byte of utf8(inner.slice(at, end))) bytes.push(byte);
      at = end;
      continue;
    }
    const { code, isByte } = escapeAt(inner, at, literal[0]);
    if (isByte) bytes.push(code);
    else bytes.push(...utf8(String.fromCodePoint(code)));
    at = ESCAPE.lastIndex;
  }
  return fromUtf8(Uint8Array.from(bytes));
}

function escapeAt(text: string, at: number, quote: string): { code: number; isByte: boolean } {
  ESCAPE.lastIndex = at;
  const [, hex, octal, short, long, simple] = ESCAPE.exec(text) ?? [];
  if (simple !== undefined) {
    const code = simple === quote ? quote.charCodeAt(0) : Object.hasOwn(SIMPLE, simple) ? SIMPLE[simple] : undefined;
    if (code !== undefined) return { code, isByte: false };
  }
  const isByte = (hex ?? octal) !== undefined;
  const code = hex ?? short ?? long ? Number.parseInt((hex ?? short ?? long)!, 16) : Number.parseInt(octal ?? "", 8);
  if (Number.isNaN(code) || code > (isByte ? 0xff : 0x10ffff) || (code >= 0xd800 && code < 0xe000)) {
    throw new BuiltinError("invalid syntax in a literal");
  }
  return { code, isByte };
}

/** A rune in single quotes, as an int. Throws BuiltinError. */
export function runeLiteral(literal: string): Argument {
  const inner = literal.slice(1, -1);
  const isEscape = inner.startsWith("\\");
  const escape = isEscape ? escapeAt(inner, 0, "'") : undefined;
  const length = isEscape ? ESCAPE.lastIndex : (inner.codePointAt(0) ?? 0) > 0xffff ? 2 : 1;
  const code = escape?.code ?? inner.codePointAt(0);
  if (code === undefined || inner.length !== length) throw new BuiltinError("malformed character constant");
  return { type: "int", value: BigInt(code) };
}

/** A number of Go's source, without imaginary ones. Throws BuiltinError. */
export function numberLiteral(literal: string): Argument {
  const digits = literal.replaceAll("_", "");
  const unsigned = digits.replace(/^[+-]/, "");
  const isHex = /^0x/i.test(unsigned);
  if (!isHex && /[.e]/i.test(unsigned)) return { type: "float64", value: Number(digits) };
  if (/^0\d*[89]/.test(unsigned)) throw new BuiltinError(`illegal number ${literal}`);
  const size = BigInt(/^0\d+$/.test(unsigned) ? `0o${unsigned}` : unsigned);
  const value = digits.startsWith("-") ? -size : size;
  if (BigInt.asIntN(64, value) !== value) throw new BuiltinError(`${literal} overflows int`);
  return { type: "int", value };
}
