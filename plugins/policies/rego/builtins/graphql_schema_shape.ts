import {
  type DefinitionNode,
  type DirectiveDefinitionNode,
  type DocumentNode,
  type EnumValueDefinitionNode,
  type FieldDefinitionNode,
  type InputValueDefinitionNode,
  isTypeDefinitionNode,
  isTypeExtensionNode,
  Kind,
  type SchemaDefinitionNode,
  type SchemaExtensionNode,
  type StringValueNode,
  TokenKind,
  type TypeDefinitionNode,
  type TypeExtensionNode,
} from "graphql";
import type { Value } from "../value.ts";
import { directiveShapes } from "./graphql_query_shape.ts";
import { commentBefore, commentOf, type Part, shape, typeShape, valueShape } from "./graphql_shape.ts";

/** The names that gqlparser has for kinds of types, `ast.DefinitionKind`. */
export const TYPE_KINDS = {
  SCALAR: [Kind.SCALAR_TYPE_DEFINITION, Kind.SCALAR_TYPE_EXTENSION],
  OBJECT: [Kind.OBJECT_TYPE_DEFINITION, Kind.OBJECT_TYPE_EXTENSION],
  INTERFACE: [Kind.INTERFACE_TYPE_DEFINITION, Kind.INTERFACE_TYPE_EXTENSION],
  UNION: [Kind.UNION_TYPE_DEFINITION, Kind.UNION_TYPE_EXTENSION],
  ENUM: [Kind.ENUM_TYPE_DEFINITION, Kind.ENUM_TYPE_EXTENSION],
  INPUT_OBJECT: [Kind.INPUT_OBJECT_TYPE_DEFINITION, Kind.INPUT_OBJECT_TYPE_EXTENSION],
} as const;

/** `ast.SchemaDocument` of gqlparser. */
export function schemaShape({ definitions, loc }: DocumentNode): Value {
  return shape({
    Schema: definitions.filter((node) => node.kind === Kind.SCHEMA_DEFINITION).map(entryShape),
    SchemaExtension: definitions.filter((node) => node.kind === Kind.SCHEMA_EXTENSION).map(entryShape),
    Directives: definitions.filter((node) => node.kind === Kind.DIRECTIVE_DEFINITION).map(directiveDefinitionShape),
    Definitions: definitions.filter(isTypeDefinitionNode).map(typeDefinitionShape),
    Extensions: definitions.filter(isTypeExtensionNode).map(typeDefinitionShape),
    Comment: commentBefore(loc?.endToken),
  });
}

function entryShape(node: SchemaDefinitionNode | SchemaExtensionNode): Value {
  return shape({
    ...described(node),
    Directives: directiveShapes(node.directives),
    OperationTypes: node.operationTypes?.map((type) =>
      shape({ Operation: type.operation, Type: type.type.name.value, Comment: commentOf(type) })
    ),
    EndOfDefinitionComment: endComment(node),
  });
}

function typeDefinitionShape(node: TypeDefinitionNode | TypeExtensionNode): Value {
  const kind = Object.entries(TYPE_KINDS).find(([, kinds]) => (kinds as readonly string[]).includes(node.kind));
  return shape({
    ...described(node),
    Kind: kind?.[0],
    Name: node.name.value,
    Directives: directiveShapes(node.directives),
    Interfaces: "interfaces" in node ? node.interfaces?.map(({ name }) => name.value) : undefined,
    Fields: "fields" in node ? node.fields?.map(fieldShape) : undefined,
    Types: "types" in node ? node.types?.map(({ name }) => name.value) : undefined,
    EnumValues: "values" in node ? node.values?.map(enumValueShape) : undefined,
    BuiltIn: false,
    EndOfDefinitionComment: endComment(node),
  });
}

function fieldShape(node: FieldDefinitionNode | InputValueDefinitionNode): Value {
  return shape({
    ...described(node),
    Name: node.name.value,
    Arguments: "arguments" in node ? node.arguments?.map(fieldShape) : undefined,
    DefaultValue: "defaultValue" in node && node.defaultValue ? valueShape(node.defaultValue) : undefined,
    Type: typeShape(node.type),
    Directives: directiveShapes(node.directives),
  });
}

function enumValueShape(node: EnumValueDefinitionNode): Value {
  return shape({ ...described(node), Name: node.name.value, Directives: directiveShapes(node.directives) });
}

function directiveDefinitionShape(node: DirectiveDefinitionNode): Value {
  return shape({
    ...described(node),
    Name: node.name.value,
    Arguments: node.arguments?.map(fieldShape),
    Locations: node.locations.map(({ value }) => value),
    IsRepeatable: node.repeatable,
  });
}

/** Extensions have no description, and no member for one is missing. */
function described(node: Pick<DefinitionNode, "loc"> & { readonly description?: StringValueNode }) {
  const { description, loc } = node;
  const afterDescription = description ? nextToken(description) : loc?.startToken;
  return {
    Description: description?.value ?? "",
    BeforeDescriptionComment: description && commentBefore(loc?.startToken),
    AfterDescriptionComment: commentBefore(afterDescription),
  };
}

function nextToken({ loc }: StringValueNode) {
  let token = loc?.endToken.next;
  while (token?.kind === TokenKind.COMMENT) token = token.next;
  return token;
}

function endComment({ loc }: Pick<DefinitionNode, "loc">): Part {
  return loc?.endToken.kind === TokenKind.BRACE_R ? commentBefore(loc.endToken) : undefined;
}
