/**
 * A Rego value in JavaScript. An integer that a number cannot hold is a bigint; objects may have keys of any type, so
 * neither they nor sets are JavaScript's own.
 */
export type Value = null | boolean | number | bigint | string | readonly Value[] | RegoObject | RegoSet;

export interface Source {
  /** Whether no two keys or items are one in Rego: then nobody looks. Default false. */
  readonly distinct?: boolean;
}

type Entry = readonly [Value, Value];

/** An object of Rego, in the order it was written. Keys are compared by value. */
export class RegoObject {
  readonly #entries: readonly Entry[];
  #index: ReadonlyMap<string, Entry> | undefined;
  #sorted: { readonly keys: readonly Value[]; readonly values: readonly Value[] } | undefined;

  constructor(entries: Iterable<Entry> = [], { distinct = false }: Source = {}) {
    if (!distinct) this.#index = entriesByKey(entries);
    this.#entries = [...this.#index?.values() ?? entries];
  }

  get size(): number {
    return this.#entries.length;
  }

  get(key: Value): Value | undefined {
    this.#index ??= entriesByKey(this.#entries);
    return this.#index.get(canonical(key))?.[1];
  }

  entries(): Iterable<Entry> {
    return this.#entries;
  }

  /** Keys and values in Rego's order of the keys. */
  sorted(): { readonly keys: readonly Value[]; readonly values: readonly Value[] } {
    if (this.#sorted === undefined) {
      const entries = this.#entries.toSorted(([a], [b]) => compareValues(a, b));
      this.#sorted = { keys: entries.map(([key]) => key), values: entries.map(([, value]) => value) };
    }
    return this.#sorted;
  }
}

/** A set of Rego, without duplicates. */
export class RegoSet {
  readonly #items: readonly Value[];
  #index: ReadonlyMap<string, Value> | undefined;
  #sorted: readonly Value[] | undefined;

  constructor(items: Iterable<Value> = [], { distinct = false }: Source = {}) {
    if (!distinct) this.#index = itemsByKey(items);
    this.#items = [...this.#index?.values() ?? items];
  }

  get size(): number {
    return this.#items.length;
  }

  has(item: Value): boolean {
    this.#index ??= itemsByKey(this.#items);
    return this.#index.has(canonical(item));
  }

  items(): Iterable<Value> {
    return this.#items;
  }

  /** In Rego's order. */
  sorted(): readonly Value[] {
    this.#sorted ??= this.#items.toSorted(compareValues);
    return this.#sorted;
  }
}

function entriesByKey(entries: Iterable<Entry>): Map<string, Entry> {
  const byKey = new Map<string, Entry>();
  for (const [key, value] of entries) byKey.set(canonical(key), [key, value]);
  return byKey;
}

function itemsByKey(items: Iterable<Value>): Map<string, Value> {
  const byKey = new Map<string, Value>();
  for (const item of items) byKey.set(canonical(item), item);
  return byKey;
}

/** Whether two values are one in Rego. */
export function isEqual(a: Value, b: Value): boolean {
  return canonical(a) === canonical(b);
}

/** The same text for equal values. */
function canonical(value: Value): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value instanceof RegoSet) return `<${[...value.items()].map(canonical).sort().join(",")}>`;
  if (value instanceof RegoObject) {
    return `{${[...value.entries()].map(([key, inner]) => `${canonical(key)}:${canonical(inner)}`).sort().join(",")}}`;
  }
  return scalarText(value as null | boolean | number | bigint | string);
}

function scalarText(value: null | boolean | number | bigint | string): string {
  if (typeof value === "bigint") return String(value);
  if (typeof value === "number" && !Number.isFinite(value)) throw new RangeError(`Cannot hold the number ${value}`);
  return JSON.stringify(value);
}

/** A value as text: JSON, with `{1, 2}` and `set()` for sets, and keys of any type. */
export function formatValue(value: Value): string {
  if (Array.isArray(value)) return `[${value.map(formatValue).join(",")}]`;
  if (value instanceof RegoSet) {
    return value.size === 0 ? "set()" : `{${[...value.items()].map(formatValue).join(",")}}`;
  }
  if (value instanceof RegoObject) {
    return `{${[...value.entries()].map(([key, inner]) => `${formatValue(key)}:${formatValue(inner)}`).join(",")}}`;
  }
  return scalarText(value as null | boolean | number | bigint | string);
}

/** A JSON value of JavaScript. Throws for what JSON does not have. */
export function fromJson(json: unknown): Value {
  if (Array.isArray(json)) return json.map(fromJson);
  if (typeof json !== "object" || json === null) {
    if (["string", "number", "boolean", "bigint"].includes(typeof json) || json === null) return json as Value;
    throw new TypeError(`Cannot make a Rego value of ${typeof json}`);
  }
  return new RegoObject(Object.entries(json).map(([key, inner]) => [key, fromJson(inner)] as const));
}

const OWN = { enumerable: true, writable: true, configurable: true };

/** As OPA writes JSON: sets as lists in Rego's order, keys that are no strings as their text, bigints as numbers. */
export function toJson(value: Value): unknown {
  if (Array.isArray(value)) return value.map(toJson);
  if (value instanceof RegoSet) return value.sorted().map(toJson);
  if (!(value instanceof RegoObject)) return typeof value === "bigint" ? Number(value) : value;
  const json: Record<string, unknown> = {};
  for (const [key, inner] of value.entries()) {
    const name = typeof key === "string" ? key : JSON.stringify(toJson(key));
    if (name !== "__proto__") json[name] = toJson(inner);
    else Object.defineProperty(json, name, { value: toJson(inner), ...OWN });
  }
  return json;
}

/** The same for what is sent on. Throws a RangeError for an integer that JavaScript would round. */
export function exactJson(value: Value): unknown {
  return holdsBigint(value) ? refuseBigint() : toJson(value);
}

function holdsBigint(value: Value): boolean {
  if (Array.isArray(value)) return value.some(holdsBigint);
  if (value instanceof RegoSet) return [...value.items()].some(holdsBigint);
  if (value instanceof RegoObject) return [...value.entries()].some((entry) => entry.some(holdsBigint));
  return typeof value === "bigint";
}

function refuseBigint(): never {
  throw new RangeError("the answer holds an integer beyond 2^53, which would be rounded");
}

/** Rego's order: null, booleans, numbers, strings, arrays, objects, sets (v1/ast/compare.go of OPA). */
export function compareValues(a: Value, b: Value): number {
  const [rankA, rankB] = [rankOf(a), rankOf(b)];
  if (rankA !== rankB) return rankA - rankB;
  if (typeof a === "string") return compareStrings(a, b as string);
  if (typeof a === "number" || typeof a === "bigint") return a < (b as number) ? -1 : a > (b as number) ? 1 : 0;
  if (typeof a === "boolean") return Number(a) - Number(b);
  if (Array.isArray(a)) return compareLists(a, b as readonly Value[]);
  if (a instanceof RegoSet) return compareLists(a.sorted(), (b as RegoSet).sorted());
  return a instanceof RegoObject ? compareObjects(a, b as RegoObject) : 0;
}

function rankOf(value: Value): number {
  if (value === null) return 0;
  if (Array.isArray(value)) return 4;
  if (value instanceof RegoObject) return 5;
  if (value instanceof RegoSet) return 6;
  return typeof value === "boolean" ? 1 : typeof value === "string" ? 3 : 2;
}

/** By code points, which is the order of UTF-8 bytes. */
function compareStrings(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x !== y) return rankOfUnit(x) - rankOfUnit(y);
  }
  return a.length - b.length;
}

/** Surrogates stand for code points beyond all others. */
function rankOfUnit(unit: number): number {
  return unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit;
}

function compareLists(a: readonly Value[], b: readonly Value[]): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const order = compareValues(a[i], b[i]);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareObjects(a: RegoObject, b: RegoObject): number {
  const [x, y] = [a.sorted(), b.sorted()];
  return compareLists(x.keys, y.keys) || compareLists(x.values, y.values);
}
