import { BuiltinError } from "../builtin.ts";
import { RegoObject, type Value } from "../value.ts";
import type { CompiledSchema } from "./schema_compile.ts";
import { checkCollection, checkScalar } from "./schema_keywords.ts";
import { isInteger } from "./schema_number.ts";
import { entriesOf, listOf } from "./schema_node.ts";
import { best, type Place, ROOT, type SchemaProblem, SchemaResult, within } from "./schema_result.ts";

/** Schemas within schemas. Go runs out of its stack where a schema leads back to itself. */
const DEEPEST = 500;

/**
 * What does not fit a schema. Throws BuiltinError for a schema that leads back to itself.
 * Source: validation.go of gojsonschema.
 */
export function validateValue(schema: CompiledSchema, value: Value): readonly SchemaProblem[] {
  return new Validator(schema).result(schema.root, value, ROOT).problems;
}

export class Validator {
  #depth = 0;
  constructor(readonly compiled: CompiledSchema) {}

  result(schema: Value, value: Value, field: string): SchemaResult {
    const result = new SchemaResult();
    this.validate(schema, value, { result, field });
    return result;
  }

  validate(schema: Value, value: Value, place: Place): void {
    if (schema === true) return;
    const { result, field } = place;
    if (!(schema instanceof RegoObject)) return result.add(field, ["false", "False always fails validation"]);
    if (++this.#depth > DEEPEST) throw new BuiltinError("the schema is nested too deep");
    if (schema.get("$ref") !== undefined) this.validate(this.compiled.references.target(schema), value, place);
    else this.#validate(schema, value, place);
    this.#depth--;
  }

  #validate(schema: RegoObject, value: Value, place: Place): void {
    const types = typesOf(schema);
    const given = typeOf(value);
    if (types.length > 0 && !types.includes(given) && !(given === "integer" && types.includes("number"))) {
      const expected = types.length > 1 ? `[${types.join(",")}]` : types[0];
      return place.result.add(place.field, ["invalid_type", `Invalid type. Expected: ${expected}, given: ${given}`]);
    }
    this.#combine(schema, value, place);
    checkCollection(this, { schema, value, ...place });
    checkScalar(this.compiled, { schema, value, ...place });
    if (value instanceof RegoObject) this.#properties(schema, value, place);
    place.result.score++;
  }

  #properties(schema: RegoObject, value: RegoObject, { result, field }: Place): void {
    for (const [name, inner] of entriesOf(schema.get("properties"))) {
      const member = value.get(name);
      if (member !== undefined) this.validate(inner, member, { result, field: within(field, name) });
    }
  }

  #combine(schema: RegoObject, value: Value, place: Place): void {
    const { result, field } = place;
    const results = (key: string) => listOf(schema.get(key)).map((inner) => this.result(inner, value, field));
    const anyOf = results("anyOf");
    if (anyOf.length > 0 && !anyOf.some(({ isValid }) => isValid)) {
      result.add(field, ["number_any_of", "Must validate at least one schema (anyOf)"]);
      result.merge(best(anyOf));
    }
    const oneOf = results("oneOf");
    const fitting = oneOf.filter(({ isValid }) => isValid).length;
    if (oneOf.length > 0 && fitting !== 1) {
      result.add(field, ["number_one_of", "Must validate one and only one schema (oneOf)"]);
      if (fitting === 0) result.merge(best(oneOf));
    }
    const allOf = results("allOf");
    for (const inner of allOf) result.merge(inner);
    if (allOf.some(({ isValid }) => !isValid)) {
      result.add(field, ["number_all_of", "Must validate all the schemas (allOf)"]);
    }
    const not = schema.get("not");
    if (not !== undefined && this.result(not, value, field).isValid) {
      result.add(field, ["number_not", "Must not validate the schema (not)"]);
    }
    this.#depend(schema, value, place);
    if (this.compiled.draft >= 7) this.#branch(schema, value, place);
    result.score++;
  }

  #depend(schema: RegoObject, value: Value, place: Place): void {
    if (!(value instanceof RegoObject)) return;
    for (const [name, needed] of entriesOf(schema.get("dependencies"))) {
      if (value.get(name) === undefined) continue;
      if (!Array.isArray(needed)) this.validate(needed, value, place);
      for (const other of listOf(needed)) {
        if (value.get(other) !== undefined) continue;
        place.result.add(place.field, ["missing_dependency", `Has a dependency on ${other}`]);
      }
    }
  }

  #branch(schema: RegoObject, value: Value, { result, field }: Place): void {
    const condition = schema.get("if");
    if (condition === undefined) return;
    const holds = this.result(condition, value, field).isValid;
    const branch = schema.get(holds ? "then" : "else");
    const inner = branch === undefined ? undefined : this.result(branch, value, field);
    if (inner === undefined || inner.isValid) return;
    result.add(
      field,
      holds
        ? ["condition_then", 'Must validate "then" as "if" was valid']
        : ["condition_else", 'Must validate "else" as "if" was not valid'],
    );
    result.merge(inner);
  }
}

function typesOf(schema: RegoObject): readonly Value[] {
  const type = schema.get("type");
  return type === undefined ? [] : Array.isArray(type) ? type : [type];
}

function typeOf(value: Value): string {
  if (value === null) return "null";
  if (typeof value === "number" || typeof value === "bigint") return isInteger(value) ? "integer" : "number";
  if (typeof value !== "object") return typeof value;
  return Array.isArray(value) ? "array" : "object";
}
