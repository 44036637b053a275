import {
  type ArgumentNode,
  type DirectiveNode,
  type DocumentNode,
  Kind,
  type NamedTypeNode,
  type NameNode,
  type SelectionSetNode,
  type TypeNode,
  type ValueNode,
} from "graphql";
import { BuiltinError } from "../builtin.ts";
import { RegoObject, type Value } from "../value.ts";
import { TYPE_KINDS } from "./graphql_schema_shape.ts";
import { VALUE_KINDS } from "./graphql_shape.ts";

type Node = Record<string, unknown>;

/** The document of an `ast.QueryDocument`. Throws BuiltinError for a member of a wrong type. */
export function queryTree(document: RegoObject): DocumentNode {
  const operations = list(document, "Operations").map((node) => ({
    kind: Kind.OPERATION_DEFINITION,
    operation: text(node, "Operation"),
    ...(text(node, "Name") !== "" && { name: name(text(node, "Name")) }),
    variableDefinitions: list(node, "VariableDefinitions").map(variable),
    directives: directives(node),
    selectionSet: selections(node),
  }));
  const fragments = list(document, "Fragments").map((node) => ({
    kind: Kind.FRAGMENT_DEFINITION,
    name: name(text(node, "Name")),
    variableDefinitions: list(node, "VariableDefinition").map(variable),
    typeCondition: namedType(text(node, "TypeCondition")),
    directives: directives(node),
    selectionSet: selections(node),
  }));
  return toDocument([...operations, ...fragments]);
}

/** The document of an `ast.SchemaDocument`. Throws BuiltinError for a member of a wrong type. */
export function schemaTree(document: RegoObject): DocumentNode {
  return toDocument([
    ...list(document, "Schema").map((node) => entry(node, Kind.SCHEMA_DEFINITION)),
    ...list(document, "SchemaExtension").map((node) => entry(node, Kind.SCHEMA_EXTENSION)),
    ...list(document, "Directives").map((node) => ({
      ...described(node, Kind.DIRECTIVE_DEFINITION),
      arguments: list(node, "Arguments").map((argument) => field(argument, Kind.INPUT_VALUE_DEFINITION)),
      repeatable: node.get("IsRepeatable") === true,
      locations: names(node, "Locations").map(name),
    })),
    ...list(document, "Definitions").map((node) => type(node, 0)),
    ...list(document, "Extensions").map((node) => type(node, 1)),
  ]);
}

function toDocument(definitions: readonly Node[]): DocumentNode {
  return { kind: Kind.DOCUMENT, definitions } as unknown as DocumentNode;
}

function entry(node: RegoObject, kind: Kind): Node {
  const operationTypes = list(node, "OperationTypes").map((operation) => ({
    kind: Kind.OPERATION_TYPE_DEFINITION,
    operation: text(operation, "Operation"),
    type: namedType(text(operation, "Type")),
  }));
  return { ...description(node), kind, directives: directives(node), operationTypes };
}

function type(node: RegoObject, form: 0 | 1): Node {
  const kinds = new Map(Object.entries(TYPE_KINDS)).get(text(node, "Kind"));
  if (kinds === undefined) throw new BuiltinError("the kind of a type is not known");
  const isInput = kinds[0] === Kind.INPUT_OBJECT_TYPE_DEFINITION;
  const values = list(node, "EnumValues").map((value) => described(value, Kind.ENUM_VALUE_DEFINITION));
  return {
    ...described(node, kinds[form]),
    interfaces: names(node, "Interfaces").map(namedType),
    fields: list(node, "Fields").map((inner) =>
      field(inner, isInput ? Kind.INPUT_VALUE_DEFINITION : Kind.FIELD_DEFINITION)
    ),
    types: names(node, "Types").map(namedType),
    values,
  };
}

function field(node: RegoObject, kind: Kind): Node {
  const inner = list(node, "Arguments").map((argument) => field(argument, Kind.INPUT_VALUE_DEFINITION));
  return {
    ...described(node, kind),
    type: typeReference(node),
    ...(kind === Kind.FIELD_DEFINITION ? { arguments: inner } : defaultValue(node)),
  };
}

function described(node: RegoObject, kind: Kind): Node {
  return { ...description(node), kind, name: name(text(node, "Name")), directives: directives(node) };
}

function description(node: RegoObject): Node {
  const value = text(node, "Description");
  return value === "" ? {} : { description: { kind: Kind.STRING, value } };
}

function variable(node: RegoObject): Node {
  return {
    kind: Kind.VARIABLE_DEFINITION,
    variable: { kind: Kind.VARIABLE, name: name(text(node, "Variable")) },
    type: typeReference(node),
    ...defaultValue(node),
    directives: directives(node),
  };
}

function defaultValue(node: RegoObject): Node {
  const value = node.get("DefaultValue");
  return value instanceof RegoObject ? { defaultValue: literal(value) } : {};
}

/** Go reads every selection as a field: a fragment in a tree is one without a name. */
function selections(node: RegoObject): SelectionSetNode {
  const fields = list(node, "SelectionSet").map((selection) => ({
    kind: Kind.FIELD,
    alias: name(text(selection, "Alias")),
    name: name(text(selection, "Name")),
    arguments: toArguments(selection),
    directives: directives(selection),
    ...(list(selection, "SelectionSet").length > 0 && { selectionSet: selections(selection) }),
  }));
  return { kind: Kind.SELECTION_SET, selections: fields } as unknown as SelectionSetNode;
}

function directives(node: RegoObject): DirectiveNode[] {
  return list(node, "Directives").map((directive) => ({
    kind: Kind.DIRECTIVE,
    name: name(text(directive, "Name")),
    arguments: toArguments(directive),
  }));
}

function toArguments(node: RegoObject): ArgumentNode[] {
  return list(node, "Arguments").map((argument) => ({
    kind: Kind.ARGUMENT,
    name: name(text(argument, "Name")),
    value: literal(member(argument, "Value")),
  }));
}

function literal(node: RegoObject): ValueNode {
  const kind = VALUE_KINDS[Number(node.get("Kind") ?? 0)];
  const raw = text(node, "Raw");
  const children = list(node, "Children");
  const value = {
    [Kind.VARIABLE]: { name: name(raw) },
    [Kind.BOOLEAN]: { value: raw === "true" },
    [Kind.LIST]: { values: children.map((child) => literal(member(child, "Value"))) },
    [Kind.OBJECT]: {
      fields: children.map((child) => ({
        kind: Kind.OBJECT_FIELD,
        name: name(text(child, "Name")),
        value: literal(member(child, "Value")),
      })),
    },
    BlockString: { kind: Kind.STRING, value: raw, block: true },
  };
  if (kind === undefined) throw new BuiltinError("the kind of a value is not known");
  return { kind, ...(new Map(Object.entries(value)).get(kind) ?? { value: raw }) } as ValueNode;
}

function typeReference(node: RegoObject): TypeNode {
  return reference(member(node, "Type"));
}

function reference(node: RegoObject): TypeNode {
  const elem = node.get("Elem");
  const type = elem instanceof RegoObject
    ? { kind: Kind.LIST_TYPE, type: reference(elem) } as const
    : namedType(text(node, "NamedType"));
  return node.get("NonNull") === true ? { kind: Kind.NON_NULL_TYPE, type } : type;
}

function namedType(value: string): NamedTypeNode {
  return { kind: Kind.NAMED_TYPE, name: name(value) };
}

function name(value: string): NameNode {
  return { kind: Kind.NAME, value };
}

function text(node: RegoObject, key: string): string {
  const value = node.get(key) ?? "";
  if (typeof value !== "string") throw wrong(key);
  return value;
}

function names(node: RegoObject, key: string): string[] {
  const values = node.get(key) ?? [];
  if (!Array.isArray(values) || values.some((value) => typeof value !== "string")) throw wrong(key);
  return values as string[];
}

function list(node: RegoObject, key: string): RegoObject[] {
  const values: Value = node.get(key) ?? [];
  if (!Array.isArray(values) || values.some((value) => !(value instanceof RegoObject))) throw wrong(key);
  return values as RegoObject[];
}

function member(node: RegoObject, key: string): RegoObject {
  const value = node.get(key);
  if (!(value instanceof RegoObject)) throw wrong(key);
  return value;
}

function wrong(key: string): BuiltinError {
  return new BuiltinError(`the syntax tree has a wrong ${key}`);
}
