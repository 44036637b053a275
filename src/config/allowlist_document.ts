import type { AllowlistDocument } from "../contract.ts";
import { isFields } from "../core/malformed.ts";
import { ConfigError, type ConfigIssue, foundValue, pathText } from "../errors.ts";
import { parseYaml, type YamlPath, type YamlSource } from "./yaml_source.ts";

/** One exception as a document lists it. */
export interface Listed {
  readonly environment: string;
  readonly policy: string;
  readonly namespace: string;
  readonly container: string;
  readonly source: string;
  readonly path: YamlPath;
  readonly locate: YamlSource["locate"];
}

interface Document {
  readonly listed: Listed[];
  readonly issues: (ConfigIssue & { readonly file: string })[];
}

interface Reader {
  list(names: readonly string[], path: YamlPath): void;
  refuse(path: YamlPath, refusal: { part: "key" | "value"; found: string; accepted: string }): void;
}

/** What each level is a map of; the last may be a list as well. */
const SHAPES = ["a map of environments", "a map of policies", "a map of namespaces", "a list of containers"];

/** Why the upper levels have no wildcard. */
const NAMES = [
  "the name of one environment (an exception holds in one environment at a time)",
  "the name of one policy (an exception holds for one policy at a time)",
  "the name of one namespace (an exception for all of them would switch the policy off)",
];

/** The exceptions in a document, and what is wrong with it. */
export function readAllowlist({ source, text }: AllowlistDocument): Document {
  const issues: Document["issues"] = [];
  const listed: Listed[] = [];
  try {
    const { value, locate } = parseYaml(text, source);
    readLevel(value, [], {
      list([environment, policy, namespace, container], path) {
        listed.push({ environment, policy, namespace, container, source, path, locate });
      },
      refuse(path, { part, ...refusal }) {
        issues.push({ file: source, path: pathText(path), ...locate(path, part), ...refusal });
      },
    });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    issues.push(...error.issues.map((issue) => ({ ...issue, file: source })));
  }
  return { listed, issues };
}

/** Nothing is an empty map: what remains when the last exception is commented out. */
function readLevel(value: unknown, names: readonly string[], reader: Reader): void {
  const level = names.length;
  if (value === null) return;
  if (level === NAMES.length) return readContainers(value, names, reader);
  if (!isFields(value)) {
    return reader.refuse(names, { part: "value", found: foundValue(value), accepted: SHAPES[level] });
  }
  for (const [name, inner] of Object.entries(value)) {
    const path = [...names, name];
    if (name !== "" && !name.includes("*")) readLevel(inner, path, reader);
    else reader.refuse(path, { part: "key", found: `key ${foundValue(name)}`, accepted: NAMES[level] });
  }
}

function readContainers(value: unknown, names: readonly string[], reader: Reader): void {
  if (Array.isArray(value)) {
    return value.forEach((container, index) => readContainer(container, [...names, index], { names, reader }));
  }
  if (!isFields(value)) {
    return reader.refuse(names, { part: "value", found: foundValue(value), accepted: SHAPES[names.length] });
  }
  for (const [container, mark] of Object.entries(value)) {
    const path = [...names, container];
    if (mark === null || mark === true || mark === container) readContainer(container, path, { names, reader });
    else reader.refuse(path, { part: "value", found: foundValue(mark), accepted: "nothing, true or the same name" });
  }
}

function readContainer(
  container: unknown,
  path: YamlPath,
  { names, reader }: { names: readonly string[]; reader: Reader },
): void {
  const isName = typeof container === "string" && container !== "" && (container === "*" || !container.includes("*"));
  if (isName) return reader.list([...names, container], path);
  const accepted = "a container's exact name, or * for all containers";
  reader.refuse(path, { part: "key", found: foundValue(container), accepted });
}
