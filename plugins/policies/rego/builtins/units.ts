import { BuiltinError, type Builtins, text } from "../builtin.ts";

/** As OPA's topdown/parse_units.go and parse_bytes.go. */
export const unitBuiltins: Builtins = {
  "units.parse": ([amount]) => parseUnits(text(amount, 1)),
  "units.parse_bytes": ([amount]) => parseBytes(text(amount, 1)),
};

/** The number numerator / denominator. */
interface Ratio {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

const PREFIXES = ["k", "m", "g", "t", "p", "e"];
const FACTORS = new Map<string, bigint>([
  ["", 1n],
  ...PREFIXES.map((prefix, i) => [prefix, 1000n ** BigInt(i + 1)] as const),
  ...PREFIXES.map((prefix, i) => [`${prefix}i`, 1024n ** BigInt(i + 1)] as const),
]);

/** OPA takes the 64-bit float 0.001, which is a little more. */
const MILLI: Ratio = { numerator: 1152921504606847n, denominator: 2n ** 60n };

/** Exact for an integer, else to ten digits after the point. Throws BuiltinError for what is no amount. */
function parseUnits(amount: string): number | bigint {
  const { number, unit } = parts(amount.replaceAll('"', ""));
  const { numerator, denominator } = times(ratioOf(number), unitOf(unit));
  if (numerator % denominator === 0n) return numberOf(numerator / denominator);
  const size = numerator < 0n ? -numerator : numerator;
  const tenths = (size * 10n ** 10n * 2n + denominator) / (2n * denominator);
  const digits = String(tenths).padStart(11, "0");
  const value = Number(`${numerator < 0n ? "-" : ""}${digits.slice(0, -10)}.${digits.slice(-10)}`);
  return Number.isFinite(value) ? value : numerator / denominator;
}

/** `m` is milli and `M` mega; of other units, only the first letter may be of either case. */
function unitOf(unit: string): Ratio {
  if (unit === "m") return MILLI;
  const factor = /^[a-z]i?$/i.test(unit) || unit === "" ? FACTORS.get(unit.toLowerCase()) : undefined;
  if (factor === undefined) throw new BuiltinError(`units.parse: unit ${unit} not recognized`);
  return { numerator: factor, denominator: 1n };
}

/** Bytes, rounded towards zero. Throws BuiltinError for what is no amount. */
function parseBytes(amount: string): number | bigint {
  const { number, unit } = parts(amount.toLowerCase().replaceAll('"', ""));
  const factor = FACTORS.get(unit.length > 1 ? unit.replace(/b$/, "") : unit);
  if (factor === undefined) throw new BuiltinError(`units.parse_bytes: byte unit ${unit} not recognized`);
  const { numerator, denominator } = asFloat(times(asFloat(ratioOf(number)), { numerator: factor, denominator: 1n }));
  return numberOf(numerator / denominator);
}

const MOST_EXPONENT_DIGITS = 6;

/** An amount as its number, and what follows that. */
function parts(amount: string): { number: string; unit: string } {
  if (amount.includes(" ")) throw new BuiltinError("spaces not allowed in resource strings");
  const number = /^(?:[\d.+-]|e(?:[+-]|(?=\d)))*/i.exec(amount)![0];
  const exponents = number.matchAll(/e[+-]?(\d*)/gi);
  if ([...exponents].some(([, digits]) => digits.length > MOST_EXPONENT_DIGITS)) {
    throw new BuiltinError("exponent too large");
  }
  if (number === "") throw new BuiltinError("no amount provided");
  return { number, unit: amount.slice(number.length) };
}

function ratioOf(number: string): Ratio {
  const found = /^([+-]?)(\d*)\.?(\d*)(?:e([+-]?\d+))?$/i.exec(number);
  if (!found || found[2] + found[3] === "") throw new BuiltinError("could not parse amount to a number");
  const [, sign, whole, fraction, exponent = "0"] = found;
  const mantissa = BigInt(whole + fraction) * (sign === "-" ? -1n : 1n);
  const power = Number(exponent) - fraction.length;
  const scale = mantissa === 0n ? 1n : 10n ** BigInt(Math.abs(power));
  return power < 0 ? { numerator: mantissa, denominator: scale } : { numerator: mantissa * scale, denominator: 1n };
}

function times(a: Ratio, b: Ratio): Ratio {
  return { numerator: a.numerator * b.numerator, denominator: a.denominator * b.denominator };
}

const FLOAT_BITS = 64;

/** Rounded to 64 bits, as Go's big.Float holds it: to the nearest, halves to the even one. */
function asFloat({ numerator, denominator }: Ratio): Ratio {
  if (numerator === 0n) return { numerator, denominator: 1n };
  const size = numerator < 0n ? -numerator : numerator;
  const excess = bitLength(size) - bitLength(denominator) - FLOAT_BITS;
  const rounded = excess >= 0
    ? nearest(size, denominator << BigInt(excess))
    : nearest(size << BigInt(-excess), denominator);
  // The quotient may have one bit more than wanted, which is then rounded away in its turn.
  const spare = bitLength(rounded.quotient) > FLOAT_BITS ? 1 : 0;
  const { quotient } = spare === 0
    ? rounded
    : excess + 1 >= 0
    ? nearest(size, denominator << BigInt(excess + 1))
    : nearest(size << BigInt(-excess - 1), denominator);
  const exponent = excess + spare;
  const signed = numerator < 0n ? -quotient : quotient;
  return exponent >= 0
    ? { numerator: signed << BigInt(exponent), denominator: 1n }
    : { numerator: signed, denominator: 1n << BigInt(-exponent) };
}

function nearest(numerator: bigint, denominator: bigint): { quotient: bigint } {
  const quotient = numerator / denominator;
  const twice = 2n * (numerator - quotient * denominator);
  const isUp = twice > denominator || (twice === denominator && (quotient & 1n) === 1n);
  return { quotient: isUp ? quotient + 1n : quotient };
}

function bitLength(value: bigint): number {
  const hex = value.toString(16);
  return (hex.length - 1) * 4 + (32 - Math.clz32(Number.parseInt(hex[0], 16)));
}

function numberOf(integer: bigint): number | bigint {
  const number = Number(integer);
  return Number.isSafeInteger(number) ? number : integer;
}
