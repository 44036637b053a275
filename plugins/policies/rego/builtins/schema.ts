import { BuiltinError, type Builtins } from "../builtin.ts";
import { RegoObject, type Value } from "../value.ts";
import { parseValue } from "../value_text.ts";
import { isJson } from "./json_parse.ts";
import { formatJson } from "./json_text.ts";
import { compileSchema } from "./schema_compile.ts";
import type { SchemaProblem } from "./schema_result.ts";
import { validateValue } from "./schema_validate.ts";

/**
 * Sources: v1/topdown/jsonschema.go and internal/gojsonschema of OPA. Drafts 4, 6 and 7 of JSON Schema; without
 * `$schema` a mix of them. A `$ref` to another document is refused.
 */
export const schemaBuiltins: Builtins = {
  "json.match_schema": ([document, schema]) => {
    const value = toDocument(document);
    const problems = validateValue(compileSchema(toDocument(schema)), value);
    return [problems.length === 0, problems.map(toValue)];
  },
  "json.verify_schema": ([schema]) => verify(schema),
};

function verify(schema: Value): Value {
  try {
    compileSchema(toDocument(schema));
    return [true, null];
  } catch (error) {
    if (error instanceof BuiltinError) return [false, `jsonschema: ${error.message}`];
    throw error;
  }
}

/** An operand is a JSON text, or a value that has its sets and keys turned into those of JSON. */
function toDocument(operand: Value): Value {
  if (typeof operand === "string") {
    if (!isJson(operand)) throw new BuiltinError("invalid JSON string");
    return parseValue(operand);
  }
  if (typeof operand !== "object" || operand === null) {
    throw new BuiltinError("wrong type, expected string or object");
  }
  return parseValue(formatJson(operand));
}

function toValue({ type, field, description }: SchemaProblem): Value {
  return new RegoObject([
    ["error", `${field}: ${description}`],
    ["type", type],
    ["field", field],
    ["desc", description],
  ]);
}
