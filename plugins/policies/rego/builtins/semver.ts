import { BuiltinError, type Builtins, text } from "../builtin.ts";

/** As OPA's internal/semver: one `v` in front is allowed, and the three numbers are of 64 bits. */
export const semverBuiltins: Builtins = {
  "semver.compare": ([a, b]) => compare(version(text(a, 1), 1), version(text(b, 2), 2)),
  "semver.is_valid": ([candidate]) => typeof candidate === "string" && parse(candidate) !== undefined,
};

interface Version {
  readonly core: readonly bigint[];
  /** Empty for a release. */
  readonly prerelease: readonly string[];
}

const VERSION =
  /^v?(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-([\da-z-]+(?:\.[\da-z-]+)*))?(?:\+[\da-z-]+(?:\.[\da-z-]+)*)?$/i;
const LARGEST = 2n ** 63n - 1n;

function parse(candidate: string): Version | undefined {
  const parts = candidate.startsWith("V") ? null : VERSION.exec(candidate);
  if (parts === null) return undefined;
  const core = parts.slice(1, 4).map(BigInt);
  const prerelease = parts[4]?.split(".") ?? [];
  const isValid = core.every((number) => number <= LARGEST) && !prerelease.some((part) => /^0\d+$/.test(part));
  return isValid ? { core, prerelease } : undefined;
}

function version(candidate: string, position: number): Version {
  const parsed = parse(candidate);
  if (parsed === undefined) throw new BuiltinError(`operand ${position}: string ${candidate} is not a valid SemVer`);
  return parsed;
}

function compare(a: Version, b: Version): number {
  for (const [i, number] of a.core.entries()) if (number !== b.core[i]) return number < b.core[i] ? -1 : 1;
  if (a.prerelease.length === 0 || b.prerelease.length === 0) {
    return Math.sign(b.prerelease.length - a.prerelease.length);
  }
  for (let i = 0; i < Math.min(a.prerelease.length, b.prerelease.length); i++) {
    const order = compareIdentifiers(a.prerelease[i], b.prerelease[i]);
    if (order !== 0) return order;
  }
  return Math.sign(a.prerelease.length - b.prerelease.length);
}

/** A number is less than a word. */
function compareIdentifiers(a: string, b: string): number {
  const [isNumberA, isNumberB] = [a, b].map((identifier) => /^\d+$/.test(identifier));
  if (isNumberA !== isNumberB) return isNumberA ? -1 : 1;
  const [x, y] = isNumberA ? [clamped(a), clamped(b)] : [a, b];
  return x < y ? -1 : x > y ? 1 : 0;
}

/** What Go's strconv.Atoi makes of a number that is too large. */
function clamped(digits: string): bigint {
  const number = BigInt(digits);
  return number > LARGEST ? LARGEST : number;
}
