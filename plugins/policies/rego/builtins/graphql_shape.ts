import { type ASTNode, Kind, type Token, TokenKind, type TypeNode, type ValueNode } from "graphql";
import { RegoObject, type Value } from "../value.ts";

/** What stands in a shape. Absent and empty parts are left out of it, zero values of scalars are not. */
export type Part = Value | undefined;

/** An object in the shape of vektah/gqlparser's syntax tree, pruned as OPA prunes it (v1/topdown/graphql.go). */
export function shape(parts: Readonly<Record<string, Part>>): RegoObject {
  return new RegoObject(Object.entries(parts).filter((entry): entry is [string, Value] => !isEmpty(entry[1])));
}

function isEmpty(part: Part): boolean {
  if (part === undefined || part === null) return true;
  return Array.isArray(part) ? part.length === 0 : part instanceof RegoObject && part.size === 0;
}

/** A comment group: the comments right before a token. */
export function commentBefore(token: Token | null | undefined): Part {
  const comments: Value[] = [];
  for (let at = token?.prev; at?.kind === TokenKind.COMMENT; at = at.prev) {
    comments.unshift(shape({ Value: `#${at.value}` }));
  }
  return shape({ List: comments });
}

export function commentOf({ loc }: ASTNode): Part {
  return commentBefore(loc?.startToken);
}

/** The numbers that gqlparser has for kinds of values, `ast.ValueKind`. */
export const VALUE_KINDS = [
  Kind.VARIABLE,
  Kind.INT,
  Kind.FLOAT,
  Kind.STRING,
  "BlockString",
  Kind.BOOLEAN,
  Kind.NULL,
  Kind.ENUM,
  Kind.LIST,
  Kind.OBJECT,
] as const;

export function typeShape(node: TypeNode): Value {
  const isRequired = node.kind === Kind.NON_NULL_TYPE;
  const type = isRequired ? node.type : node;
  const isNamed = type.kind === Kind.NAMED_TYPE;
  return shape({
    NamedType: isNamed ? type.name.value : "",
    Elem: isNamed ? undefined : typeShape(type.type),
    NonNull: isRequired,
  });
}

export function valueShape(node: ValueNode): Value {
  return shape({
    Raw: rawOf(node),
    Children: childrenOf(node),
    Kind: VALUE_KINDS.indexOf(node.kind === Kind.STRING && node.block ? "BlockString" : node.kind),
    // gqlparser keeps those of lists and objects alone.
    Comment: node.kind === Kind.LIST || node.kind === Kind.OBJECT ? commentOf(node) : undefined,
    ExpectedTypeHasDefault: false,
  });
}

function rawOf(node: ValueNode): string {
  switch (node.kind) {
    case Kind.VARIABLE:
      return node.name.value;
    case Kind.NULL:
      return "null";
    case Kind.LIST:
    case Kind.OBJECT:
      return "";
    default:
      return String(node.value);
  }
}

function childrenOf(node: ValueNode): Part {
  if (node.kind === Kind.LIST) return node.values.map((value) => shape({ Name: "", Value: valueShape(value) }));
  if (node.kind !== Kind.OBJECT) return undefined;
  return node.fields.map((field) =>
    shape({ Name: field.name.value, Value: valueShape(field.value), Comment: commentOf(field) })
  );
}
