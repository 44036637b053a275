import { RE2JS, RE2JSException } from "re2js";
import { BuiltinError } from "../builtin.ts";
import { RegoObject, RegoSet, type Value } from "../value.ts";
import { isInteger } from "./schema_number.ts";
import { SchemaReferences } from "./schema_reference.ts";
import { entriesOf } from "./schema_node.ts";

/** A schema that is well-formed throughout, with what it takes to validate by it. */
export interface CompiledSchema {
  readonly root: Value;
  readonly draft: number;
  readonly references: SchemaReferences;
  readonly patterns: ReadonlyMap<string, RE2JS>;
}

/** The draft of a schema that names none: it may use the keywords of all. */
export const HYBRID = Infinity;
const NO_SCHEMA = "Expected: Valid Schema, given: Invalid JSON";
const TYPES = ["array", "boolean", "integer", "number", "null", "object", "string"];

/** Throws BuiltinError for a schema that is not well-formed. Source: schema.go of gojsonschema. */
export function compileSchema(root: Value): CompiledSchema {
  const schema = { root, draft: draftOf(root), references: new SchemaReferences(root), patterns: new Map() };
  new Checker(schema).check(root);
  return schema;
}

function draftOf(root: Value): number {
  if (typeof root === "boolean") return HYBRID;
  if (!(root instanceof RegoObject)) throw new BuiltinError("schema is invalid");
  const name = root.get("$schema") ?? "";
  if (typeof name !== "string") throw new BuiltinError("$schema must be of type string");
  const [, draft] = /^http:\/\/json-schema\.org\/draft-0([467])\/schema#?$/.exec(name) ?? [];
  return draft === undefined ? HYBRID : Number(draft);
}

class Checker {
  readonly #schema: CompiledSchema & { patterns: Map<string, RE2JS> };
  readonly #checked = new Set<Value>();

  constructor(schema: CompiledSchema & { patterns: Map<string, RE2JS> }) {
    this.#schema = schema;
  }

  get #exclusive(): string {
    const { draft } = this.#schema;
    return draft === 4 ? "boolean" : draft === HYBRID ? "boolean/number" : "number";
  }

  check(node: Value): void {
    if (typeof node === "boolean" && this.#schema.draft >= 6) return;
    if (!(node instanceof RegoObject)) throw new BuiltinError(NO_SCHEMA);
    if (this.#checked.has(node)) return;
    this.#checked.add(node);
    for (const key of [this.#schema.draft === 4 ? "id" : "$id", "title", "description", "$ref", "pattern", "format"]) {
      this.#needs(node, key, (value) => typeof value === "string", expected("string", key));
    }
    this.#checkDefinitions(node);
    if (node.get("$ref") !== undefined) return this.check(this.#schema.references.target(node));
    this.#checkTypes(node.get("type"));
    this.#checkObjects(node);
    this.#checkItems(node);
    this.#checkNumbers(node);
    this.#checkPatterns(node);
    this.#checkLists(node);
    this.#checkAlternatives(node);
  }

  #checkTypes(type: Value | undefined): void {
    if (type === undefined) return;
    const names = Array.isArray(type) ? type : [type];
    for (const [index, name] of names.entries()) {
      if (typeof name !== "string") throw new BuiltinError(expected("type", "string/Array Of Strings"));
      if (!TYPES.includes(name)) {
        throw new BuiltinError(
          `has a primitive type that is NOT VALID -- given: /${name}/ Expected valid values are:[${TYPES.join(" ")}]`,
        );
      }
      if (names.indexOf(name) < index) throw new BuiltinError(`${name} type is duplicated`);
    }
  }

  #checkObjects(node: RegoObject): void {
    this.#checkMap(node, "properties", "Properties must be of type object");
    this.#checkMap(node, "patternProperties", expected("Valid Schema", "patternProperties"));
    for (const key of ["additionalProperties", "additionalItems"]) {
      const value = node.get(key);
      if (typeof value !== "boolean") this.#checkMember(node, key, expected("boolean/Valid Schema", key));
    }
    if (this.#schema.draft >= 6) {
      this.#checkMember(node, "propertyNames", expected("Valid Schema", "patternProperties"));
    }
    this.#needs(node, "dependencies", (value) => value instanceof RegoObject, "dependencies must be of type object");
    for (const [, value] of entriesOf(node.get("dependencies"))) {
      const isNames = Array.isArray(value) && value.every((name) => typeof name === "string");
      if (!isNames && !isSchema(value)) {
        throw new BuiltinError("Dependency must be of type Schema Or Array Of Strings");
      }
      if (!isNames) this.check(value);
    }
  }

  #checkDefinitions(node: RegoObject): void {
    const message = expected("Array Of Schemas", "definitions");
    this.#needs(node, "definitions", (value) => value instanceof RegoObject, message);
    for (const [, schema] of entriesOf(node.get("definitions"))) {
      if (!isSchema(schema)) throw new BuiltinError(message);
      this.check(schema);
    }
  }

  #checkMap(node: RegoObject, key: string, message: string): void {
    this.#needs(node, key, (value) => value instanceof RegoObject, message);
    for (const [, schema] of entriesOf(node.get(key))) this.check(schema);
  }

  #checkItems(node: RegoObject): void {
    const given = node.get("items");
    const items = given === undefined ? [] : Array.isArray(given) ? given : [given];
    for (const item of items) {
      if (!isSchema(item)) throw new BuiltinError(expected("Valid Schema/Array Of Schemas", "items"));
      this.check(item);
    }
  }

  #checkNumbers(node: RegoObject): void {
    for (const key of ["multipleOf", "minimum", "maximum"]) {
      this.#needs(node, key, isNumber, key === "multipleOf" ? expected("Number", key) : `${key} must be of a Number`);
    }
    const multiple = node.get("multipleOf");
    if (multiple !== undefined && (multiple as number) <= 0) {
      throw new BuiltinError("multipleOf must be strictly greater than 0");
    }
    for (const [key, limit] of [["exclusiveMinimum", "minimum"], ["exclusiveMaximum", "maximum"]]) {
      const value = node.get(key);
      const accepted = typeof value === "boolean"
        ? this.#schema.draft === 4 || this.#schema.draft === HYBRID
        : isNumber(value) && this.#schema.draft !== 4;
      if (value !== undefined && !accepted) throw new BuiltinError(expected(this.#exclusive, key));
      if (typeof value === "boolean" && node.get(limit) === undefined) {
        throw new BuiltinError(`${key} cannot be used without ${limit}`);
      }
    }
    for (const what of ["Length", "Properties", "Items"]) this.#checkSizes(node, `min${what}`, `max${what}`);
  }

  #checkSizes(node: RegoObject, least: string, most: string): void {
    for (const key of [least, most]) {
      this.#needs(node, key, isInteger, `${key} must be of an integer`);
      if (Number(node.get(key) ?? 0) < 0) throw new BuiltinError(`${key} must be greater than or equal to 0`);
    }
    const [min, max] = [node.get(least), node.get(most)];
    if (least !== "minItems" && min !== undefined && max !== undefined && min! > max!) {
      throw new BuiltinError(`${least} cannot be greater than ${most}`);
    }
  }

  #checkPatterns(node: RegoObject): void {
    const pattern = node.get("pattern");
    if (typeof pattern === "string") this.#compile(pattern, "pattern must be a valid regex");
    for (const [name] of entriesOf(node.get("patternProperties"))) {
      this.#compile(name as string, `Invalid regex pattern '${name}'`);
    }
  }

  #compile(pattern: string, message: string): void {
    try {
      this.#schema.patterns.set(pattern, RE2JS.compile(pattern));
    } catch (error) {
      if (error instanceof RE2JSException) throw new BuiltinError(message);
      throw error;
    }
  }

  #checkLists(node: RegoObject): void {
    this.#needs(node, "uniqueItems", (value) => typeof value === "boolean", "uniqueItems must be of a boolean");
    for (const key of ["required", "enum", "oneOf", "anyOf", "allOf"]) {
      this.#needs(node, key, Array.isArray, `${key} must be of an array`);
    }
    const required = (node.get("required") ?? []) as readonly Value[];
    if (required.some((name) => typeof name !== "string")) throw new BuiltinError(expected("string", "required"));
    for (const [key, values] of [["required", required], ["enum", node.get("enum") ?? []]] as const) {
      const list = values as readonly Value[];
      if (new RegoSet(list).size < list.length) {
        throw new BuiltinError(`${key} items must be unique`);
      }
    }
  }

  #checkAlternatives(node: RegoObject): void {
    for (const key of ["oneOf", "anyOf", "allOf"]) {
      for (const schema of (node.get(key) ?? []) as readonly Value[]) this.check(schema);
    }
    const { draft } = this.#schema;
    for (const key of ["not", ...(draft >= 6 ? ["contains"] : []), ...(draft >= 7 ? ["if", "then", "else"] : [])]) {
      this.#checkMember(node, key, key === "contains" ? NO_SCHEMA : `${key} must be of an object`);
    }
  }

  #checkMember(node: RegoObject, key: string, message: string): void {
    this.#needs(node, key, isSchema, message);
    const value = node.get(key);
    if (value !== undefined) this.check(value);
  }

  #needs(node: RegoObject, key: string, isOfType: (value: Value) => boolean, message: string): void {
    const value = node.get(key);
    if (value !== undefined && !isOfType(value)) throw new BuiltinError(message);
  }
}

function isNumber(value: Value | undefined): boolean {
  return typeof value === "number" || typeof value === "bigint";
}

function isSchema(value: Value): boolean {
  return typeof value === "boolean" || value instanceof RegoObject;
}

function expected(type: string, given: string): string {
  return `Invalid type. Expected: ${type}, given: ${given}`;
}
