import { isFields } from "../../src/core/malformed.ts";
import { codeIn, rowsOf } from "./markdown.ts";

/**
 * The fields of a JSON document as the pages name them: `results[].file`. Lists and values are named, the objects that
 * hold them are not. What is in the `closed` ones is not looked into.
 */
export function fieldsOf(value: unknown, closed: readonly string[], path = ""): string[] {
  if (closed.includes(path)) return [Array.isArray(value) ? `${path}[]` : path];
  if (Array.isArray(value)) return [`${path}[]`, ...value.flatMap((item) => fieldsOf(item, closed, `${path}[]`))];
  if (!isFields(value)) return [path];
  return Object.entries(value).flatMap(([key, inner]) => fieldsOf(inner, closed, path === "" ? key : `${path}.${key}`));
}

/** The first column of the page's table of JSON fields. */
export function describedFields(page: string): string[] {
  return rowsOf(page, "Field", "Value").flatMap(([field]) => codeIn(field)).toSorted();
}

export function sortedUnique(names: readonly string[]): string[] {
  return [...new Set(names)].toSorted();
}
