import { array, BuiltinError, text } from "../builtin.ts";
import { RegoObject, type Value } from "../value.ts";
import { fromBase64Url, fromUtf8, utf8 } from "./binary_text.ts";
import { parseJson } from "./json_parse.ts";

/** The three parts of a token in the compact form of RFC 7515, 3.1, as they were sent. */
export interface Token {
  readonly header: string;
  readonly payload: string;
  readonly signature: string;
}

/** The header's fields that OPA knows (RFC 7515, 4.1); empty where it lacks one. */
export interface TokenHeader {
  readonly fields: RegoObject;
  readonly alg: string;
  readonly kid: string;
  readonly cty: string;
  /** Whether a field that is marked critical is not known. */
  readonly hasUnknownCritical: boolean;
}

/** Throws BuiltinError. */
export function splitToken(value: Value): Token {
  const parts = text(value, 1).split(".");
  if (parts.length !== 3) throw new BuiltinError(`encoded JWT must have 3 sections, found ${parts.length}`);
  const [header, payload, signature] = parts;
  return { header, payload, signature };
}

/** Any object. Throws BuiltinError, also for a token that is encrypted. */
export function headerOf({ header }: Token): RegoObject {
  const fields = jsonObject(fromUtf8(fromBase64Url(header)));
  if (fields.get("enc") !== undefined) throw new BuiltinError("JWT is a JWE object, which is not supported");
  return fields;
}

/** Throws BuiltinError for a known field of another type. */
export function readHeader(token: Token): TokenHeader {
  const fields = headerOf(token);
  const names = [...fields.entries()].map(([name]) => name);
  const unknown = names.filter((name) => !KNOWN.includes(name));
  const critical = fields.get("crit");
  const marked = critical === undefined ? [] : criticalFields(critical);
  const [alg, kid, cty] = ["alg", "kid", "cty", "typ"].map((name) => textField(fields, name));
  return { fields, alg, kid, cty, hasUnknownCritical: unknown.some((name) => marked.includes(name)) };
}

export function payloadText({ payload }: Token): string {
  return fromUtf8(fromBase64Url(payload));
}

export function signatureBytes({ signature }: Token): Uint8Array {
  return fromBase64Url(signature);
}

/** What the signature is of. */
export function signedBytes({ header, payload }: Token): Uint8Array {
  return utf8(`${header}.${payload}`);
}

/** Throws BuiltinError for any other JSON. */
export function jsonObject(json: string): RegoObject {
  const value = parseJson(json);
  if (!(value instanceof RegoObject)) throw new BuiltinError("decoded JSON type was not an Object");
  return value;
}

const KNOWN: readonly Value[] = ["alg", "kid", "typ", "cty", "crit"];

/** Those before the first that is not a text: Go stops there, and drops its own error. */
function criticalFields(value: Value): Value[] {
  const names = array(value, 1);
  const end = names.findIndex((name) => typeof name !== "string");
  const marked = names.slice(0, end === -1 ? undefined : end);
  if (marked.length === 0) throw new BuiltinError("crit: must be a nonempty list");
  return marked;
}

function textField(fields: RegoObject, name: string): string {
  const value = fields.get(name) ?? "";
  if (fields.get(name) === null || typeof value !== "string") throw new BuiltinError(`${name}: must be a string`);
  return value;
}
