import { BuiltinError } from "../builtin.ts";
import { fromUtf8, utf8 } from "./binary_text.ts";
import { escapeQuery } from "./encoding.ts";
import { type Argument, formatArgument } from "./go_format.ts";
import { isPrintable } from "./go_text.ts";
import { formatText } from "./sprintf.ts";

/** A value of a template; undefined is what a map does not have. */
export type Datum = Argument | undefined;

const NIL: Argument = { type: "<nil>", value: null };
const PLAIN = { minus: false, plus: false, sharp: false, space: false, zero: false, literal: false };

const FUNCTIONS: Readonly<Record<string, (operands: readonly Datum[]) => Datum>> = {
  not: (operands) => truth(!isTrue(only(operands))),
  len: (operands) => integer(lengthOf(only(operands))),
  index: ([item, ...keys]) => keys.reduce(element, present(item)),
  slice: ([item, ...bounds]) => slice(present(item), bounds),
  print: (operands) => string(print(operands.map(orNil))),
  println: (operands) => string(`${operands.map((operand) => plain(orNil(operand))).join(" ")}\n`),
  printf: ([format, ...operands]) => {
    if (format?.type !== "string") throw new BuiltinError("template: printf wants a string");
    return string(formatText(format.value, operands.map(orNil)));
  },
  html: (operands) => string(shown(operands).replace(/[\0"'&<>]/g, (mark) => HTML[mark])),
  js: (operands) => string(shown(operands).replace(/[^ !#-%(-;?-[\]-\x7f]/gu, escapeJs)),
  urlquery: (operands) => string(escapeQuery(shown(operands))),
  eq: (operands) => truth(isEqual(operands)),
  ne: (operands) => truth(!isEqual(pair(operands))),
  lt: (operands) => truth(isLess(operands)),
  le: (operands) => truth(isLess(operands) || isEqual(operands)),
  gt: (operands) => truth(!(isLess(operands) || isEqual(operands))),
  ge: (operands) => truth(!isLess(operands)),
};

/** `and` and `or` are no functions, as they do not always evaluate their operands; nothing can be called. */
export const FUNCTION_NAMES: ReadonlySet<string> = new Set([...Object.keys(FUNCTIONS), "and", "or", "call"]);

/** A function of Go's text/template. Throws BuiltinError. */
export function callFunction(name: string, operands: readonly Datum[]): Datum {
  if (!Object.hasOwn(FUNCTIONS, name)) throw new BuiltinError(`template: cannot call ${name}`);
  return FUNCTIONS[name](operands);
}

/** Whether `if` takes a value as true: neither empty nor zero. */
export function isTrue(datum: Datum): boolean {
  if (datum === undefined) return false;
  if (datum.type === "[]interface {}") return datum.value.length > 0;
  return datum.type === "map[string]interface {}" ? datum.value.size > 0 : Boolean(datum.value);
}

/** A value as an action writes it. */
export function plain(datum: Datum): string {
  return datum === undefined ? "<no value>" : formatArgument(datum, "v", PLAIN);
}

/** As fmt.Sprint: a blank between two operands that are no strings. */
function print(operands: readonly Argument[]): string {
  const isString = ({ value }: Argument) => typeof value === "string";
  return operands.map((operand, i) =>
    (i > 0 && !isString(operand) && !isString(operands[i - 1]) ? " " : "") + plain(operand)
  ).join("");
}

function shown(operands: readonly Datum[]): string {
  return print(
    operands.map((operand) => operand === undefined || operand.value === null ? string("<no value>") : operand),
  );
}

const HTML: Readonly<Record<string, string>> = {
  "\0": "\ufffd",
  '"': "&#34;",
  "'": "&#39;",
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
};

function escapeJs(mark: string): string {
  if ("\\'\"".includes(mark)) return `\\${mark}`;
  if (mark >= "\x80" && isPrintable(mark)) return mark;
  return `\\u${mark.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`;
}

function lengthOf(item: Datum): number {
  if (item?.type === "[]interface {}") return item.value.length;
  if (item?.type === "map[string]interface {}") return item.value.size;
  if (typeof item?.value === "string") return utf8(item.value).length;
  throw new BuiltinError("template: len of what has no length");
}

function element(item: Datum, key: Datum): Datum {
  if (item?.type === "map[string]interface {}") {
    if (key?.type !== "string") throw new BuiltinError("template: index of a map must be a string");
    return item.value.get(key.value) ?? NIL;
  }
  const length = item?.type === "[]interface {}" ? item.value.length : lengthOf(string(textOf(item)));
  const index = indexOf(key, length - 1);
  return item?.type === "[]interface {}" ? item.value[index] : integer(utf8(textOf(item))[index]);
}

function slice(item: Argument, bounds: readonly Datum[]): Argument {
  const isList = item.type === "[]interface {}";
  if (bounds.length > (isList ? 3 : 2)) throw new BuiltinError("template: too many slice indexes");
  const length = isList ? item.value.length : lengthOf(string(textOf(item)));
  const [start = 0, end = length, limit = end] = bounds.map((bound) => indexOf(bound, length));
  if (start > end || end > limit) throw new BuiltinError("template: invalid slice index");
  if (isList) return { ...item, value: item.value.slice(start, end) };
  return { ...item, value: fromUtf8(utf8(textOf(item)).subarray(start, end)) } as Argument;
}

function textOf(item: Datum): string {
  if (typeof item?.value === "string") return item.value;
  throw new BuiltinError("template: can't index that");
}

function indexOf(key: Datum, last: number): number {
  if (key?.type !== "int" || key.value < 0n || key.value > last) throw new BuiltinError("template: index out of range");
  return Number(key.value);
}

/** Whether the first equals one of the others. */
function isEqual([first, ...others]: readonly Datum[]): boolean {
  if (others.length === 0) throw new BuiltinError("template: missing argument for comparison");
  return others.some((other) => areEqual(first, other));
}

function areEqual(a: Datum, b: Datum): boolean {
  const [isNilA, isNilB] = [a, b].map((datum) => (datum?.value ?? null) === null);
  if (isNilA || isNilB) return isNilA && isNilB;
  const [kindA, kindB] = [typeof a!.value, typeof b!.value];
  if (kindA !== kindB || kindA === "object") throw new BuiltinError("template: incompatible types for comparison");
  return a!.value === b!.value;
}

function isLess(operands: readonly Datum[]): boolean {
  const [a, b] = pair(operands).map((datum) => datum?.value ?? null);
  const kinds = ["bigint", "number", "string"];
  if (typeof a !== typeof b || !kinds.includes(typeof a)) {
    throw new BuiltinError("template: incompatible types for comparison");
  }
  return (a as string) < (b as string);
}

function pair(operands: readonly Datum[]): readonly Datum[] {
  if (operands.length !== 2) throw new BuiltinError("template: wrong number of arguments");
  return operands;
}

function only(operands: readonly Datum[]): Datum {
  if (operands.length !== 1) throw new BuiltinError("template: wrong number of arguments");
  return operands[0];
}

function present(datum: Datum): Argument {
  if (datum === undefined || datum.value === null) throw new BuiltinError("template: index of untyped nil");
  return datum;
}

function orNil(datum: Datum): Argument {
  return datum ?? NIL;
}

function string(value: string): Argument {
  return { type: "string", value };
}

function integer(value: number): Argument {
  return { type: "int", value: BigInt(value) };
}

function truth(value: boolean): Argument {
  return { type: "bool", value };
}
