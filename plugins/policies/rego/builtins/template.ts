import { BuiltinError, type Builtins, object, text } from "../builtin.ts";
import { RegoObject, RegoSet, type Value } from "../value.ts";
import type { Argument } from "./go_format.ts";
import { quote } from "./go_text.ts";
import { parseTemplate } from "./template_parser.ts";
import { executeTemplate } from "./template_run.ts";

/** As OPA's topdown/template.go uses Go's text/template; imaginary numbers are the one thing left out. */
export const templateBuiltins: Builtins = {
  "strings.render_template": ([template, variables]) => {
    const [source, data] = [text(template, 1), argumentOf(object(variables, 2))];
    return executeTemplate(parseTemplate(source), data).replaceAll("<no value>", "<undefined>");
  },
};

/** A value as OPA hands it to a template: by way of its text, which has to be JSON for that. */
function argumentOf(value: Value): Argument {
  if (value === null) return { type: "<nil>", value };
  if (typeof value === "boolean") return { type: "bool", value };
  if (typeof value === "string") return { type: "string", value: jsonText(value) };
  if (Array.isArray(value)) return { type: "[]interface {}", value: value.map(argumentOf) };
  if (value instanceof RegoSet) throw new BuiltinError("a set is no value of a template");
  if (!(value instanceof RegoObject)) return { type: "json.Number", value: String(value) };
  const entries = Array.from(value.entries(), ([key, inner]) => {
    if (typeof key !== "string") throw new BuiltinError("a key that is no string is none of a template's");
    return [jsonText(key), argumentOf(inner)] as const;
  });
  return { type: "map[string]interface {}", value: new Map(entries) };
}

/** A text that Go quotes with escapes that JSON does not have is an error to OPA. */
function jsonText(value: string): string {
  const literal = quote(value);
  if (/[^\\](?:\\\\)*\\[axvU]/.test(literal)) throw new BuiltinError("invalid character in a text of a template");
  return value;
}
