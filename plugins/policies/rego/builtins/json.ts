import { array, boolean, BuiltinError, type Builtins, object, text } from "../builtin.ts";
import type { Value } from "../value.ts";
import { applyOperation } from "./json_patch.ts";
import { formatJson, indentJson } from "./json_text.ts";

/** Sources: v1/topdown/json.go and encoding.go of OPA. */
export const jsonBuiltins: Builtins = {
  "json.patch": ([target, operations]) => array(operations, 2).reduce(applyOperation, target),
  "json.marshal_with_options": ([value, options]) => marshal(value, options),
};

function marshal(value: Value, operand: Value): string {
  const { pretty, prefix = "", indent = "\t" } = marshalOptions(operand);
  return pretty ? prefix + indentJson(value, { prefix, indent }) : formatJson(value);
}

interface MarshalOptions {
  pretty: boolean;
  prefix?: string;
  indent?: string;
}

function marshalOptions(operand: Value): MarshalOptions {
  const options: MarshalOptions = { pretty: false };
  let pretty: boolean | undefined;
  for (const [key, value] of object(operand, 2).entries()) {
    if (key === "prefix" || key === "indent") options[key] = text(value, 2);
    else if (key === "pretty") pretty = boolean(value, 2);
    else throw new BuiltinError(`operand 2 object contained unknown key ${JSON.stringify(String(key))}`);
  }
  return { ...options, pretty: pretty ?? (options.prefix !== undefined || options.indent !== undefined) };
}
