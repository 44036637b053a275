import { BuiltinError } from "../builtin.ts";
import { DAYS, layoutParts, MONTHS } from "./go_layout.ts";
import { epochNanoseconds } from "./zoned_time.ts";

/** What is read so far. */
interface Found {
  year: number;
  month?: number;
  day?: number;
  dayOfYear?: number;
  hour: number;
  minute: number;
  second: number;
  nanosecond: number;
  half?: "AM" | "PM";
  /** Seconds east of UTC. */
  offset: number;
}

/** Where a text is read. */
interface Cursor {
  rest: string;
}

type FieldReader = (cursor: Cursor, found: Found) => void;

/** Nanoseconds since 1970 of a text in a layout of Go (`time.Parse`). Throws BuiltinError. */
export function parseTime(layout: string, value: string): bigint {
  const found: Found = { year: 0, hour: 0, minute: 0, second: 0, nanosecond: 0, offset: 0 };
  const cursor = { rest: value };
  const parts = layoutParts(layout);
  for (const [index, { literal, field }] of parts.entries()) {
    skip(cursor, literal);
    if (field === "") break;
    readerOf(field)(cursor, found);
    const next = parts[index + 1].field;
    if (/^0?5$/.test(field) && !/^[.,]/.test(next)) found.nanosecond = readFraction(cursor) ?? found.nanosecond;
  }
  if (cursor.rest !== "") throw bad(cursor, "the end");
  const { hour, half } = found;
  found.hour = half === "PM" && hour < 12 ? hour + 12 : half === "AM" && hour === 12 ? 0 : hour;
  const { month, day } = dayOf(found);
  return epochNanoseconds({ ...found, month, day }) - BigInt(found.offset) * 1_000_000_000n;
}

/** What Go takes for the abbreviation of a zone. */
const ABBREVIATION = new RegExp(
  `^(?:${
    [
      "UTC|ChST|MeST",
      "(?:GMT)?[+-](?:2[0-3]|[01]?\\d)(?!\\d)|GMT",
      "WITA(?![A-Z])|[A-Z]{3,4}T(?![A-Z])|[A-Z]{3}(?![A-Z])",
    ].join("|")
  })`,
);

const FIELDS: Readonly<Record<string, FieldReader>> = {
  "2006": (cursor, found) => found.year = Number(take(cursor, /^\d{4}/)),
  "06": (cursor, found) => {
    const year = Number(take(cursor, /^(?:\d{2}|[+-]\d)/));
    found.year = year + (year >= 69 ? 1900 : 2000);
  },
  January: (cursor, found) => found.month = name(cursor, MONTHS) + 1,
  Jan: (cursor, found) => found.month = name(cursor, MONTHS.map((month) => month.slice(0, 3))) + 1,
  "1": (cursor, found) => found.month = within(cursor, "month", { pattern: /^\d\d?/, least: 1, most: 12 }),
  "01": (cursor, found) => found.month = within(cursor, "month", { pattern: /^\d\d/, least: 1, most: 12 }),
  Monday: (cursor) => name(cursor, DAYS),
  Mon: (cursor) => name(cursor, DAYS.map((day) => day.slice(0, 3))),
  "2": (cursor, found) => found.day = Number(take(cursor, /^\d\d?/)),
  "_2": (cursor, found) => found.day = Number(take(cursor, /^ ?\d\d?/)),
  "02": (cursor, found) => found.day = Number(take(cursor, /^\d\d/)),
  "__2": (cursor, found) => found.dayOfYear = Number(take(cursor, /^ {0,2}\d{1,3}/)),
  "002": (cursor, found) => found.dayOfYear = Number(take(cursor, /^\d{3}/)),
  "15": (cursor, found) => found.hour = within(cursor, "hour", { pattern: /^\d\d?/, most: 23 }),
  "3": (cursor, found) => found.hour = within(cursor, "hour", { pattern: /^\d\d?/, most: 12 }),
  "03": (cursor, found) => found.hour = within(cursor, "hour", { pattern: /^\d\d/, most: 12 }),
  "4": (cursor, found) => found.minute = within(cursor, "minute", { pattern: /^\d\d?/, most: 59 }),
  "04": (cursor, found) => found.minute = within(cursor, "minute", { pattern: /^\d\d/, most: 59 }),
  "5": (cursor, found) => found.second = within(cursor, "second", { pattern: /^\d\d?/, most: 59 }),
  "05": (cursor, found) => found.second = within(cursor, "second", { pattern: /^\d\d/, most: 59 }),
  PM: (cursor, found) => found.half = take(cursor, /^[AP]M/) as "AM" | "PM",
  pm: (cursor, found) => found.half = take(cursor, /^[ap]m/).toUpperCase() as "AM" | "PM",
  // Go knows the offset of no abbreviation but those of the machine's own zone, and takes the others for UTC.
  MST: (cursor) => take(cursor, ABBREVIATION),
};

function readerOf(field: string): FieldReader {
  if (Object.hasOwn(FIELDS, field)) return FIELDS[field];
  if (!/^[.,]/.test(field)) return (cursor, found) => found.offset = readOffset(cursor, field);
  if (field[1] === "9") return (cursor, found) => found.nanosecond = readFraction(cursor) ?? found.nanosecond;
  return (cursor, found) => {
    found.nanosecond = toNanoseconds(take(cursor, new RegExp(`^[.,]\\d{${Math.min(field.length - 1, 100)}}`)));
  };
}

/** A fraction may follow the seconds even where the layout has none. */
function readFraction(cursor: Cursor): number | undefined {
  return /^[.,]\d/.test(cursor.rest) ? toNanoseconds(take(cursor, /^[.,]\d+/)) : undefined;
}

function toNanoseconds(fraction: string): number {
  return Number(fraction.slice(1, 10).padEnd(9, "0"));
}

function readOffset(cursor: Cursor, field: string): number {
  if (field[0] === "Z" && cursor.rest.startsWith("Z")) return Number(take(cursor, /^Z/)) || 0;
  const separator = field.includes(":") ? ":" : "";
  const count = field.replace(/\D/g, "").length / 2;
  const text = take(cursor, new RegExp(`^[+-]${Array(count).fill("\\d\\d").join(separator)}`));
  const [hours, minutes = 0, seconds = 0] = (text.match(/\d\d/g) ?? []).map(Number);
  if (hours > 24 || minutes > 60 || seconds > 60) throw bad(cursor, "a time zone offset");
  return (text[0] === "-" ? -1 : 1) * (hours * 3600 + minutes * 60 + seconds);
}

function dayOf({ year, month, day, dayOfYear }: Found): { month: number; day: number } {
  if (dayOfYear !== undefined) return fromDayOfYear({ year, month, day, dayOfYear });
  const date = { month: month ?? 1, day: day ?? 1 };
  const last = new Date(new Date(0).setUTCFullYear(year, date.month, 0)).getUTCDate();
  if (date.day < 1 || date.day > last) throw new BuiltinError("day out of range");
  return date;
}

function fromDayOfYear({ year, month, day, dayOfYear = 0 }: Partial<Found> & { year: number }) {
  const date = new Date(new Date(0).setUTCFullYear(year, 0, dayOfYear));
  if (date.getUTCFullYear() !== year) throw new BuiltinError("day-of-year out of range");
  const found = { month: date.getUTCMonth() + 1, day: date.getUTCDate() };
  if ((month ?? found.month) !== found.month || (day ?? found.day) !== found.day) {
    throw new BuiltinError("day-of-year does not match");
  }
  return found;
}

/** A run of spaces in the layout stands for any run of spaces. */
function skip(cursor: Cursor, literal: string): void {
  for (const part of literal.match(/ +|[^ ]+/g) ?? []) {
    if (part[0] === " " && (cursor.rest === "" || cursor.rest[0] === " ")) cursor.rest = cursor.rest.replace(/^ +/, "");
    else if (part[0] !== " " && cursor.rest.startsWith(part)) cursor.rest = cursor.rest.slice(part.length);
    else throw bad(cursor, part);
  }
}

function take(cursor: Cursor, pattern: RegExp): string {
  const found = pattern.exec(cursor.rest)?.[0];
  if (found === undefined) throw bad(cursor, pattern.source);
  cursor.rest = cursor.rest.slice(found.length);
  return found;
}

function within(cursor: Cursor, what: string, range: { pattern: RegExp; least?: number; most: number }): number {
  const number = Number(take(cursor, range.pattern));
  if (number < (range.least ?? 0) || number > range.most) throw new BuiltinError(`${what} out of range`);
  return number;
}

/** The index of the name that the text begins with, in any case. */
function name(cursor: Cursor, names: readonly string[]): number {
  const index = names.findIndex((name) => cursor.rest.slice(0, name.length).toLowerCase() === name.toLowerCase());
  if (index < 0) throw bad(cursor, "a name");
  cursor.rest = cursor.rest.slice(names[index].length);
  return index;
}

function bad({ rest }: Cursor, expected: string): BuiltinError {
  return new BuiltinError(`parsing time: cannot parse ${JSON.stringify(rest.slice(0, 100))} as ${expected}`);
}
