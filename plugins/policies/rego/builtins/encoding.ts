import { BuiltinError, type Builtins, object, text } from "../builtin.ts";
import { compareValues, RegoObject, toJson } from "../value.ts";
import { fromUtf8, toBase64Url, utf8 } from "./binary_text.ts";
import { parseUrl } from "./go_url.ts";

/** What OPA leaves to the host of topdown/encoding.go, and topdown/uri.go. */
export const encodingBuiltins: Builtins = {
  "base64url.encode_no_pad": ([plain]) => toBase64Url(utf8(text(plain, 1))),
  "hex.encode": ([plain]) => utf8(text(plain, 1)).toHex(),
  "hex.decode": ([digits]) => decodeHex(text(digits, 1)),
  "urlquery.encode": ([plain]) => escapeQuery(text(plain, 1)),
  "urlquery.decode": ([escaped]) => unescapeQuery(text(escaped, 1)),
  "urlquery.encode_object": ([values]) => encodeObject(object(values, 1)),
  "urlquery.decode_object": ([query]) => decodeObject(text(query, 1)),
  "uri.parse": ([uri]) => parseUri(text(uri, 1)),
  "uri.is_valid": ([uri]) => typeof uri === "string" && isUri(uri),
};

function decodeHex(digits: string): string {
  if (!/^(?:[\da-f]{2})*$/i.test(digits)) throw new BuiltinError("illegal hexadecimal text");
  return fromUtf8(Uint8Array.fromHex(digits));
}

/** Go's url.QueryEscape. */
export function escapeQuery(plain: string): string {
  return encodeURIComponent(plain.toWellFormed())
    .replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%20", "+");
}

/** Go's url.QueryUnescape. */
function unescapeQuery(escaped: string): string {
  if (/%(?![\da-f]{2})/i.test(escaped)) throw new BuiltinError("invalid URL escape");
  const source = utf8(escaped.replaceAll("+", " "));
  const bytes: number[] = [];
  for (let i = 0; i < source.length; i++) {
    const isEscape = source[i] === 0x25;
    bytes.push(isEscape ? Number.parseInt(String.fromCharCode(source[i + 1], source[i + 2]), 16) : source[i]);
    if (isEscape) i += 2;
  }
  return fromUtf8(Uint8Array.from(bytes));
}

/** Sorted by name; a name with several values stands once for each. */
function encodeObject(values: RegoObject): string {
  const entries = Object.entries(toJson(values) as Record<string, unknown>);
  return entries.toSorted(([a], [b]) => compareValues(a, b)).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((item) => {
      if (typeof item !== "string") {
        throw new BuiltinError("operand 1 values must be string, array[string], or set[string]");
      }
      return `${escapeQuery(name)}=${escapeQuery(item)}`;
    })
  ).join("&");
}

/** Go's limit. */
const MOST_PARAMETERS = 10_000;

function decodeObject(query: string): RegoObject {
  const parameters = query.split("&");
  if (parameters.length > MOST_PARAMETERS) throw new BuiltinError("number of URL query parameters exceeded limit");
  if (query.includes(";")) throw new BuiltinError("invalid semicolon separator in query");
  const values = new Map<string, string[]>();
  for (const parameter of parameters) {
    if (parameter === "") continue;
    const [name, ...rest] = parameter.split("=");
    const key = unescapeQuery(name);
    const list = values.get(key) ?? [];
    list.push(unescapeQuery(rest.join("=")));
    values.set(key, list);
  }
  return new RegoObject(values);
}

function parseUri(uri: string): RegoObject {
  const { Scheme, Host, Path, RawPath, RawQuery, Fragment } = parseUrl(uri).url;
  const [, host, port = ""] = /^([^]*?)(?::(\d*))?$/.exec(Host)!;
  const parts = {
    scheme: Scheme,
    hostname: host.replace(/^\[([^]*)\]$/, "$1"),
    port,
    path: Path,
    raw_path: Path && (RawPath || Path),
    raw_query: RawQuery,
    fragment: Fragment,
  };
  return new RegoObject(Object.entries(parts).filter(([, part]) => part !== ""));
}

/** The empty text is a reference to itself (RFC 3986), but no URI to OPA. */
function isUri(uri: string): boolean {
  if (uri === "") return false;
  try {
    parseUrl(uri);
    return true;
  } catch (error) {
    if (error instanceof BuiltinError) return false;
    throw error;
  }
}
