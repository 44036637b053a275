import { Temporal } from "temporal-polyfill";
import { BuiltinError } from "../builtin.ts";

/** An instant within the range of Go's nanoseconds (64 bits), in a zone. */
export type ZonedTime = Temporal.ZonedDateTime;

const SECOND = 1_000_000_000n;
const [EARLIEST, LATEST] = [-(2n ** 63n), 2n ** 63n - 1n];
/** A locale only abbreviates the zones of its own region. */
const LOCALES = ["en-US", "en-CA", "en-GB", "en-AU", "en-NZ", "en-IN", "en-ZA"];
/** Abbreviations of the time-zone database that no locale has, or has otherwise. */
const ABBREVIATIONS: ReadonlyMap<string, string> = new Map([
  ["GMT", "GMT"],
  ["Etc/GMT", "GMT"],
  ["Asia/Kathmandu", "+0545"],
  ["Asia/Tokyo", "JST"],
  ["Japan", "JST"],
  ["Asia/Seoul", "KST"],
  ["Asia/Shanghai", "CST"],
  ["PRC", "CST"],
  ["Asia/Taipei", "CST"],
  ["Asia/Hong_Kong", "HKT"],
  ["Asia/Manila", "PST"],
  ["Asia/Karachi", "PKT"],
  ["Asia/Jakarta", "WIB"],
  ["Europe/Moscow", "MSK"],
]);

/** Throws BuiltinError for a zone that is not known. The zone of the machine is not looked at: `Local` is UTC. */
export function zonedTime(nanoseconds: bigint, zone: string): ZonedTime {
  const name = zone === "" || zone === "Local" ? "UTC" : zone;
  const time = /^[A-Z][\w+/-]*$/.test(name) ? inZone(nanoseconds, name) : undefined;
  // Temporal ignores case where Go does not.
  if (time?.timeZoneId !== name) throw new BuiltinError(`unknown time zone ${zone}`);
  return time;
}

function inZone(nanoseconds: bigint, zone: string): ZonedTime | undefined {
  try {
    return Temporal.Instant.fromEpochNanoseconds(nanoseconds).toZonedDateTimeISO(zone);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Throws BuiltinError for what 64 bits of nanoseconds cannot hold. */
export function inRange(nanoseconds: bigint): bigint {
  if (nanoseconds < EARLIEST || nanoseconds > LATEST) throw new BuiltinError("time outside of valid range");
  return nanoseconds;
}

export interface CivilTime {
  readonly year: number;
  /** From 1; other values count on into the years before and after. */
  readonly month: number;
  /** From 1; other values count on into the months before and after. */
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly nanosecond: number;
}

/** Nanoseconds since 1970 of a time in UTC. Throws BuiltinError beyond the years that JavaScript has. */
export function epochNanoseconds(time: CivilTime): bigint {
  const date = new Date(0).setUTCFullYear(time.year, time.month - 1, time.day);
  if (Number.isNaN(date)) throw new BuiltinError("time outside of valid range");
  const seconds = date / 1000 + time.hour * 3600 + time.minute * 60 + time.second;
  return BigInt(seconds) * SECOND + BigInt(time.nanosecond);
}

/** As `time.Date` of Go: a time that the zone skips or has twice is read with the offset from before or after. */
export function zonedEpochNanoseconds(time: CivilTime, zone: string): bigint {
  const local = inRange(epochNanoseconds(time));
  const offset = offsetAt(local, zone);
  return offset === 0n ? local : inRange(local - offsetAt(local - offset, zone));
}

function offsetAt(nanoseconds: bigint, zone: string): bigint {
  return BigInt(zonedTime(nanoseconds, zone).offsetNanoseconds);
}

/** What `MST` in a layout stands for: letters, or the hours of the offset where the zone has no letters. */
export function abbreviation(time: ZonedTime): string {
  const known = time.timeZoneId === "UTC" ? "UTC" : ABBREVIATIONS.get(time.timeZoneId);
  if (known !== undefined) return known;
  for (const locale of LOCALES) {
    const format = new Intl.DateTimeFormat(locale, { timeZone: time.timeZoneId, timeZoneName: "short" });
    const name = format.formatToParts(time.epochMilliseconds).find(({ type }) => type === "timeZoneName")?.value ?? "";
    if (name === "GMT" || /^[A-Z]+$/.test(name)) return name;
  }
  return time.offset.replace(":00", "").replace(":", "");
}
