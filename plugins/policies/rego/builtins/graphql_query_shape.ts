import {
  type ArgumentNode,
  type DirectiveNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  TokenKind,
  type VariableDefinitionNode,
} from "graphql";
import { BuiltinError } from "../builtin.ts";
import type { Value } from "../value.ts";
import { commentOf, type Part, shape, typeShape, valueShape } from "./graphql_shape.ts";

/** `ast.QueryDocument` of gqlparser. Throws BuiltinError for what is only of newer editions of GraphQL. */
export function queryShape({ definitions }: DocumentNode): Value {
  return shape({
    Operations: definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION).map(operationShape),
    Fragments: definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION).map(fragmentShape),
  });
}

function operationShape(node: OperationDefinitionNode): Value {
  if (node.description) throw new BuiltinError("Unexpected String");
  return shape({
    Operation: node.operation,
    Name: node.name?.value ?? "",
    VariableDefinitions: node.variableDefinitions?.map(variableShape),
    Directives: directiveShapes(node.directives),
    SelectionSet: selectionShapes(node.selectionSet),
    // gqlparser has lost it by the time that it builds the operation that is only a selection set.
    Comment: node.loc?.startToken.kind === TokenKind.BRACE_L ? undefined : commentOf(node),
  });
}

function fragmentShape(node: FragmentDefinitionNode): Value {
  if (node.description) throw new BuiltinError("Unexpected String");
  return shape({
    Name: node.name.value,
    VariableDefinition: node.variableDefinitions?.map(variableShape),
    TypeCondition: node.typeCondition.name.value,
    Directives: directiveShapes(node.directives),
    SelectionSet: selectionShapes(node.selectionSet),
    Comment: commentOf(node),
  });
}

function variableShape(node: VariableDefinitionNode): Value {
  if (node.description) throw new BuiltinError("Unexpected String");
  return shape({
    Variable: node.variable.name.value,
    Type: typeShape(node.type),
    DefaultValue: node.defaultValue && valueShape(node.defaultValue),
    Directives: directiveShapes(node.directives),
    Comment: commentOf(node),
    Used: false,
  });
}

function selectionShapes(node: SelectionSetNode | undefined): Part {
  if (node?.selections.length === 0) throw new BuiltinError("expected at least one definition, found }");
  return node?.selections.map(selectionShape);
}

function selectionShape(node: SelectionNode): Value {
  const Directives = directiveShapes(node.directives);
  const Comment = commentOf(node);
  switch (node.kind) {
    case Kind.FRAGMENT_SPREAD:
      if (node.arguments?.length) throw new BuiltinError("Expected Name, found (");
      return shape({ Name: node.name.value, Directives, Comment });
    case Kind.INLINE_FRAGMENT: {
      const TypeCondition = node.typeCondition?.name.value ?? "";
      return shape({ TypeCondition, Directives, SelectionSet: selectionShapes(node.selectionSet), Comment });
    }
    case Kind.FIELD:
      return shape({
        Alias: (node.alias ?? node.name).value,
        Name: node.name.value,
        Arguments: argumentShapes(node.arguments),
        Directives,
        SelectionSet: selectionShapes(node.selectionSet),
        Comment,
      });
  }
}

export function directiveShapes(nodes: readonly DirectiveNode[] | undefined): Part {
  return nodes?.map((node) =>
    shape({ Name: node.name.value, Arguments: argumentShapes(node.arguments), Location: "" })
  );
}

function argumentShapes(nodes: readonly ArgumentNode[] | undefined): Part {
  return nodes?.map((node) =>
    shape({ Name: node.name.value, Value: valueShape(node.value), Comment: commentOf(node) })
  );
}
