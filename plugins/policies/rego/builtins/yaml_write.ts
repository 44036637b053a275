import { Document, Pair, Scalar, YAMLMap, YAMLSeq } from "yaml";
import { RegoObject, RegoSet, type Value } from "../value.ts";
import { formatFloat } from "./go_number.ts";
import { sortedEntries, sortedItems } from "./json_text.ts";
import { resolveScalar } from "./yaml_scalar.ts";

const FORMAT = { indent: 2, lineWidth: 0, minContentWidth: 0, doubleQuotedMinMultiLineLength: Infinity } as const;

/** Block style, sorted keys, quotes only where needed, as the encoder of go.yaml.in/yaml/v3 writes it. */
export function writeYaml(value: Value): string {
  // To this schema every scalar is a text, so that none is quoted but those that ask for it.
  const document = new Document(null, { schema: "failsafe" });
  document.contents = toNode(value);
  return document.toString(FORMAT);
}

function toNode(value: Value): Scalar | YAMLMap | YAMLSeq {
  if (Array.isArray(value)) return toSequence(value);
  if (value instanceof RegoSet) return toSequence(sortedItems(value));
  if (value instanceof RegoObject) return toMap(value);
  return typeof value === "string" ? styled(value, styleOf(value)) : toPlain(value as number);
}

function toSequence(items: readonly Value[]): YAMLSeq {
  const sequence = new YAMLSeq();
  sequence.items = items.map(toNode);
  sequence.flow = items.length === 0;
  return sequence;
}

function toMap(object: RegoObject): YAMLMap {
  const map = new YAMLMap();
  map.items = sortedEntries(object).sort(([a], [b]) => compareKeys(a, b))
    .map(([key, value]) => new Pair(styled(key, styleOf(key)), toNode(value)));
  map.flow = object.size === 0;
  return map;
}

function toPlain(value: null | boolean | number | bigint): Scalar {
  const isFloat = typeof value === "number" && !Number.isSafeInteger(value) ||
    typeof value === "bigint" && BigInt.asIntN(64, value) !== value && BigInt.asUintN(64, value) !== value;
  return styled(isFloat ? formatFloat(Number(value)) : String(value), Scalar.PLAIN);
}

function styled(text: string, type: Scalar.Type): Scalar {
  const scalar = new Scalar(text);
  scalar.type = type;
  return scalar;
}

/** What YAML 1.1 takes for something else than text: numbers of base 60, other booleans. */
const OLD = /^(?:[-+]?\d[\d_]*(?::[0-5]?\d)+(?:\.[\d_]*)?|y|Y|yes|Yes|YES|on|On|ON|n|N|no|No|NO|off|Off|OFF)$/;
const DATE = /^\d{4}-\d\d?-\d\d?(?:$|[Tt ])/;
/** Dashes and dots that could end the document, and what begins or continues as something else than text. */
const INDICATOR = /^(?:---|\.\.\.|[#,[\]{}&*!|>'"%@`]|[?:-](?:\s|$))|:(?:\s|$)|\s#/;
// deno-lint-ignore no-control-regex -- these are what it looks for
const SPECIAL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\ufeff\ufffe\uffff\u{10000}-\u{10ffff}]/u;

/** Source: emitterc.go of go.yaml.in/yaml/v3, `yaml_emitter_analyze_scalar`. */
function styleOf(text: string): Scalar.Type {
  if (text === "") return Scalar.QUOTE_DOUBLE;
  const isSpecial = SPECIAL.test(text) || / [\n\u0085\u2028\u2029]/.test(text);
  if (text.includes("\n")) {
    return isSpecial || text.endsWith(" ") ? Scalar.QUOTE_DOUBLE : Scalar.BLOCK_LITERAL;
  }
  if (typeof resolveScalar(text) !== "string" || OLD.test(text) || DATE.test(text)) return Scalar.QUOTE_DOUBLE;
  if (isSpecial || /\t|[\u0085\u2028\u2029] /.test(text)) return Scalar.QUOTE_DOUBLE;
  return INDICATOR.test(text) || /^ | $|[\u2028\u2029]/.test(text) ? Scalar.QUOTE_SINGLE : Scalar.PLAIN;
}

/** Numbers inside keys count as numbers: `a2` before `a10`. Source: sorter.go of go.yaml.in/yaml/v3. */
function compareKeys(a: string, b: string): number {
  const [x, y] = [[...a], [...b]];
  let at = 0;
  while (at < x.length && at < y.length && x[at] === y[at]) at++;
  if (at === x.length || at === y.length) return x.length - y.length;
  const [isLetterX, isLetterY] = [x[at], y[at]].map((character) => /\p{L}/u.test(character));
  const order = x[at].codePointAt(0)! - y[at].codePointAt(0)!;
  if (isLetterX && isLetterY) return order;
  const isAfterDigit = at > 0 && /\d/.test(x[at - 1]);
  if (isLetterX || isLetterY) return isLetterX === isAfterDigit ? -1 : 1;
  return compareNumbers(x.slice(at).join(""), y.slice(at).join(""), x.slice(0, at).join("")) || order;
}

function compareNumbers(a: string, b: string, before: string): number {
  const hasNonZero = (a[0] === "0" || b[0] === "0") && /[1-9]\d*$/.test(before) ? "1" : "";
  const [x, y] = [a, b].map((text) => /^\d*/.exec(text)![0]);
  const [numberX, numberY] = [x, y].map((digits) => BigInt(hasNonZero + digits || "0"));
  return numberX < numberY ? -1 : numberX > numberY ? 1 : x.length - y.length;
}
