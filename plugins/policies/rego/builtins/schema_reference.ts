import { BuiltinError } from "../builtin.ts";
import { RegoObject, type Value } from "../value.ts";

/** Members that are named by the author, and so are no keywords. */
const NAMED = new Set<Value>(["properties", "dependencies", "patternProperties"]);
const LITERAL = new Set<Value>(["const", "enum"]);

/** Where the references of a schema lead. Source: schemaPool.go of gojsonschema. */
export class SchemaReferences {
  readonly #documents = new Map<string, Value>();
  readonly #targets = new Map<RegoObject, string>();

  /** Throws BuiltinError when two schemas have the same identifier. */
  constructor(root: Value) {
    this.#documents.set("", root);
    this.#collect(root, "");
  }

  /** The schema that a `$ref` means. Throws BuiltinError when there is none in the document. */
  target(schema: RegoObject): Value {
    const uri = this.#targets.get(schema) ?? String(schema.get("$ref"));
    const known = this.#documents.get(uri);
    if (known !== undefined) return known;
    const [base, fragment = ""] = uri.split("#");
    const document = this.#documents.get(base);
    if (document === undefined) throw new BuiltinError(`Reference ${uri} must be canonical`);
    return follow(document, fragment);
  }

  #collect(node: Value, base: string): void {
    if (Array.isArray(node)) { for (const item of node) this.#collect(item, base); }
    if (!(node instanceof RegoObject)) return;
    const uri = this.#identify(node, base);
    const reference = node.get("$ref");
    if (typeof reference === "string") this.#targets.set(node, resolve(uri, reference));
    for (const [key, value] of node.entries()) {
      if (LITERAL.has(key)) continue;
      const inner = NAMED.has(key) && value instanceof RegoObject
        ? [...value.entries()].map(([, item]) => item)
        : [value];
      for (const item of inner) this.#collect(item, uri);
    }
  }

  #identify(node: RegoObject, base: string): string {
    const id = node.get("id") ?? node.get("$id");
    if (typeof id !== "string") return base;
    const uri = resolve(base, id);
    if (uri !== "" && this.#documents.has(uri)) throw new BuiltinError(`Reference already exists: "${uri}"`);
    if (uri !== "") this.#documents.set(uri, node);
    return uri;
  }
}

function resolve(base: string, reference: string): string {
  const uri = URL.parse(reference, URL.canParse(base) ? base : undefined)?.href ??
    (reference.startsWith("#") ? base.replace(/#.*$/s, "") + reference : reference);
  return uri.replace(/#$/, "");
}

function follow(document: Value, fragment: string): Value {
  if (fragment !== "" && !fragment.startsWith("/")) {
    throw new BuiltinError("JSON pointer must be empty or start with a /");
  }
  const tokens = fragment === "" ? [] : fragment.slice(1).split("/");
  return tokens.map(unescape).reduce((node, token) => {
    const next = Array.isArray(node)
      ? (node as readonly Value[])[Number(token)]
      : node instanceof RegoObject
      ? node.get(token)
      : undefined;
    if (next === undefined) throw new BuiltinError(`Object has no key '${token}'`);
    return next;
  }, document);
}

function unescape(token: string): string {
  const text = token.replaceAll("~1", "/").replaceAll("~0", "~");
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}
