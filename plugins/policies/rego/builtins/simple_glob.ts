import { BuiltinError } from "../builtin.ts";

/** One rune of a set of them, possibly repeated. */
export interface GlobToken {
  readonly kind: "rune" | "dot" | "set";
  /** Code points from and to, both included; sorted, and apart from one another. None for a dot. */
  readonly ranges: readonly (readonly [number, number])[];
  readonly flag: "" | "+" | "*";
}

/** Whether a rune is in both, but for their flags. A dot matches even the empty set. */
export function matches(a: GlobToken, b: GlobToken): boolean {
  if (a.kind === "dot" || b.kind === "dot") return true;
  let [i, j] = [0, 0];
  while (i < a.ranges.length && j < b.ranges.length) {
    if (a.ranges[i][1] < b.ranges[j][0]) i++;
    else if (b.ranges[j][1] < a.ranges[i][0]) j++;
    else return true;
  }
  return false;
}

/** Whether two tokens are one, but for their flags. */
export function isSame(a: GlobToken, b: GlobToken): boolean {
  return a.kind === b.kind && a.ranges.length === b.ranges.length &&
    a.ranges.every(([from, to], i) => from === b.ranges[i][0] && to === b.ranges[i][1]);
}

/** Throws BuiltinError for what is no glob (tokenize.go of github.com/yashtewari/glob-intersection). */
export function parseGlob(glob: string): GlobToken[] {
  const reader = new Reader(Array.from(glob));
  const tokens: GlobToken[] = [];
  for (let token = reader.token(); token !== undefined; token = reader.token()) tokens.push(token);
  return tokens;
}

interface Rune {
  readonly text: string;
  readonly isEscaped: boolean;
}

class Reader {
  #at = 0;
  readonly #runes: readonly string[];

  constructor(runes: readonly string[]) {
    this.#runes = runes;
  }

  token(): GlobToken | undefined {
    const rune = this.#rune();
    if (rune === undefined) return undefined;
    const { text, isEscaped } = rune;
    if (isEscaped || !".[]+*".includes(text)) return { kind: "rune", ranges: [single(text)], flag: this.#flag() };
    if (text === ".") return { kind: "dot", ranges: [], flag: this.#flag() };
    if (text !== "[") throw new BuiltinError(`'${text}' in a glob follows nothing that it could belong to`);
    return { kind: "set", ranges: this.#set(), flag: this.#flag() };
  }

  #flag(): "" | "+" | "*" {
    const start = this.#at;
    const rune = this.#rune();
    if (rune && !rune.isEscaped && (rune.text === "+" || rune.text === "*")) return rune.text;
    this.#at = start;
    return "";
  }

  #set(): [number, number][] {
    const ranges: [number, number][] = [];
    let previous: string | undefined;
    for (let rune = this.#rune(); rune !== undefined; rune = this.#rune()) {
      if (!rune.isEscaped && rune.text === "]") return joined(ranges);
      if (!rune.isEscaped && rune.text === "-") {
        ranges.push(this.#range(previous));
        previous = undefined;
      } else {
        ranges.push(single(rune.text));
        previous = rune.text;
      }
    }
    throw new BuiltinError("found [ without matching ] in a glob");
  }

  #range(from: string | undefined): [number, number] {
    const to = from === undefined || this.#at >= this.#runes.length - 1 ? undefined : this.#rune();
    if (from === undefined || to === undefined || (!to.isEscaped && "]-".includes(to.text))) {
      throw new BuiltinError("'-' in a glob must stand between two characters");
    }
    const range: [number, number] = [from.codePointAt(0)!, to.text.codePointAt(0)!];
    if (range[1] < range[0]) throw new BuiltinError("a range in a glob is out of order");
    return range;
  }

  #rune(): Rune | undefined {
    const text = this.#runes.at(this.#at);
    if (this.#at >= this.#runes.length || text === undefined) return undefined;
    if (text !== "\\") {
      this.#at++;
      return { text, isEscaped: false };
    }
    const escaped = this.#runes[this.#at + 1];
    if (escaped === undefined) throw new BuiltinError("a glob ends with a \\");
    this.#at += 2;
    return { text: escaped, isEscaped: true };
  }
}

function single(rune: string): [number, number] {
  const code = rune.codePointAt(0)!;
  return [code, code];
}

function joined(ranges: readonly [number, number][]): [number, number][] {
  const result: [number, number][] = [];
  for (const [from, to] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const last = result.at(-1);
    if (last !== undefined && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else result.push([from, to]);
  }
  return result;
}
