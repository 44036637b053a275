import { RegoObject, type Value } from "../value.ts";

export function entriesOf(value: Value | undefined): (readonly [Value, Value])[] {
  return value instanceof RegoObject ? [...value.entries()] : [];
}

export function listOf(value: Value | undefined): readonly Value[] {
  return Array.isArray(value) ? value : [];
}
