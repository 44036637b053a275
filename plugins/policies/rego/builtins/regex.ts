import { RE2JS, RE2JSException } from "re2js";
import { BuiltinError, type Builtins, text } from "../builtin.ts";
import { globsIntersect } from "./globs_intersect.ts";
import { int64 } from "./strings.ts";

/** What OPA leaves to the host of topdown/regex.go. Every pattern runs in time linear in the text (RE2). */
export const regexBuiltins: Builtins = {
  "regex.find_n": ([pattern, subject, limit]) => {
    const [regex, searched, most] = [compile(text(pattern, 1)), text(subject, 2), int64(limit, 3)];
    return most === 0 ? [] : [...allMatches(regex, searched, most)].map(({ groups }) => groups[0]!);
  },
  "regex.replace": ([base, pattern, replacement]) =>
    replace(text(base, 1), compile(text(pattern, 2)), text(replacement, 3)),
  "regex.split": ([pattern, base]) => split(compile(text(pattern, 1)), text(base, 2)),
  "regex.template_match": ([template, subject, start, end]) => {
    const delimiters = { start: delimiter(text(start, 3)), end: delimiter(text(end, 4)) };
    return compile(templatePattern(text(template, 1), delimiters)).test(text(subject, 2));
  },
  "regex.globs_match": ([left, right]) => globsIntersect(text(left, 1), text(right, 2)),
};

/** As many as OPA keeps. */
const MOST_COMPILED = 100;
const compiled = new Map<string, RE2JS>();

/** A pattern in Go's syntax. Throws BuiltinError for what is none. */
function compile(pattern: string): RE2JS {
  const known = compiled.get(pattern);
  if (known !== undefined) return known;
  const regex = parse(pattern);
  const [oldest] = compiled.keys();
  if (compiled.size >= MOST_COMPILED) compiled.delete(oldest);
  compiled.set(pattern, regex);
  return regex;
}

function parse(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    if (error instanceof RE2JSException) throw new BuiltinError(error.message);
    throw error;
  }
}

interface Match {
  readonly start: number;
  readonly end: number;
  /** The whole match, then its groups; null for one that took no part. */
  readonly groups: readonly (string | null)[];
}

/** As `allMatches` of Go's regexp: no empty match right behind another match. A negative limit is none. */
function* allMatches(regex: RE2JS, subject: string, limit = -1): Generator<Match> {
  const matcher = regex.matcher(subject);
  let found = 0;
  let previousEnd = -1;
  for (let at = 0; found !== limit && at <= subject.length && matcher.find(at);) {
    const [start, end] = [matcher.start(), matcher.end()];
    if (end !== at || start !== previousEnd) {
      found++;
      yield { start, end, groups: Array.from({ length: regex.groupCount() + 1 }, (_, i) => matcher.group(i)) };
    }
    at = end === at ? end + ((subject.codePointAt(end) ?? 0) > 0xffff ? 2 : 1) : end;
    previousEnd = end;
  }
}

function replace(base: string, regex: RE2JS, replacement: string): string {
  let result = "";
  let done = 0;
  for (const match of allMatches(regex, base)) {
    result += base.slice(done, match.start) + expand(replacement, regex, match);
    done = match.end;
  }
  return result + base.slice(done);
}

const REFERENCE = /\$(?:(\$)|([\p{L}\p{Nd}_]+)|\{([\p{L}\p{Nd}_]+)\})/gu;

/** `$1`, `$name`, `${name}` and `$$` (`Expand` of Go's regexp); what names no group is nothing. */
function expand(replacement: string, regex: RE2JS, { groups }: Match): string {
  if (!replacement.includes("$")) return replacement;
  return replacement.replace(REFERENCE, (_, dollar?: string, bare?: string, braced?: string) => {
    if (dollar !== undefined) return "$";
    const name = (bare ?? braced)!;
    const names = regex.namedGroups();
    const index = /^(?:0|[1-9]\d{0,8})$/.test(name) ? Number(name) : Object.hasOwn(names, name) ? names[name] : -1;
    return groups[index] ?? "";
  });
}

function split(regex: RE2JS, base: string): string[] {
  if (base === "" && regex.pattern() !== "") return [""];
  const parts: string[] = [];
  let [begin, end] = [0, 0];
  for (const match of allMatches(regex, base)) {
    end = match.start;
    if (match.end !== 0) parts.push(base.slice(begin, end));
    begin = match.end;
  }
  if (end !== base.length) parts.push(base.slice(begin));
  return parts;
}

interface Delimiters {
  readonly start: string;
  readonly end: string;
}

function delimiter(character: string): string {
  if (/^[\0-\x7f]$/.test(character)) return character;
  throw new BuiltinError("a delimiter has to be exactly one character long");
}

/** Literal text around patterns that stand between delimiters, as one anchored pattern (regex_template.go). */
function templatePattern(template: string, delimiters: Delimiters): string {
  let [pattern, done] = ["^", 0];
  for (const [open, close] of delimited(template, delimiters)) {
    const inner = template.slice(open + 1, close);
    parse(`^${inner}$`);
    pattern += `${RE2JS.quote(template.slice(done, open))}(${inner})`;
    done = close + 1;
  }
  return `${pattern}${RE2JS.quote(template.slice(done))}$`;
}

/** Where the outermost pairs of delimiters are. */
function delimited(template: string, { start, end }: Delimiters): [number, number][] {
  const pairs: [number, number][] = [];
  let [level, open] = [0, 0];
  for (let at = 0; at < template.length; at++) {
    if (template[at] === start) {
      if (++level === 1) open = at;
    } else if (template[at] === end) {
      if (--level === 0) pairs.push([open, at]);
      if (level < 0) break;
    }
  }
  if (level !== 0) throw new BuiltinError("unbalanced braces");
  return pairs;
}
