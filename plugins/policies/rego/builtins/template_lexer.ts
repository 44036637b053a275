import { BuiltinError } from "../builtin.ts";

export interface Token {
  readonly kind: "text" | "field" | "variable" | "word" | "number" | "string" | "raw" | "rune" | "mark" | "end";
  readonly text: string;
  /** Whether blanks stand before it. */
  readonly spaced: boolean;
}

const ACTION = /\{\{(-(?=[ \t\r\n]))?/g;
const COMMENT = /\{\{(?:-[ \t\r\n])?\/\*[^]*?\*\/([ \t\r\n]-)?\}\}/y;
const BLANKS = /[ \t\r\n]*/y;
const END = /[ \t\r\n]+-\}\}|[ \t\r\n]*\}\}/y;
const TERMINATED = "(?=[ \\t\\r\\n.,|:)(]|\\}\\}|$)";
const NAME = "[\\p{L}\\p{Nd}_]";

const KINDS: readonly (readonly [Token["kind"], RegExp])[] = [
  ["string", /"(?:\\[^\n]|[^"\\\n])*"/uy],
  ["raw", /`[^`]*`/uy],
  ["rune", /'(?:\\[^\n]|[^'\\\n])*'/uy],
  [
    "number",
    /[+-]?(?:0[xX][\da-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d+)?)(?![\p{L}\p{Nd}_])/uy,
  ],
  ["field", new RegExp(`\\.${NAME}+${TERMINATED}`, "uy")],
  ["variable", new RegExp(`\\$${NAME}*${TERMINATED}`, "uy")],
  ["word", new RegExp(`${NAME}+${TERMINATED}`, "uy")],
  ["mark", new RegExp(`\\.${TERMINATED}|:=|[=|(),]`, "uy")],
];

/** Texts, and the tokens of actions, each action closed by an `end`. Throws BuiltinError. */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let trims = false;
  while (at <= source.length) {
    ACTION.lastIndex = at;
    const action = ACTION.exec(source);
    const plain = source.slice(at, action?.index);
    const kept = trims ? plain.replace(/^[ \t\r\n]+/, "") : plain;
    const text = action?.[1] === undefined ? kept : trimmedEnd(kept);
    if (text !== "") tokens.push({ kind: "text", text, spaced: false });
    if (action === null) break;
    [at, trims] = comment(source, action.index) ?? readAction(source, ACTION.lastIndex, tokens);
  }
  return tokens;
}

/** Without a regular expression, which would be slow for many blanks inside a text. */
function trimmedEnd(text: string): string {
  let end = text.length;
  while (end > 0 && " \t\r\n".includes(text[end - 1])) end--;
  return text.slice(0, end);
}

/** Where it ends, and whether the blanks behind it are dropped. */
function comment(source: string, at: number): [number, boolean] | undefined {
  COMMENT.lastIndex = at;
  const found = COMMENT.exec(source);
  return found === null ? undefined : [COMMENT.lastIndex, found[1] !== undefined];
}

function readAction(source: string, start: number, tokens: Token[]): [number, boolean] {
  for (let at = start;;) {
    END.lastIndex = at;
    const end = END.exec(source);
    if (end !== null) {
      tokens.push({ kind: "end", text: "}}", spaced: true });
      return [END.lastIndex, end[0].endsWith("-}}")];
    }
    BLANKS.lastIndex = at;
    const spaced = BLANKS.exec(source)![0] !== "";
    const token = tokenAt(source, BLANKS.lastIndex);
    tokens.push({ ...token, spaced });
    at = BLANKS.lastIndex + token.text.length;
  }
}

function tokenAt(source: string, at: number): Pick<Token, "kind" | "text"> {
  for (const [kind, pattern] of KINDS) {
    pattern.lastIndex = at;
    const text = pattern.exec(source)?.[0];
    if (text !== undefined) return { kind, text };
  }
  throw new BuiltinError(at >= source.length ? "template: unclosed action" : `template: unexpected ${source[at]}`);
}
