import { type Document, isScalar, LineCounter, parseAllDocuments, visit, type YAMLMap } from "yaml";
import { isFields, typeName } from "./core/malformed.ts";
import type { Fields } from "./contract.ts";
import { foundValue } from "./errors.ts";

/** One Kubernetes object of a manifest file. */
export interface Manifest {
  readonly file: string;
  /** Which YAML document of the file, from 1. */
  readonly document: number;
  readonly object: Fields;
}

export interface FileError {
  readonly file: string;
  readonly message: string;
}

export interface Manifests {
  readonly manifests: readonly Manifest[];
  readonly errors: readonly FileError[];
}

/** More aliases than people write; fewer than a bomb needs. */
const MOST_ALIASES = 100;

/**
 * The objects in a manifest: YAML 1.2 or JSON, several documents, `List` items one by one. What cannot be read is an
 * error with its line; the other documents are still read. Duplicate keys are refused: parsers differ on which counts.
 */
export function readManifests(text: string, file: string): Manifests {
  const manifests: Manifest[] = [];
  const errors: FileError[] = [];
  const lines = new LineCounter();
  const documents = parseAllDocuments(text.replace(/^\ufeff/, ""), {
    lineCounter: lines,
    resolveKnownTags: false,
    stringKeys: true,
    uniqueKeys: false,
    merge: true,
    prettyErrors: false,
  });
  for (const [i, document] of Array.isArray(documents) ? documents.entries() : []) {
    const place = { file, document: i + 1 };
    try {
      const object = valueOf(document, lines);
      if (object === null) continue;
      for (const item of itemsOf(object)) {
        if (isObject(item)) manifests.push({ ...place, object: item });
        else errors.push({ file, message: notAnObject(item, lineOf(document, lines)) });
      }
    } catch (error) {
      errors.push({ file, message: (error as Error).message });
    }
  }
  return { manifests, errors };
}

/** A tag that is not known is refused: the API server's reader ignores it, so it would judge another value. */
function valueOf(document: Document.Parsed, lines: LineCounter): unknown {
  const at = (offset: number) => placeOf(offset, lines);
  const [error] = [...document.errors, ...document.warnings];
  if (error) {
    const message = error.code === "RESOURCE_EXHAUSTION" ? "lists or maps nested too deep" : error.message;
    throw new SyntaxError(`Cannot read ${at(error.pos[0])}: ${message}`);
  }
  let aliases = 0;
  visit(document, {
    Map: (_, map) => refuseDuplicates(map, at),
    Alias(_, alias, above) {
      const target = alias.resolve(document);
      const fault = !target ? "no anchor before this alias" : faultOf(above.includes(target), ++aliases);
      if (fault) throw new SyntaxError(`Cannot read ${at(alias.range![0])}: ${fault}`);
    },
  });
  try {
    return document.toJS({ maxAliasCount: MOST_ALIASES });
  } catch (cause) {
    throw new RangeError(`Cannot read line ${lineOf(document, lines)}: ${(cause as Error).message}`, { cause });
  }
}

function faultOf(isAround: boolean, aliases: number): string | null {
  if (isAround) return "an alias of what it is in";
  return aliases > MOST_ALIASES ? `more than ${MOST_ALIASES} aliases` : null;
}

function refuseDuplicates({ items }: YAMLMap, at: (offset: number) => string): void {
  const seen = new Map<unknown, string>();
  for (const { key } of items) {
    if (!isScalar(key)) continue;
    const place = at(key.range![0]);
    const first = seen.get(key.value);
    if (first !== undefined) {
      throw new SyntaxError(`Cannot read ${place}: duplicate key ${foundValue(key.value)} (first at ${first})`);
    }
    seen.set(key.value, place);
  }
}

function placeOf(offset: number, lines: LineCounter): string {
  const { line, col } = lines.linePos(offset);
  return `line ${line}, column ${col}`;
}

function lineOf(document: Document.Parsed, lines: LineCounter): number {
  return lines.linePos(document.contents?.range?.[0] ?? document.range[0]).line;
}

function itemsOf(value: unknown): readonly unknown[] {
  const isList = isObject(value) && value.kind.endsWith("List") && Array.isArray(value.items);
  return isList ? (value.items as unknown[]).flatMap(itemsOf) : [value];
}

function isObject(value: unknown): value is Fields & { apiVersion: string; kind: string } {
  return isFields(value) && typeof value.apiVersion === "string" && typeof value.kind === "string" && value.kind !== "";
}

function notAnObject(value: unknown, line: number): string {
  const found = isFields(value) ? `keys ${Object.keys(value).slice(0, 5).join(", ") || "none"}` : typeName(value);
  return `Cannot judge the document at line ${line}: found ${found}, accepted an object with apiVersion and kind`;
}
