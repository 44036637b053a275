import type { Fields } from "../contract.ts";

/** The object's shape is not its kind's. Becomes a violation of the policy that met it, never a pass. */
export class Malformed extends Error {
  override name = "Malformed";
  constructor(readonly path: string, { found, accepted }: { found: string; accepted: string }) {
    super(`${path || "/"}: found ${found}, accepted ${accepted}`);
  }
}

/** Says that the value at a path is of another type than it should be. */
export function otherType(path: string, value: unknown, accepted: string): Malformed {
  return new Malformed(path, { found: typeName(value), accepted });
}

export function typeName(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "list" : typeof value;
}

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Kubernetes reads null as if the field were not there. */
export function isAbsent(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

const NONE: Fields = Object.freeze({});
const EMPTY: readonly unknown[] = Object.freeze([]);

/** The object at `path`; `{}` for null and undefined, which Kubernetes reads alike. Throws {@link Malformed}. */
export function fields(value: unknown, path: string): Fields {
  if (isAbsent(value)) return NONE;
  if (!isFields(value)) throw otherType(path, value, "object");
  return value;
}

/** The list at `path`; `[]` for null and undefined. Throws {@link Malformed}. */
export function list(value: unknown, path: string): readonly unknown[] {
  if (isAbsent(value)) return EMPTY;
  if (!Array.isArray(value)) throw otherType(path, value, "list");
  return value;
}
