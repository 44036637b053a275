/** Named layouts that `time.format` and `time.parse_ns` take. Source: src/time/format.go of Go. */
export const NAMED_LAYOUTS: ReadonlyMap<string, string> = new Map([
  ["ANSIC", "Mon Jan _2 15:04:05 2006"],
  ["UnixDate", "Mon Jan _2 15:04:05 MST 2006"],
  ["RubyDate", "Mon Jan 02 15:04:05 -0700 2006"],
  ["RFC822", "02 Jan 06 15:04 MST"],
  ["RFC822Z", "02 Jan 06 15:04 -0700"],
  ["RFC850", "Monday, 02-Jan-06 15:04:05 MST"],
  ["RFC1123", "Mon, 02 Jan 2006 15:04:05 MST"],
  ["RFC1123Z", "Mon, 02 Jan 2006 15:04:05 -0700"],
  ["RFC3339", "2006-01-02T15:04:05Z07:00"],
  ["RFC3339Nano", "2006-01-02T15:04:05.999999999Z07:00"],
]);

export const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"] as const;

export const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
] as const;

/** A part of a layout: the text before a field, and the field as it stands in Go's reference time; empty at the end. */
export interface LayoutPart {
  readonly literal: string;
  readonly field: string;
}

/** In the order in which Go tries them where several begin alike. */
const FIELD = new RegExp(
  [
    "January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|0[1-6]|002|15|1|2006|2|_2(?!006)|__2|3|4|5|PM|pm",
    "-070000|-07:00:00|-0700|-07:00|-07|Z070000|Z07:00:00|Z0700|Z07:00|Z07|[.,](?:0+|9+)(?!\\d)",
  ].join("|"),
  "g",
);

/** Splits a layout of Go into its fields. The last part has no field. */
export function layoutParts(layout: string): LayoutPart[] {
  const parts: LayoutPart[] = [];
  let from = 0;
  for (const { 0: field, index } of layout.matchAll(FIELD)) {
    parts.push({ literal: layout.slice(from, index), field });
    from = index + field.length;
  }
  return [...parts, { literal: layout.slice(from), field: "" }];
}
