import {
  buildASTSchema,
  type DirectiveNode,
  type DocumentNode,
  type GraphQLSchema,
  isTypeDefinitionNode,
  isTypeExtensionNode,
  Kind,
  parse,
  specifiedScalarTypes,
  type TypeDefinitionNode,
  type TypeExtensionNode,
  validateSchema,
} from "graphql";
import { BuiltinError } from "../builtin.ts";
import { TYPE_KINDS } from "./graphql_schema_shape.ts";

/** What gqlparser knows beside the directives of graphql-js. */
const DEFER = "directive @defer(if: Boolean = true, label: String) on FRAGMENT_SPREAD | INLINE_FRAGMENT";

/**
 * The schema of a document as gqlparser builds it: it needs no query type, and may extend types that are not there.
 * Throws BuiltinError for one that is not valid.
 */
export function toSchema(document: DocumentNode): GraphQLSchema {
  const merged = mergeExtensions(document);
  const schema = build(merged, { assumeValidSDL: false });
  const errors = validateSchema(schema);
  // One of them is for the query type, when that is missing.
  const accepted = schema.getQueryType() ? 0 : 1;
  if (errors.length > accepted) throw new BuiltinError(errors[accepted].message);
  return build(merged, { assumeValid: true });
}

function build(document: DocumentNode, options: { assumeValid?: boolean; assumeValidSDL?: boolean }): GraphQLSchema {
  try {
    return buildASTSchema(document, options);
  } catch (error) {
    throw new BuiltinError(error instanceof Error ? error.message : String(error));
  }
}

function mergeExtensions({ definitions }: DocumentNode): DocumentNode {
  const types = new Map<string, TypeDefinitionNode>();
  for (const node of definitions.filter(isTypeDefinitionNode)) {
    const name = node.name.value;
    if (types.has(name) || specifiedScalarTypes.some((type) => type.name === name)) {
      throw new BuiltinError(`Cannot redeclare type ${name}.`);
    }
    types.set(name, node);
  }
  for (const node of definitions.filter(isTypeExtensionNode)) {
    types.set(node.name.value, extend(types.get(node.name.value), node));
  }
  const others = definitions.filter((node) => !isTypeDefinitionNode(node) && !isTypeExtensionNode(node));
  const hasDefer = others.some((node) => node.kind === Kind.DIRECTIVE_DEFINITION && node.name.value === "defer");
  const known = hasDefer ? [] : parse(DEFER, { noLocation: true }).definitions;
  return { kind: Kind.DOCUMENT, definitions: [...others, ...known, ...types.values()] };
}

function extend(base: TypeDefinitionNode | undefined, extension: TypeExtensionNode): TypeDefinitionNode {
  const kinds = Object.values(TYPE_KINDS).find(([, kind]) => kind === extension.kind)!;
  const kind = kinds[0];
  if (base && base.kind !== kind) throw new BuiltinError(`Cannot extend type ${base.name.value} by another kind.`);
  const old = base as Readonly<Record<string, readonly unknown[]>> | undefined;
  const added = extension as unknown as Readonly<Record<string, readonly unknown[]>>;
  const lists = ["interfaces", "fields", "types", "values"].map((list) =>
    [list, [...old?.[list] ?? [], ...added[list] ?? []]] as const
  );
  const directives = distinct([...base?.directives ?? [], ...extension.directives ?? []]);
  return { ...Object.fromEntries(lists), kind, name: extension.name, directives } as unknown as TypeDefinitionNode;
}

/** To gqlparser a type and each of its extensions may have the same directive. */
function distinct(directives: readonly DirectiveNode[]): DirectiveNode[] {
  return [...new Map(directives.toReversed().map((node) => [node.name.value, node])).values()].toReversed();
}
