/** JSON with maps and sets, which settings hold: `{"$map":[[key, value]]}`, `{"$set":[value]}`. */
export function structured(value: unknown): unknown {
  if (value instanceof Map) return { $map: [...value].map(([key, inner]) => [key, structured(inner)]) };
  if (value instanceof Set) return { $set: [...value].map(structured) };
  if (Array.isArray(value)) return value.map(structured);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, structured(inner)]));
}

/** What {@link structured} was given. */
export function fromStructured(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(fromStructured);
  if (typeof value !== "object" || value === null) return value;
  const { $map, $set } = value as { $map?: [unknown, unknown][]; $set?: unknown[] };
  if ($map) return new Map($map.map(([key, inner]) => [key, fromStructured(inner)]));
  if ($set) return new Set($set.map(fromStructured));
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, fromStructured(inner)]));
}
