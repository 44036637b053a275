import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Pair,
  parseAllDocuments,
  Scalar,
  type YAMLMap,
} from "yaml";
import { BuiltinError } from "../builtin.ts";
import { RegoObject, type Value } from "../value.ts";
import { resolveScalar } from "./yaml_scalar.ts";

const TAGS = "tag:yaml.org,2002:";
const TYPE_OF_TAG: Readonly<Record<string, (value: unknown) => boolean>> = {
  [`${TAGS}null`]: (value) => value === null,
  [`${TAGS}bool`]: (value) => typeof value === "boolean",
  [`${TAGS}int`]: (value) => typeof value === "bigint" || Number.isInteger(value),
  [`${TAGS}float`]: (value) => typeof value === "number",
};

/** The first of the documents; all must be well-formed. Without any: null. Throws BuiltinError. */
export function readYaml(text: string): Value {
  const [first] = parse(text);
  return first === undefined ? null : new Reader(first, text).value(first.contents);
}

function parse(text: string): Document[] {
  let documents: Document[];
  try {
    documents = [
      ...parseAllDocuments(text, { schema: "failsafe", uniqueKeys: false, logLevel: "silent", prettyErrors: false }),
    ];
  } catch (error) {
    // Nested deeper than the stack.
    if (error instanceof RangeError) throw new BuiltinError("yaml: exceeded max depth");
    throw error;
  }
  const wrong = documents.flatMap(({ errors }) => errors).at(0);
  if (wrong !== undefined) throw new BuiltinError(`yaml: ${wrong.message}`);
  return documents;
}

class Reader {
  readonly #document: Document;
  readonly #text: string;
  readonly #open = new Set<unknown>();
  #read = 0;
  #aliased = 0;
  #depthOfAliases = 0;

  constructor(document: Document, text: string) {
    this.#document = document;
    this.#text = text;
  }

  value(node: unknown): Value {
    this.#count();
    if (isAlias(node)) return this.#within(node.resolve(this.#document), (target) => this.#aliasedValue(target));
    if (isMap(node)) return this.#within(node, () => new RegoObject(this.#entries(node)));
    if (isSeq(node)) return this.#within(node, () => node.items.map((item) => this.value(item)));
    return isScalar(node) ? jsonNumber(this.#scalar(node)) : null;
  }

  #scalar(node: Scalar): null | boolean | number | bigint | string {
    const value = scalarValue(node);
    // The library adds the line break that a block at the end of the text lacks; Go does not.
    const isBlock = node.type === Scalar.BLOCK_FOLDED || node.type === Scalar.BLOCK_LITERAL;
    const isOpen = isBlock && (node.range?.[1] ?? 0) >= this.#text.length && !this.#text.endsWith("\n");
    return isOpen && typeof value === "string" ? value.replace(/\n$/, "") : value;
  }

  #aliasedValue(target: unknown): Value {
    if (target === undefined) throw new BuiltinError("yaml: unknown anchor");
    this.#depthOfAliases++;
    this.#open.delete(target);
    const value = this.value(target);
    this.#depthOfAliases--;
    return value;
  }

  /** An anchor must not hold itself. */
  #within<T, R>(node: T, read: (node: T) => R): R {
    if (this.#open.has(node)) throw new BuiltinError("yaml: anchor value contains itself");
    this.#open.add(node);
    const value = read(node);
    this.#open.delete(node);
    return value;
  }

  /** Own keys win over merged ones, and the earlier of the merged. Of a repeated key the last value counts. */
  #entries(map: YAMLMap): Map<string, Value> {
    const entries = new Map<string, Value>();
    const merged: unknown[] = [];
    for (const { key, value } of map.items) {
      if (isMergeKey(key)) merged.push(...(isSeq(value) ? value.items : [value]));
      else entries.set(keyText(this.value(key)), this.value(value));
    }
    for (const source of merged) {
      const value = isMap(source) || isAlias(source) ? this.value(source) : null;
      if (!(value instanceof RegoObject)) throw new BuiltinError("yaml: map merge requires map or sequence of maps");
      for (const [key, inner] of value.entries()) if (!entries.has(key as string)) entries.set(key as string, inner);
    }
    return entries;
  }

  /** Of a small text nearly all may come by aliases, of a huge one little. Source: decode.go of go.yaml.in/yaml/v3. */
  #count(): void {
    this.#read++;
    if (this.#depthOfAliases > 0) this.#aliased++;
    const share = 0.99 - 0.89 * Math.min(Math.max((this.#read - 400_000) / 3_600_000, 0), 1);
    if (this.#aliased > 100 && this.#read > 1000 && this.#aliased / this.#read > share) {
      throw new BuiltinError("yaml: document contains excessive aliasing");
    }
  }
}

function isMergeKey(key: Pair["key"]): boolean {
  return isScalar(key) && key.value === "<<" && (key.type === Scalar.PLAIN || key.tag === `${TAGS}merge`);
}

function scalarValue({ source: text = "", tag: given, type }: Scalar): null | boolean | number | bigint | string {
  const tag = given === "!" ? undefined : given;
  const accepts = tag === undefined ? undefined : TYPE_OF_TAG[tag];
  if (tag === `${TAGS}binary`) return binary(text);
  if (tag === undefined ? type !== Scalar.PLAIN : accepts === undefined) return text;
  const resolved = resolveScalar(text);
  if (accepts !== undefined && !accepts(resolved)) throw new BuiltinError(`yaml: cannot decode as a ${tag}`);
  return resolved;
}

function binary(text: string): string {
  try {
    return new TextDecoder().decode(Uint8Array.fromBase64(text));
  } catch (error) {
    if (error instanceof SyntaxError) throw new BuiltinError("yaml: !!binary value contains invalid base64 data");
    throw error;
  }
}

function jsonNumber(value: null | boolean | number | bigint | string): Value {
  if (typeof value !== "number" || Number.isFinite(value)) return value;
  throw new BuiltinError(`json: unsupported value: ${value}`);
}

function keyText(key: Value): string {
  if (key !== null && typeof key !== "object") return String(key);
  throw new BuiltinError("yaml: unsupported map key");
}
