import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from "yaml";
import type { Document, Node, YAMLError, YAMLMap } from "yaml";
import { ConfigError, type ConfigIssue, foundValue, pathText } from "../errors.ts";

export type YamlPath = readonly (string | number)[];

export interface Position {
  readonly line: number;
  readonly column: number;
}

/** The value of a YAML file, and where each part of it was written. */
export interface YamlSource {
  readonly value: unknown;
  /** Of the value at that path or of its key; of the nearest part above where there is none. */
  locate(path: YamlPath, part?: "key" | "value"): Position;
}

/** What every alias of one anchor may expand to in all, in nodes: a file of a few lines must not become gigabytes. */
const MAX_ALIAS_COUNT = 100;

/** yaml's message for `- *`, which most likely means every container. */
const EMPTY_ALIAS = "Alias cannot be an empty string";

/**
 * Reads one YAML 1.2 document with the core schema: `off`, `no` and `on` are text, every key is text as it was
 * written. Throws ConfigError with every syntax error, duplicate key and unknown tag.
 */
export function parseYaml(text: string, file: string): YamlSource {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    resolveKnownTags: false,
    stringKeys: true,
    uniqueKeys: false,
  });
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const syntax = syntaxIssues(document, at);
  const issues = syntax.length > 0 ? syntax : structureIssues(document.contents, at);
  if (issues.length > 0) throw new ConfigError(file, issues);
  return {
    value: valueOf(document, file),
    locate: (path, part = "value") => at(offsetOf(document, path, part)),
  };
}

function valueOf(document: Document.Parsed, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: MAX_ALIAS_COUNT });
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    const found = "aliases that expand too far";
    throw new ConfigError(file, [{ path: "", line: 1, column: 1, found, accepted: "fewer, or none" }]);
  }
}

function syntaxIssues({ errors, warnings, directives }: Document.Parsed, at: (offset: number) => Position) {
  const { explicit, version } = directives.yaml;
  if (explicit && version !== "1.2") {
    return [{ path: "", ...at(0), found: `%YAML ${version}`, accepted: "YAML 1.2, which needs no directive" }];
  }
  const tooDeep = errors.some(({ code }) => code === "RESOURCE_EXHAUSTION");
  if (tooDeep) return [{ path: "", ...at(0), found: "lists or maps nested too deep", accepted: "fewer levels" }];
  return [...errors, ...warnings].map((error) => syntaxIssue(error, at(error.pos[0])));
}

function syntaxIssue({ code, message }: YAMLError, position: Position): ConfigIssue {
  if (code === "MULTIPLE_DOCS") return { path: "", ...position, found: "a second document", accepted: "one" };
  if (code === "NON_STRING_KEY") return { path: "", ...position, found: "a key that is not text", accepted: "text" };
  if (message === EMPTY_ALIAS) return { path: "", ...position, found: "a bare *", accepted: 'it in quotes, "*"' };
  return { path: "", ...position, found: `invalid YAML (${message})`, accepted: "YAML 1.2" };
}

/** Duplicate keys, and aliases of nothing or of what they are in. */
function structureIssues(contents: Node | null, at: (offset: number) => Position): ConfigIssue[] {
  const issues: ConfigIssue[] = [];
  const anchors = new Map<string, Node>();
  const report = (node: Node, path: YamlPath, { found, accepted }: { found: string; accepted: string }) => {
    issues.push({ path: pathText(path), ...at(startOf(node) ?? 0), found, accepted });
  };

  function visit(node: unknown, path: YamlPath, above: readonly Node[]): void {
    if (isAlias(node)) {
      const target = anchors.get(node.source);
      if (target && !above.includes(target)) return;
      report(node, path, {
        found: `alias *${node.source}`,
        accepted: "an alias of an earlier value, not of one around it",
      });
    }
    if (!isMap(node) && !isSeq(node) && !isScalar(node)) return;
    if (node.anchor !== undefined) anchors.set(node.anchor, node);
    if (isSeq(node)) node.items.forEach((item, index) => visit(item, [...path, index], [...above, node]));
    if (isMap(node)) visitMap(node, path, [...above, node]);
  }

  function visitMap(map: YAMLMap, path: YamlPath, above: readonly Node[]): void {
    const seen = new Map<string, Position>();
    for (const { key, value } of map.items) {
      const name = keyName(key);
      const first = seen.get(name);
      if (first) {
        const found = `key ${foundValue(name)} again (first at ${first.line}:${first.column})`;
        report(key as Node, [...path, name], { found, accepted: "one" });
      } else seen.set(name, at(startOf(key) ?? 0));
      visit(value, [...path, name], above);
    }
  }

  visit(contents, [], []);
  return issues;
}

function keyName(key: unknown): string {
  return isScalar(key) ? String(key.value) : "";
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}

function offsetOf(document: Document.Parsed, path: YamlPath, part: "key" | "value"): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const [index, step] of path.entries()) {
    const holder = isAlias(node) ? node.resolve(document) : node;
    const pair = isMap(holder) ? holder.items.find(({ key }) => keyName(key) === step) : undefined;
    node = isSeq(holder) ? holder.items[Number(step)] : pair?.value;
    const wantsKey = part === "key" && index === path.length - 1;
    offset = startOf(wantsKey && pair ? pair.key : node) ?? startOf(pair?.key) ?? offset;
  }
  return offset;
}
