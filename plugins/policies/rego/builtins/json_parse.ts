import { BuiltinError } from "../builtin.ts";
import { formatValue, type Value } from "../value.ts";
import { parseValue } from "../value_text.ts";

/** A JSON text as `json.unmarshal` reads it: integers of any size are exact. Throws BuiltinError. */
export function parseJson(text: string): Value {
  try {
    JSON.parse(text);
    const value = parseValue(text);
    // Finds the numbers that a 64-bit float cannot hold.
    formatValue(value);
    return value;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) throw new BuiltinError("invalid JSON");
    throw error;
  }
}

export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
