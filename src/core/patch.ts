import jsonpatch from "fast-json-patch";
import type { Fields, PatchOperation } from "../contract.ts";
import { clone } from "./freeze.ts";
import { isAbsent } from "./malformed.ts";

/** The object after the operations, unfrozen. Throws when one does not apply, or is not add, remove or replace. */
export function apply(object: Fields, operations: readonly PatchOperation[]): Fields {
  return applyTo(clone(object), operations);
}

function applyTo(draft: Fields, operations: readonly PatchOperation[]): Fields {
  try {
    return jsonpatch.applyPatch(draft, clone(operations) as jsonpatch.Operation[], true).newDocument;
  } catch (error) {
    // The library's own message holds the whole object, which is not for the log.
    const { op, path } = operations.at(-1)!;
    throw new RangeError(`Cannot ${op} at "${path}": ${(error as Error).name}`);
  }
}

/**
 * Applies an operation to an unfrozen object, in place, after those that create the parents it needs; returns them
 * all. Throws when it does not apply, or is of the object as a whole.
 */
export function applyWithParents(draft: Fields, operation: PatchOperation): PatchOperation[] {
  if (operation.path === "") throw new RangeError(`Cannot ${operation.op} the whole object`);
  const operations = [...missingParents(draft, operation), operation];
  applyTo(draft, operations);
  return operations;
}

/** fast-json-patch also takes others, such as an empty one; the API server does not. */
const INDEX = /^(-|0|[1-9]\d*)$/;

/** A missing parent of an `add` is a list before `-`, else an object. */
function missingParents(object: Fields, { op, path }: PatchOperation): PatchOperation[] {
  const parents: PatchOperation[] = [];
  const tokens = tokensOf(path);
  let node: unknown = object;
  for (const [i, token] of tokens.entries()) {
    if (Array.isArray(node) && !INDEX.test(token)) throw new RangeError(`Cannot ${op} at "${path}": no list index`);
    node = childOf(node, token);
    if (op !== "add" || i === tokens.length - 1 || !isAbsent(node)) continue;
    node = tokens[i + 1] === "-" ? [] : {};
    parents.push({ op, path: tokens.slice(0, i + 1).map((step) => `/${escapeToken(step)}`).join(""), value: node });
  }
  return parents;
}

function childOf(node: unknown, token: string): unknown {
  if (typeof node !== "object" || node === null || !Object.hasOwn(node, token)) return undefined;
  return (node as Record<string, unknown>)[token];
}

/** Reads a JSON Pointer (RFC 6901). Throws for text that is none. */
export function tokensOf(pointer: string): string[] {
  if (pointer === "") return [];
  if (!pointer.startsWith("/") || /~(?![01])/.test(pointer)) {
    throw new SyntaxError(`Cannot read the path: "${pointer}" is not a JSON Pointer`);
  }
  return pointer.slice(1).split("/").map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** Writes one token of a JSON Pointer (RFC 6901). */
export function escapeToken(token: string): string {
  return token.replaceAll("~", "~0").replaceAll("/", "~1");
}

/** What the rules of one review have written, to find two rules that want different things of one path. */
export class Writes {
  readonly #written = new Map<string, { rule: string; value: string }>();
  readonly #above = new Map<string, Set<string>>();

  /** Notes a write; returns the other rules that want another value there, above or below. */
  claim(operation: PatchOperation, rule: string): readonly string[] {
    const { path } = operation;
    const isAppend = path.endsWith("/-");
    const value = JSON.stringify(operation.op === "remove" ? null : ["set", operation.value]);
    const same = isAppend ? undefined : this.#written.get(path);
    const others = new Set(this.#above.get(path));
    if (same && same.value !== value) others.add(same.rule);
    for (const ancestor of ancestorsOf(path)) {
      const above = this.#written.get(ancestor);
      if (above) others.add(above.rule);
      this.#above.set(ancestor, (this.#above.get(ancestor) ?? new Set()).add(rule));
    }
    if (!isAppend) this.#written.set(path, { rule, value });
    others.delete(rule);
    return [...others];
  }
}

/** The JSON Pointers of what a path is in, the nearest first. */
export function* ancestorsOf(path: string): Generator<string> {
  for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) yield path.slice(0, end);
}
