import {
  type DocumentNode,
  type GraphQLSchema,
  isExecutableDefinitionNode,
  Kind,
  parse,
  specifiedRules,
  validate,
} from "graphql";
import { BuiltinError, type Builtins, text, wrongType } from "../builtin.ts";
import { RegoObject, type Value } from "../value.ts";
import { queryShape } from "./graphql_query_shape.ts";
import { toSchema } from "./graphql_schema.ts";
import { schemaShape } from "./graphql_schema_shape.ts";
import { shape } from "./graphql_shape.ts";
import { queryTree, schemaTree } from "./graphql_tree.ts";

/** More are refused, where OPA has no limit: the validation takes the square of them. */
const MOST_TOKENS = 20_000;
const BLANK = /^(?:[\s,\ufeff]|#[^\n\r]*(?:[\n\r]|$))*$/;

/** Source: v1/topdown/graphql.go of OPA. A document is a text or a syntax tree. */
export const graphqlBuiltins: Builtins = {
  "graphql.is_valid": ([query, schema]) => isValid(() => verify(query, schema)),
  "graphql.parse": ([query, schema]) => [...verify(query, schema)],
  "graphql.parse_and_verify": ([query, schema]) => {
    const shapes = attempt(() => verify(query, schema));
    return shapes ? [true, ...shapes] : [false, new RegoObject(), new RegoObject()];
  },
  "graphql.parse_query": ([query]) => parseQuery(text(query, 1)).shape,
  "graphql.parse_schema": ([schema]) => parseSchema(text(schema, 1)).shape,
  "graphql.schema_is_valid": ([schema]) => isValid(() => toSchema(schemaOf(schema, 1).document)),
};

interface Parsed {
  readonly document: DocumentNode;
  readonly shape: Value;
}

/** The shapes of both. Throws BuiltinError when one of them, or the query under the schema, is not valid. */
function verify(queryOperand: Value, schemaOperand: Value): readonly [Value, Value] {
  const query = typeof queryOperand === "string" ? parseQuery(queryOperand) : queryOf(queryOperand);
  const schema = schemaOf(schemaOperand, 2);
  const [error] = problems(toSchema(schema.document), query.document);
  if (error !== undefined) throw new BuiltinError(error.message);
  return [query.shape, schema.shape];
}

function problems(schema: GraphQLSchema, query: DocumentNode) {
  return validate(schema, query, specifiedRules, { maxErrors: 1 });
}

function parseQuery(source: string): Parsed {
  const document = parseDocument(source);
  if (!document.definitions.every(isExecutableDefinitionNode)) throw new BuiltinError("Unexpected Name");
  return { document, shape: queryShape(document) };
}

function parseSchema(source: string): Parsed {
  const document = parseDocument(source);
  if (document.definitions.some(isExecutableDefinitionNode)) throw new BuiltinError("Unexpected Name");
  if (document.definitions.length > 0) return { document, shape: schemaShape(document) };
  const comments = (source.match(/#[^\n\r]*/g) ?? []).map((Value) => shape({ Value }));
  return { document, shape: shape({ Comment: shape({ List: comments }) }) };
}

function queryOf(operand: Value): Parsed {
  if (!(operand instanceof RegoObject)) throw wrongType(operand, 1, "one of {string, object}");
  const document = queryTree(operand);
  return { document, shape: queryShape(document) };
}

function schemaOf(operand: Value, position: number): Parsed {
  if (typeof operand === "string") return parseSchema(operand);
  if (!(operand instanceof RegoObject)) throw wrongType(operand, position, "one of {string, object}");
  const document = schemaTree(operand);
  return { document, shape: schemaShape(document) };
}

function parseDocument(source: string): DocumentNode {
  if (BLANK.test(source)) return { kind: Kind.DOCUMENT, definitions: [] };
  try {
    return parse(source, { maxLexicalTokens: MOST_TOKENS, experimentalFragmentArguments: true });
  } catch (error) {
    // A syntax error, or a nesting that is deeper than the stack.
    throw new BuiltinError(error instanceof Error ? error.message : String(error));
  }
}

function isValid(check: () => unknown): boolean {
  return attempt(() => [check()]) !== undefined;
}

function attempt<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    if (error instanceof BuiltinError) return undefined;
    throw error;
  }
}
