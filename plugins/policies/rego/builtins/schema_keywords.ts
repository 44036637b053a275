import { RegoObject, type Value } from "../value.ts";
import { formatFloat } from "./go_number.ts";
import { formatJson } from "./json_text.ts";
import type { CompiledSchema } from "./schema_compile.ts";
import { hasFormat } from "./schema_format.ts";
import { isMultiple } from "./schema_number.ts";
import { entriesOf, listOf } from "./schema_node.ts";
import { best, type Place, within } from "./schema_result.ts";
import type { Validator } from "./schema_validate.ts";

interface Judged extends Place {
  readonly schema: RegoObject;
  readonly value: Value;
}

/** The keywords for arrays and for objects, but `properties`. */
export function checkCollection(validator: Validator, judged: Judged): void {
  if (Array.isArray(judged.value)) checkArray(validator, judged, judged.value);
  if (judged.value instanceof RegoObject) checkObject(validator, judged, judged.value);
}

function checkArray(validator: Validator, { schema, result, field }: Judged, items: readonly Value[]): void {
  const given = schema.get("items");
  const rest = Array.isArray(given) ? schema.get("additionalItems") : given;
  for (const [index, item] of items.entries()) {
    const inner = Array.isArray(given) && index < given.length ? given[index] as Value : rest;
    if (inner === undefined || (Array.isArray(given) && index >= given.length && inner === false)) continue;
    result.merge(validator.result(inner, item, within(field, index)));
  }
  if (Array.isArray(given) && given.length > 0 && given.length < items.length && rest === false) {
    result.add(field, ["array_no_additional_items", "No additional items allowed on array"]);
  }
  const [least, most] = [sizeOf(schema, "minItems"), sizeOf(schema, "maxItems")];
  if (least !== undefined && items.length < least) {
    result.add(field, ["array_min_items", `Array must have at least ${least} items`]);
  }
  if (most !== undefined && items.length > most) {
    result.add(field, ["array_max_items", `Array must have at most ${most} items`]);
  }
  if (schema.get("uniqueItems") === true) checkUnique({ result, field }, items);
  checkContains(validator, { schema, value: items, result, field }, items);
  result.score++;
}

function checkUnique({ result, field }: Place, items: readonly Value[]): void {
  const seen = new Map<string, number>();
  for (const [index, item] of items.entries()) {
    const text = literalText(item);
    const other = seen.get(text);
    if (other !== undefined) result.add(field, ["unique", `array items[${other},${index}] must be unique`]);
    seen.set(text, index);
  }
}

function checkContains(validator: Validator, { schema, result, field }: Judged, items: readonly Value[]): void {
  const contains = schema.get("contains");
  if (contains === undefined || validator.compiled.draft < 6) return;
  const results = items.map((item, index) => validator.result(contains, item, within(field, index)));
  if (results.some(({ isValid }) => isValid)) return;
  result.add(field, ["contains", "At least one of the items must match"]);
  result.merge(best(results));
}

function checkObject(validator: Validator, judged: Judged, object: RegoObject): void {
  const { schema, result, field } = judged;
  const [least, most] = [sizeOf(schema, "minProperties"), sizeOf(schema, "maxProperties")];
  if (least !== undefined && object.size < least) {
    result.add(field, ["array_min_properties", `Must have at least ${least} properties`]);
  }
  if (most !== undefined && object.size > most) {
    result.add(field, ["array_max_properties", `Must have at most ${most} properties`]);
  }
  for (const name of listOf(schema.get("required"))) {
    if (object.get(name) === undefined) result.add(field, ["required", `${name} is required`]);
    else result.score++;
  }
  for (const entry of object.entries()) checkMember(validator, judged, entry);
  const names = schema.get("propertyNames");
  for (const [name] of names === undefined || validator.compiled.draft < 6 ? [] : object.entries()) {
    const inner = validator.result(names!, name, field);
    if (inner.isValid) continue;
    result.add(field, ["invalid_property_name", `Property name of "${name}" does not match`]);
    result.merge(inner);
  }
  result.score++;
}

/** By `patternProperties`, and by `additionalProperties` when nothing else describes it. */
function checkMember(validator: Validator, { schema, result, field }: Judged, [name, value]: readonly [Value, Value]) {
  const { patterns } = validator.compiled;
  const matching = entriesOf(schema.get("patternProperties"))
    .filter(([pattern]) => patterns.get(pattern as string)?.matcher(name as string).find());
  for (const [, inner] of matching) result.merge(validator.result(inner, value, within(field, name)));
  if (matching.length > 0) result.score++;
  const properties = schema.get("properties");
  if (matching.length > 0 || (properties instanceof RegoObject && properties.get(name) !== undefined)) return;
  const additional = schema.get("additionalProperties");
  if (additional === false) {
    result.add(field, ["additional_property_not_allowed", `Additional property ${name} is not allowed`]);
  } else if (additional instanceof RegoObject) {
    result.merge(validator.result(additional, value, within(field, name)));
  }
}

/** The keywords for numbers, for texts and for all. */
export function checkScalar(compiled: CompiledSchema, judged: Judged): void {
  const { schema, value, result, field } = judged;
  if (typeof value === "number" || typeof value === "bigint") checkNumber(judged, value);
  const constant = schema.get("const");
  if (constant !== undefined && compiled.draft >= 6 && literalText(constant) !== literalText(value)) {
    result.add(field, ["const", `${field} does not match: ${literalText(constant)}`]);
  }
  const allowed = schema.get("enum");
  if (allowed !== undefined) {
    const texts = listOf(allowed).map(literalText);
    if (!texts.includes(literalText(value))) {
      result.add(field, ["enum", `${field} must be one of the following: ${texts.join(", ")}`]);
    }
  }
  const format = schema.get("format");
  if (typeof format === "string" && typeof value === "string" && !hasFormat(format, value)) {
    result.add(field, ["format", `Does not match format '${format}'`]);
  }
  result.score++;
  if (typeof value === "string") checkText(compiled, judged, value);
}

function checkText({ patterns }: CompiledSchema, { schema, result, field }: Judged, text: string): void {
  const length = [...text].length;
  const [least, most] = [sizeOf(schema, "minLength"), sizeOf(schema, "maxLength")];
  if (least !== undefined && length < least) {
    result.add(field, ["string_gte", `String length must be greater than or equal to ${least}`]);
  }
  if (most !== undefined && length > most) {
    result.add(field, ["string_lte", `String length must be less than or equal to ${most}`]);
  }
  const pattern = schema.get("pattern");
  if (typeof pattern === "string" && !patterns.get(pattern)?.matcher(text).find()) {
    result.add(field, ["pattern", `Does not match pattern '${pattern}'`]);
  }
  result.score++;
}

function checkNumber({ schema, result, field }: Judged, value: number | bigint): void {
  const multiple = schema.get("multipleOf") as number | bigint | undefined;
  if (multiple !== undefined && !isMultiple(value, multiple)) {
    result.add(field, ["multiple_of", `Must be a multiple of ${formatFloat(Number(multiple))}`]);
  }
  const upper = limits(schema, "maximum", "exclusiveMaximum");
  if (upper.inclusive !== undefined && value > upper.inclusive) {
    result.add(field, ["number_lte", `Must be less than or equal to ${formatFloat(Number(upper.inclusive))}`]);
  }
  if (upper.exclusive !== undefined && value >= upper.exclusive) {
    result.add(field, ["number_lt", `Must be less than ${formatFloat(Number(upper.exclusive))}`]);
  }
  const lower = limits(schema, "minimum", "exclusiveMinimum");
  if (lower.inclusive !== undefined && value < lower.inclusive) {
    result.add(field, ["number_gte", `Must be greater than or equal to ${formatFloat(Number(lower.inclusive))}`]);
  }
  if (lower.exclusive !== undefined && value <= lower.exclusive) {
    result.add(field, ["number_gt", `Must be greater than ${formatFloat(Number(lower.exclusive))}`]);
  }
  result.score++;
}

function sizeOf(schema: RegoObject, key: string): number | undefined {
  const size = schema.get(key);
  return size === undefined ? undefined : Number(size);
}

/** In draft 4 the exclusive limit is a boolean beside the other one. */
function limits(schema: RegoObject, limit: string, exclusive: string) {
  const [inclusive, flag] = [schema.get(limit), schema.get(exclusive)] as (number | bigint | undefined)[];
  if ((flag as unknown) === true) return { exclusive: inclusive };
  return { inclusive, exclusive: (flag as unknown) === false ? undefined : flag };
}

/** The same text for equal values, with numbers as 64-bit floats. */
function literalText(value: Value): string {
  return formatJson(toFloats(value));
}

function toFloats(value: Value): Value {
  if (typeof value === "bigint") return Number(value);
  if (Array.isArray(value)) return value.map(toFloats);
  return value instanceof RegoObject
    ? new RegoObject([...value.entries()].map(([key, inner]) => [key, toFloats(inner)] as const))
    : value;
}
