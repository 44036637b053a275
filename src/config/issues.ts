import type * as v from "valibot";
import { acceptedNames, type ConfigIssue, foundValue, pathText } from "../errors.ts";
import type { YamlPath, YamlSource } from "./yaml_source.ts";

type Issue = v.BaseIssue<unknown>;

interface Leaf {
  readonly issue: Issue;
  readonly path: YamlPath;
}

/** One mistake in a config, by its path: whoever finds it need not know the file's lines. */
export interface Misfit {
  readonly path: YamlPath;
  /** Default the value. */
  readonly part?: "key" | "value";
  readonly found: string;
  readonly accepted: string;
}

/** What a valibot schema says of the value at `at`. */
export function misfits(issues: readonly Issue[], at: YamlPath = []): Misfit[] {
  return issues.flatMap((issue) => leaves(issue, at)).map(misfitOf);
}

export function located({ path, part, found, accepted }: Misfit, locate: YamlSource["locate"]): ConfigIssue {
  return { path: pathText(path), ...locate(path, part), found, accepted };
}

/** What a valibot schema says of the value at `at`, with positions. */
export function configIssues(
  issues: readonly Issue[],
  { locate, at = [] }: { locate: YamlSource["locate"]; at?: YamlPath },
): ConfigIssue[] {
  return misfits(issues, at).map((misfit) => located(misfit, locate));
}

/** Of the alternatives of a union, those that got further than the union itself: what was meant. */
function leaves(issue: Issue, above: YamlPath): Leaf[] {
  const path = [...above, ...(issue.path ?? []).map(({ key }) => key as string | number)];
  const inner = (issue.issues ?? []).flatMap((alternative) => leaves(alternative, path));
  const further = inner.filter((leaf) => leaf.path.length > path.length);
  return further.length > 0 ? further : [{ issue, path }];
}

/** Keys that name a variable, and into which somebody may have written the secret itself. */
const SECRETS: readonly unknown[] = ["password", "token", "env"];

function misfitOf({ issue, path }: Leaf): Misfit {
  const name = String(path.at(-1));
  const isUnknownKey = issue.expected === "never";
  const isKey = isUnknownKey || (issue.path?.at(-1)?.origin === "key" && issue.input !== undefined);
  const isSecret = typeof issue.input === "string" && path.some((step) => SECRETS.includes(step));
  const value = isSecret ? "text" : foundValue(issue.input);
  const found = isUnknownKey ? `unknown key ${foundValue(name)}` : value;
  return {
    path,
    part: isKey ? "key" : "value",
    found: isKey && !isUnknownKey ? `key ${found}` : found,
    accepted: accepted(issue, isUnknownKey ? name : issue.input),
  };
}

/** Our schemas' messages are what is accepted; another schema's may be valibot's own sentence. */
function accepted(issue: Issue, found: unknown): string {
  const { type, message } = issue;
  const text = message.startsWith("Invalid ") ? inWords(issue) : message.replace(/^accepted:? /, "");
  const listsNames = type === "never" || type === "picklist" || type === "union";
  return listsNames ? acceptedNames(found, text.split(", ")) : text;
}

const TYPES: Readonly<Record<string, string>> = {
  Object: "a map",
  Array: "a list",
  string: "text",
  number: "a number",
  boolean: "true or false",
  never: "no such key",
};

/** `("baseline" | "restricted")` -> `baseline, restricted`. Of a missing key valibot expects the key. */
function inWords({ type, expected }: Issue): string {
  if (expected === null) return "another value";
  if (type.endsWith("object") && expected.startsWith('"')) return "a value";
  const names = expected.replace(/[()"]/g, "").split(" | ");
  return names.map((name) => Object.hasOwn(TYPES, name) ? TYPES[name] : name).join(", ");
}
