import { Malformed } from "./malformed.ts";

/** Deeper objects are refused: recursion over them could overflow the stack of a policy. */
export const DEEPEST = 512;

/**
 * Freezes a JSON value in place, so that no policy can change what the next one sees: the innermost first, so that what
 * is frozen is frozen as a whole. Throws Malformed for one that nests deeper than {@link DEEPEST}.
 */
export function deepFreeze(value: unknown, depth = 0): void {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return;
  if (depth > DEEPEST) throw new Malformed("", { found: "deeper nesting", accepted: `${DEEPEST} levels` });
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) deepFreeze(value[i], depth + 1);
  } else {
    for (const key in value) deepFreeze((value as Record<string, unknown>)[key], depth + 1);
  }
  Object.freeze(value);
}

/** A deep, unfrozen copy of a JSON value. Keys such as `__proto__` stay plain keys. */
export function clone<Value>(value: Value): Value {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(clone) as Value;
  const copy: Record<string, unknown> = {};
  for (const [key, child] of Object.entries(value)) {
    if (key === "__proto__") {
      Object.defineProperty(copy, key, { value: clone(child), enumerable: true, writable: true, configurable: true });
    } else copy[key] = clone(child);
  }
  return copy as Value;
}
