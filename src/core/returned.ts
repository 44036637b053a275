/** What a policy's function returned, if it is a list. Throws a TypeError for anything else, promises included. */
export function returnedList(value: unknown, from: string): readonly Record<string, unknown>[] {
  if (Array.isArray(value)) return value;
  if (value instanceof Promise) value.catch(() => {}); // its rejection is nobody's: the failure is counted here
  throw new TypeError(`Cannot use what ${from} returned: it is not a list`);
}

/** Throws a TypeError unless each of these keys is a text, or, where `optional`, absent. */
export function expectTexts(
  value: Record<string, unknown> | null | undefined,
  keys: readonly string[],
  { from, optional }: { from: string; optional: boolean },
): void {
  for (const key of keys) {
    const text = value?.[key];
    if (typeof text === "string" || (optional && text === undefined)) continue;
    throw new TypeError(`Cannot use what ${from} returned: ${key} is not a text`);
  }
}
