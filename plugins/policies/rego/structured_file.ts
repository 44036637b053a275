import { Buffer } from "node:buffer";
import { createScanner, type JSONScanner } from "jsonc-parser";
import { parse } from "yaml";

/** The files of a bundle whose value is signed, not their bytes (`IsStructuredDoc` in v1/bundle/bundle.go of OPA). */
export function isStructured(name: string): boolean {
  return /(^|\/)(data\.json|data\.ya?ml|\.manifest)$/.test(name);
}

/**
 * What OPA hashes of a structured file (v1/bundle/hash.go): JSON without white space, keys in the order of their
 * bytes, numbers as they were written. Stricter than OPA, so that no other reader can see another value: duplicate
 * keys, a byte-order mark, what is no UTF-8 and half surrogate pairs are refused.
 */
export function canonicalJson(name: string, bytes: Uint8Array): string {
  const written = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  const text = /\.ya?ml$/.test(name) && !isJson(written) ? jsonOfYaml(written) : written;
  JSON.parse(text);
  const tokens = new Tokens(text);
  tokens.next();
  return canonical(tokens);
}

/** The tokens of a text that is known to be JSON. */
class Tokens {
  readonly #text: string;
  readonly #scanner: JSONScanner;

  constructor(text: string) {
    this.#text = text;
    this.#scanner = createScanner(text, true);
  }

  /** The next token's first character. */
  next(): string {
    this.#scanner.scan();
    return this.first;
  }

  get first(): string {
    return this.#text[this.#scanner.getTokenOffset()];
  }

  /** What a string stands for, or else the token as it is written. */
  get value(): string {
    return this.#scanner.getTokenValue();
  }
}

/** Of the value that begins at the token: leaves its last token to be passed over. */
function canonical(tokens: Tokens): string {
  switch (tokens.first) {
    case "{":
      return canonicalObject(tokens);
    case "[":
      return canonicalArray(tokens);
    case '"':
      return goString(tokens.value);
    default:
      return tokens.value;
  }
}

function canonicalArray(tokens: Tokens): string {
  const items: string[] = [];
  while (tokens.next() !== "]") {
    if (tokens.first !== ",") items.push(canonical(tokens));
  }
  return `[${items.join(",")}]`;
}

function canonicalObject(tokens: Tokens): string {
  const members = new Map<string, string>();
  while (tokens.next() !== "}") {
    if (tokens.first === ",") continue;
    const key = tokens.value;
    if (members.has(key)) throw new SyntaxError(`duplicate key ${JSON.stringify(key)}`);
    tokens.next();
    tokens.next();
    members.set(key, canonical(tokens));
  }
  const keys = inByteOrder([...members.keys()]);
  return `{${keys.map((key) => `${goString(key)}:${members.get(key)}`).join(",")}}`;
}

/** The order of UTF-8, which is that of UTF-16 where there are no surrogates. */
function inByteOrder(keys: string[]): string[] {
  if (!keys.some((key) => /[\ud800-\udfff]/.test(key))) return keys.sort();
  return keys.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

/** As Go's encoder writes a string without escaping HTML. */
function goString(text: string): string {
  if (!text.isWellFormed()) throw new SyntaxError("half a surrogate pair in a string");
  return JSON.stringify(text).replace(/[\u2028\u2029]/g, (found) => `\\u${found.charCodeAt(0).toString(16)}`);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Not in TypeScript's library yet (ECMAScript, JSON.parse source text access). */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

/** As OPA turns YAML into JSON (internal/yaml): integers of 64 bits are exact, other numbers are floats. */
function jsonOfYaml(text: string): string {
  const value = parse(text, { intAsBigInt: true, merge: true, maxAliasCount: 100, logLevel: "error" });
  return JSON.stringify(value, (_key, inner) => {
    if (typeof inner === "bigint") return isExact(inner) ? rawJSON(String(inner)) : Number(inner);
    if (typeof inner === "number" && !Number.isFinite(inner)) throw new RangeError(`${inner} is not JSON`);
    return inner;
  });
}

function isExact(integer: bigint): boolean {
  return integer >= -(2n ** 63n) && integer < 2n ** 64n;
}
