import { Temporal } from "temporal-polyfill";
import { BuiltinError, type Builtins, integer, number, text, wrongType } from "../builtin.ts";
import type { Value } from "../value.ts";
import { parseDuration } from "./duration.ts";
import { NAMED_LAYOUTS } from "./go_layout.ts";
import { formatTime, weekday } from "./time_format.ts";
import { parseTime } from "./time_parse.ts";
import { inRange, zonedEpochNanoseconds, type ZonedTime, zonedTime } from "./zoned_time.ts";

/** Source: v1/topdown/time.go of OPA. Times are nanoseconds since 1970, or `[nanoseconds, zone, layout]`. */
export const timeBuiltins: Builtins = {
  "time.now_ns": (_, { now }) => now,
  "time.parse_ns": ([layout, value]) => inRange(parseTime(layoutOf(text(layout, 1)), text(value, 2))),
  "time.parse_rfc3339_ns": ([value]) => inRange(parseTime(layoutOf("RFC3339"), text(value, 1))),
  "time.parse_duration_ns": ([duration]) => parseDuration(text(duration, 1)),
  "time.format": ([operand]) => formatTime(timeOf(operand), layoutOf(layoutOperand(operand) || "RFC3339Nano")),
  "time.date": ([operand]) => {
    const { year, month, day } = timeOf(operand);
    return [year, month, day];
  },
  "time.clock": ([operand]) => {
    const { hour, minute, second } = timeOf(operand);
    return [hour, minute, second];
  },
  "time.weekday": ([operand]) => weekday(timeOf(operand)),
  "time.add_date": ([operand, years, months, days]) =>
    addDate(timeOf(operand), [integer(years, 2), integer(months, 3), integer(days, 4)]),
  "time.diff": ([a, b]) => difference(timeOf(a), timeOf(b)),
};

function layoutOf(layout: string): string {
  return NAMED_LAYOUTS.get(layout) ?? layout;
}

function layoutOperand(operand: Value): string {
  return Array.isArray(operand) && operand.length > 2 ? text(operand[2], 1) : "";
}

function timeOf(operand: Value): ZonedTime {
  const [nanoseconds, zone = ""] = Array.isArray(operand) ? operand : [operand];
  if (nanoseconds === undefined) throw wrongType(operand, 1, "either number (ns) or [number (ns), string (tz)]");
  if (!Number.isInteger(number(nanoseconds, 1))) throw new BuiltinError("timestamp too big");
  const exact = BigInt(nanoseconds as number | bigint);
  if (BigInt.asIntN(64, exact) !== exact) throw new BuiltinError("timestamp too big");
  return zonedTime(exact, text(zone, 1));
}

function addDate(time: ZonedTime, [years, months, days]: readonly bigint[]): bigint {
  return zonedEpochNanoseconds({
    year: time.year + Number(years),
    month: time.month + Number(months),
    day: time.day + Number(days),
    hour: time.hour,
    minute: time.minute,
    second: time.second,
    nanosecond: time.millisecond * 1_000_000 + time.microsecond * 1000 + time.nanosecond,
  }, time.timeZoneId);
}

/** Years, months, days, hours, minutes and seconds between two times, in the zone of the first. */
function difference(a: ZonedTime, b: ZonedTime): Value {
  const [from, to] = [a, b.withTimeZone(a.timeZoneId)].sort(Temporal.ZonedDateTime.compare);
  const parts = [
    to.year - from.year,
    to.month - from.month,
    to.day - from.day,
    to.hour - from.hour,
    to.minute - from.minute,
    to.second - from.second,
  ];
  const sizes = [Infinity, 12, from.daysInMonth, 24, 60, 60];
  for (let i = parts.length - 1; i > 0; i--) {
    if (parts[i] >= 0) continue;
    parts[i] += sizes[i];
    parts[i - 1]--;
  }
  return parts;
}
