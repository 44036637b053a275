import { DAYS, layoutParts, MONTHS } from "./go_layout.ts";
import { abbreviation, type ZonedTime } from "./zoned_time.ts";

/** Formats with a layout of Go (`time.Format`). */
export function formatTime(time: ZonedTime, layout: string): string {
  return layoutParts(layout).map(({ literal, field }) => literal + formatField(time, field)).join("");
}

const FIELDS: Readonly<Record<string, (time: ZonedTime) => string>> = {
  "2006": ({ year }) => digits(year, 4),
  "06": ({ year }) => digits(year % 100, 2),
  January: ({ month }) => MONTHS[month - 1],
  Jan: ({ month }) => MONTHS[month - 1].slice(0, 3),
  "1": ({ month }) => String(month),
  "01": ({ month }) => digits(month, 2),
  Monday: (time) => weekday(time),
  Mon: (time) => weekday(time).slice(0, 3),
  "2": ({ day }) => String(day),
  "_2": ({ day }) => String(day).padStart(2),
  "02": ({ day }) => digits(day, 2),
  "__2": ({ dayOfYear }) => String(dayOfYear).padStart(3),
  "002": ({ dayOfYear }) => digits(dayOfYear, 3),
  "15": ({ hour }) => digits(hour, 2),
  "3": ({ hour }) => String(hour % 12 || 12),
  "03": ({ hour }) => digits(hour % 12 || 12, 2),
  "4": ({ minute }) => String(minute),
  "04": ({ minute }) => digits(minute, 2),
  "5": ({ second }) => String(second),
  "05": ({ second }) => digits(second, 2),
  PM: ({ hour }) => hour >= 12 ? "PM" : "AM",
  pm: ({ hour }) => hour >= 12 ? "pm" : "am",
  MST: abbreviation,
  "": () => "",
};

function formatField(time: ZonedTime, field: string): string {
  if (Object.hasOwn(FIELDS, field)) return FIELDS[field](time);
  return /^[.,]/.test(field) ? formatFraction(time, field) : formatOffset(time, field);
}

export function weekday(time: ZonedTime): string {
  return DAYS[time.dayOfWeek % 7];
}

/** `.000` has all its digits, `.999` none that are zeros at the end. */
function formatFraction(time: ZonedTime, field: string): string {
  const nanoseconds = time.millisecond * 1_000_000 + time.microsecond * 1000 + time.nanosecond;
  const all = field[0] + digits(nanoseconds, 9).padEnd(field.length - 1, "0").slice(0, Math.min(field.length - 1, 9));
  return field[1] === "0" ? all : all.replace(/[.,]?0*$/, "");
}

/** `Z07:00` and its like have a `Z` for UTC. */
function formatOffset(time: ZonedTime, field: string): string {
  const offset = time.offsetNanoseconds / 1e9;
  if (offset === 0 && field[0] === "Z") return "Z";
  const seconds = Math.abs(offset);
  // Go takes the sign from the minutes.
  const sign = offset <= -60 ? "-" : "+";
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map((part) =>
    digits(part, 2)
  );
  const shown = parts.slice(0, field.replace(/\D/g, "").length / 2);
  return sign + shown.join(field.includes(":") ? ":" : "");
}

function digits(number: number, width: number): string {
  return String(number).padStart(width, "0");
}
