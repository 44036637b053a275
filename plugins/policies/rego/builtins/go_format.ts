import { type FloatFormat, formatFloat } from "./go_float.ts";
import { canBackquote, isPrintable, quote } from "./go_text.ts";

/** What stands between `%` and the verb of a directive. */
export interface Flags {
  minus: boolean;
  plus: boolean;
  sharp: boolean;
  space: boolean;
  zero: boolean;
  /** `%#v`: values as literals of Go. */
  literal: boolean;
  width?: number;
  precision?: number;
}

/** An operand with the name of its Go type. An int64 or an int is a bigint, a float64 a number. */
export type Argument =
  | { readonly type: "int64" | "int" | "int32" | "*big.Int"; readonly value: bigint }
  | { readonly type: "float64"; readonly value: number }
  | { readonly type: "string" | "json.Number"; readonly value: string }
  | { readonly type: "bool"; readonly value: boolean }
  | { readonly type: "<nil>"; readonly value: null }
  | { readonly type: "[]interface {}"; readonly value: readonly Argument[] }
  | { readonly type: "map[string]interface {}"; readonly value: ReadonlyMap<string, Argument> };

/** One operand as a directive prints it (`printArg` of Go's fmt). */
export function formatArgument(argument: Argument, verb: string, flags: Flags): string {
  if (verb === "T") return formatText(argument.type, flags);
  switch (argument.type) {
    case "*big.Int":
      return verb === "w" ? badVerb(argument, verb, flags) : formatBig(argument.value, verb, flags);
    case "<nil>":
      return verb === "v" ? padded("<nil>", flags) : `%!${verb}(<nil>)`;
    case "[]interface {}":
      return `[${argument.value.map((item) => formatItem(item, verb, flags)).join(" ")}]`;
    case "map[string]interface {}":
      return `map[${
        [...argument.value].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) =>
          `${formatArgument({ type: "string", value: key }, verb, flags)}:${formatItem(item, verb, flags)}`
        ).join(" ")
      }]`;
  }
  return formatScalar(argument, verb, flags) ?? badVerb(argument, verb, flags);
}

function formatItem(item: Argument, verb: string, flags: Flags): string {
  return item.type === "<nil>" ? "<nil>" : formatArgument(item, verb, flags);
}

function badVerb(argument: Argument, verb: string, flags: Flags): string {
  return `%!${verb}(${argument.type}=${formatArgument(argument, "v", flags)})`;
}

function formatScalar({ value }: Argument, verb: string, flags: Flags): string | undefined {
  if (typeof value === "string") return formatString(value, verb, flags);
  if (typeof value === "bigint") return formatInteger(value, verb, flags);
  if (typeof value === "number") return formatNumber(value, verb, flags);
  return verb === "v" || verb === "t" ? padded(String(value), flags) : undefined;
}

function formatString(value: string, verb: string, flags: Flags): string | undefined {
  switch (verb) {
    case "v":
      return flags.literal ? quoted(value, flags) : formatText(value, flags);
    case "s":
      return formatText(value, flags);
    case "x":
    case "X":
      return hexText(value, verb, flags);
    case "q":
      return quoted(value, flags);
  }
}

function formatText(value: string, flags: Flags): string {
  return padded(truncated(value, flags), flags);
}

function truncated(value: string, { precision }: Flags): string {
  return precision === undefined || precision >= value.length ? value : Array.from(value).slice(0, precision).join("");
}

function quoted(value: string, flags: Flags): string {
  const text = truncated(value, flags);
  if (flags.sharp && canBackquote(text)) return padded(`\`${text}\``, flags);
  return padded(quote(text, { onlyAscii: flags.plus }), flags);
}

function hexText(value: string, verb: string, flags: Flags): string {
  const bytes = new TextEncoder().encode(value).subarray(0, flags.precision);
  if (bytes.length === 0) return padded("", flags);
  const prefix = flags.sharp ? "0x" : "";
  const pairs = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0"));
  const text = prefix + pairs.join(flags.space ? ` ${prefix}` : "");
  return padded(verb === "X" ? text.toUpperCase() : text, flags);
}

const RADIX: Readonly<Record<string, number>> = { v: 10, d: 10, s: 10, b: 2, o: 8, O: 8, x: 16, X: 16 };

function formatInteger(value: bigint, verb: string, flags: Flags): string | undefined {
  if (verb === "c") return padded(runeOf(value), flags);
  if (verb === "q") return padded(quote(runeOf(value), { quote: "'", onlyAscii: flags.plus }), flags);
  if (verb === "U") return unicode(value, flags);
  if (verb === "s" || !(verb in RADIX)) return undefined;
  const { precision, width } = flags;
  if (precision === 0 && value === 0n) return " ".repeat(width ?? 0);
  const sign = value < 0n ? "-" : flags.plus ? "+" : flags.space ? " " : "";
  const least = precision ?? (flags.zero && !flags.minus && width !== undefined ? width - sign.length : 0);
  const digits = digitsOf(value, verb).padStart(least, "0");
  return padded(sign + prefixOf(verb, digits, flags) + digits, { ...flags, zero: false });
}

function digitsOf(value: bigint, verb: string): string {
  const digits = (value < 0n ? -value : value).toString(RADIX[verb]);
  return verb === "X" ? digits.toUpperCase() : digits;
}

function prefixOf(verb: string, digits: string, { sharp }: Flags): string {
  const octal = sharp && !digits.startsWith("0") ? "0" : "";
  if (verb === "O") return `0o${octal}`;
  if (!sharp) return "";
  return verb === "b" ? "0b" : verb === "o" ? octal : verb === "x" || verb === "X" ? `0${verb}` : "";
}

/** An integer beyond int64, which formats itself (`Format` of Go's math/big). */
function formatBig(value: bigint, verb: string, flags: Flags): string {
  if (!(verb in RADIX)) return `%!${verb}(big.Int=${value})`;
  const sign = value < 0n ? "-" : flags.plus ? "+" : flags.space ? " " : "";
  const digits = digitsOf(value, verb);
  const prefix = verb === "O" ? "0o" : prefixOf(verb, digits, flags);
  const { width = 0, precision, minus, zero } = flags;
  const least = precision ?? (zero && !minus ? width - sign.length - prefix.length : 0);
  return padded(sign + prefix + digits.padStart(least, "0"), { ...flags, zero: false });
}

const LAST_RUNE = 0x10ffffn;

function runeOf(value: bigint): string {
  if (value < 0n || value > LAST_RUNE || (value >= 0xd800n && value < 0xe000n)) return "\ufffd";
  return String.fromCodePoint(Number(value));
}

function unicode(value: bigint, flags: Flags): string {
  const code = BigInt.asUintN(64, value);
  const digits = code.toString(16).toUpperCase().padStart(Math.max(flags.precision ?? 4, 4), "0");
  const shown = flags.sharp && code <= LAST_RUNE && isPrintable(runeOf(code)) ? ` '${runeOf(code)}'` : "";
  return padded(`U+${digits}${shown}`, { ...flags, zero: false });
}

const FLOAT_VERBS: Readonly<Record<string, FloatFormat>> = {
  v: { verb: "g", precision: -1 },
  b: { verb: "b", precision: -1 },
  g: { verb: "g", precision: -1 },
  G: { verb: "G", precision: -1 },
  x: { verb: "x", precision: -1 },
  X: { verb: "X", precision: -1 },
  f: { verb: "f", precision: 6 },
  F: { verb: "f", precision: 6 },
  e: { verb: "e", precision: 6 },
  E: { verb: "E", precision: 6 },
};

function formatNumber(value: number, verb: string, flags: Flags): string | undefined {
  if (!Object.hasOwn(FLOAT_VERBS, verb)) return undefined;
  const format = { ...FLOAT_VERBS[verb], ...(flags.precision !== undefined && { precision: flags.precision }) };
  const text = formatFloat(value, format);
  const unsigned = text.replace(/^[-+]/, "");
  const sign = text.startsWith("-") ? "-" : flags.plus ? "+" : flags.space ? " " : "";
  if (!Number.isFinite(value)) {
    const plus = value > 0 && sign === "" ? "+" : sign;
    return padded((Number.isNaN(value) ? sign : plus) + unsigned, { ...flags, zero: false });
  }
  const number = flags.sharp && format.verb !== "b" ? withPoint(unsigned, format) : unsigned;
  if (sign === "" || !flags.zero || flags.minus) return padded(sign + number, flags);
  return sign + number.padStart((flags.width ?? 0) - sign.length, "0");
}

/** `#` keeps the decimal point, and the zeros that `%g` drops. */
function withPoint(text: string, { verb, precision }: FloatFormat): string {
  const [, number, tail] = /^(.*?)((?:p.*)?|(?:e[-+]\d+)?)$/is.exec(text) as unknown as [string, string, string];
  const significant = verb === "x" || verb === "X" ? number : number.replace(".", "").replace(/^0+/, "");
  const wanted = ["g", "G", "x"].includes(verb) ? (precision === -1 ? 6 : precision) : 0;
  const used = verb === "x" ? hexDigitsUsed(number) : significant.length || (number === "0" ? 1 : 0);
  return `${number}${number.includes(".") ? "" : "."}${"0".repeat(Math.max(wanted - used, 0))}${tail}`;
}

/** Go counts the `x` of `0x` as a digit. */
function hexDigitsUsed(number: string): number {
  return number.replace(".", "").replace(/^0+/, "").length;
}

function padded(text: string, { width, minus, zero }: Flags): string {
  if (width === undefined || text.length >= 2 * width) return text;
  const missing = Math.max(width - runeCount(text), 0);
  return minus ? text + " ".repeat(missing) : (zero ? "0" : " ").repeat(missing) + text;
}

function runeCount(text: string): number {
  return text.length - (text.match(/[\ud800-\udbff][\udc00-\udfff]/g)?.length ?? 0);
}
