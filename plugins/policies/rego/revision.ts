import semver from "semver";

/**
 * Orders two bundle revisions: negative when `a` is older, 0 for the same, positive when it is newer. Both must be
 * integers, or both semantic versions, or both RFC 3339 times. Null when they cannot be ordered.
 */
export function compareRevisions(a: string, b: string): number | null {
  if (a === b && a !== "") return 0;
  return compareIntegers(a, b) ?? compareVersions(a, b) ?? compareTimes(a, b);
}

function compareIntegers(a: string, b: string): number | null {
  if (![a, b].every((text) => /^\d{1,100}$/.test(text))) return null;
  const [x, y] = [BigInt(a), BigInt(b)];
  return x < y ? -1 : x > y ? 1 : 0;
}

/** Build metadata does not count (SemVer 2.0.0, 10). */
function compareVersions(a: string, b: string): number | null {
  const [x, y] = [semver.parse(a), semver.parse(b)];
  return x === null || y === null ? null : semver.compare(x, y);
}

const TIME = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;

function compareTimes(a: string, b: string): number | null {
  const [x, y] = [nanoseconds(a), nanoseconds(b)];
  if (x === null || y === null) return null;
  return x < y ? -1 : x > y ? 1 : 0;
}

/** Since 1970; null for what is no time. */
function nanoseconds(text: string): bigint | null {
  const fraction = TIME.exec(text)?.[1] ?? "";
  const seconds = TIME.test(text) ? Date.parse(text.replace(fraction, "").toUpperCase()) : NaN;
  if (Number.isNaN(seconds)) return null;
  return BigInt(seconds) * 1_000_000n + BigInt(fraction.slice(1, 10).padEnd(9, "0"));
}
