/** The digits of a number that is 0.<digits> times ten to the power of `point`; none for zero. */
interface Decimal {
  readonly digits: string;
  readonly point: number;
}

export interface FloatFormat {
  readonly verb: "b" | "e" | "E" | "f" | "g" | "G" | "x" | "X";
  /** -1 for as many digits as tell the number from its neighbours. */
  readonly precision: number;
}

/** A number as Go's strconv.FormatFloat writes it, without a sign for positive ones. */
export function formatFloat(value: number, { verb, precision }: FloatFormat): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  const size = Math.abs(value);
  if (verb === "b") return sign + binary(size);
  if (verb === "x" || verb === "X") return sign + hexadecimal(size, { verb, precision });
  return sign + decimal(size, { verb, precision });
}

function decimal(value: number, { verb, precision }: FloatFormat): string {
  const shortest = precision < 0;
  const kind = verb.toLowerCase();
  const wanted = kind === "g" && precision === 0 ? 1 : precision;
  const number = shortest ? shortestDigits(value) : rounded(exactDigits(value), { kind, precision: wanted });
  const length = number.digits.length;
  if (kind === "e") return exponential(number, shortest ? length - 1 : wanted, verb);
  if (kind === "f") return positional(number, shortest ? Math.max(length - number.point, 0) : wanted);
  return general(number, { verb, precision: shortest ? length : wanted, shortest });
}

function general(
  number: Decimal,
  { verb, precision, shortest }: { verb: string; precision: number; shortest: boolean },
): string {
  const { digits: { length }, point } = number;
  const limit = shortest ? 6 : precision > length && length >= point ? length : precision;
  const exponent = point - 1;
  if (exponent < -4 || exponent >= limit) {
    return exponential(number, Math.min(precision, length) - 1, verb === "g" ? "e" : "E");
  }
  return positional(number, Math.max((precision > point ? length : precision) - point, 0));
}

function exponential({ digits, point }: Decimal, precision: number, letter: string): string {
  const fraction = precision > 0 ? `.${digits.slice(1, precision + 1).padEnd(precision, "0")}` : "";
  const exponent = digits === "" ? 0 : point - 1;
  return `${digits[0] ?? "0"}${fraction}${letter}${exponent < 0 ? "-" : "+"}${twoDigits(Math.abs(exponent))}`;
}

function positional({ digits, point }: Decimal, precision: number): string {
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, "0") : "0";
  if (precision <= 0) return whole;
  const fraction = point >= 0 ? digits.slice(point) : "0".repeat(Math.min(-point, precision)) + digits;
  return `${whole}.${fraction.slice(0, precision).padEnd(precision, "0")}`;
}

function twoDigits(exponent: number): string {
  return String(exponent).padStart(2, "0");
}

function shortestDigits(value: number): Decimal {
  if (value === 0) return { digits: "", point: 0 };
  const [mantissa, exponent] = value.toExponential().split("e");
  return { digits: mantissa.replace(".", ""), point: Number(exponent) + 1 };
}

function exactDigits(value: number): Decimal {
  if (value === 0) return { digits: "", point: 0 };
  const { mantissa, exponent } = parts(value);
  const digits = String(exponent >= 0 ? mantissa << BigInt(exponent) : mantissa * 5n ** BigInt(-exponent));
  return trimmed(digits, digits.length + Math.min(exponent, 0));
}

/** To the nearest, halves to the even digit. */
function rounded({ digits, point }: Decimal, { kind, precision }: { kind: string; precision: number }): Decimal {
  const length = kind === "e" ? precision + 1 : kind === "f" ? point + precision : precision;
  if (length < 0) return { digits: "", point: 0 };
  if (length >= digits.length) return { digits, point };
  const kept = digits.slice(0, length);
  const rest = digits.slice(length);
  const isOdd = /[13579]$/.test(kept);
  if (!(rest > "5" || (rest === "5" && isOdd))) return trimmed(kept, point);
  const raised = String(BigInt(kept || "0") + 1n);
  return trimmed(raised, point + raised.length - length);
}

function trimmed(text: string, point: number): Decimal {
  const digits = text.replace(/0+$/, "");
  return digits === "" ? { digits, point: 0 } : { digits, point };
}

const MANTISSA_BITS = 52;
const BIAS = 1075;

/** The number is mantissa times two to the power of exponent. */
function parts(value: number): { mantissa: bigint; exponent: number } {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const fraction = BigInt.asUintN(MANTISSA_BITS, bits);
  const biased = Number(bits >> BigInt(MANTISSA_BITS)) & 0x7ff;
  return biased === 0
    ? { mantissa: fraction, exponent: 1 - BIAS }
    : { mantissa: fraction | (1n << BigInt(MANTISSA_BITS)), exponent: biased - BIAS };
}

function binary(value: number): string {
  const { mantissa, exponent } = parts(value);
  return `${mantissa}p${exponent < 0 ? "-" : "+"}${Math.abs(exponent)}`;
}

const HEX_BITS = 60n;

function hexadecimal(value: number, { verb, precision }: FloatFormat): string {
  let { mantissa, exponent } = parts(value);
  if (mantissa === 0n) exponent = 0;
  else {
    const shift = HEX_BITS - BigInt(mantissa.toString(2).length - 1);
    mantissa <<= shift;
    exponent += Number(HEX_BITS - shift);
  }
  if (precision >= 0 && precision < 15) {
    const dropped = HEX_BITS - BigInt(precision * 4);
    const extra = BigInt.asUintN(Number(dropped), mantissa);
    const half = dropped === 0n ? 1n : 1n << (dropped - 1n);
    mantissa >>= dropped;
    if (extra > half || (extra === half && (mantissa & 1n) === 1n)) mantissa++;
    mantissa <<= dropped;
    if (mantissa >> (HEX_BITS + 1n)) {
      mantissa >>= 1n;
      exponent++;
    }
  }
  const fraction = BigInt.asUintN(Number(HEX_BITS), mantissa).toString(16).padStart(15, "0");
  const digits = precision < 0 ? fraction.replace(/0+$/, "") : fraction.slice(0, precision).padEnd(precision, "0");
  const text = `0x${mantissa >> HEX_BITS}${digits === "" ? "" : `.${digits}`}p${exponent < 0 ? "-" : "+"}${
    twoDigits(Math.abs(exponent))
  }`;
  return verb === "X" ? text.toUpperCase() : text;
}
