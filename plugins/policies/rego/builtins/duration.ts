import { BuiltinError } from "../builtin.ts";

const UNITS: ReadonlyMap<string, bigint> = new Map([
  ["ns", 1n],
  ["us", 1_000n],
  ["µs", 1_000n],
  ["μs", 1_000n],
  ["ms", 1_000_000n],
  ["s", 1_000_000_000n],
  ["m", 60_000_000_000n],
  ["h", 3_600_000_000_000n],
]);
const HOURS: ReadonlyMap<string, number> = new Map([["d", 24], ["w", 7 * 24], ["y", 365 * 24]]);
const LIMIT = 2n ** 63n;

/**
 * Nanoseconds of a duration as Go writes it (`-1h2.5m`), with OPA's days, weeks and years besides.
 * Sources: `time.ParseDuration` of Go, v1/topdown/time.go and durationparser of OPA. Throws BuiltinError.
 */
export function parseDuration(text: string): bigint {
  return parseGoDuration(/[dwy]/.test(text) ? inHours(text) : text, text);
}

function parseGoDuration(duration: string, text: string): bigint {
  const isNegative = duration[0] === "-";
  const parts = duration.replace(/^[+-]/, "");
  if (parts === "0") return 0n;
  if (!/^(?:(?:\d+(?:\.\d*)?|\.\d+)[^\d.]+)+$/.test(parts)) throw invalid(text);
  const sum = (parts.match(/[\d.]+[^\d.]+/g) ?? []).reduce((total, part) => total + nanoseconds(part, text), 0n);
  if (sum > LIMIT || (sum === LIMIT && !isNegative)) throw invalid(text);
  return isNegative ? -sum : sum;
}

function nanoseconds(part: string, text: string): bigint {
  const [, whole, fraction = "", name] = /^(\d*)(?:\.(\d*))?(.+)$/s.exec(part) ?? [];
  const unit = UNITS.get(name);
  if (unit === undefined || /[1-9]\d{19}/.test(whole) || BigInt(whole) > LIMIT / unit) throw invalid(text);
  // Go computes the fraction as a 64-bit float, of at most as many digits as fit an integer.
  const digits = fraction.slice(0, 18);
  const rest = Number(BigInt(digits)) * (Number(unit) / 10 ** digits.length);
  return BigInt(whole) * unit + BigInt(Math.trunc(rest));
}

/** Days, weeks and years as hours, the other units as they are. */
function inHours(text: string): string {
  const [, sign, parts] = /^([+-]?)((?:[\d.]+(?:ms|us|µs|ns|[a-z]))+)$/.exec(text) ?? [];
  if (parts === undefined) throw invalid(text);
  return sign + parts.replace(/([\d.]+)([^\d.]+)/g, (part, digits: string, unit: string) => {
    const hours = HOURS.get(unit);
    if (hours === undefined) return part;
    const value = Number(digits) * hours;
    if (!(value < 1e18)) throw invalid(text);
    return `${value < 1e-6 ? value.toFixed(20) : value}h`;
  });
}

function invalid(text: string): BuiltinError {
  return new BuiltinError(`time: invalid duration ${JSON.stringify(text)}`);
}
