import { type GlobToken, isSame, matches, parseGlob } from "./simple_glob.ts";

/** Tokens of the two globs that may be compared; the library that OPA uses has no limit, and an exponential worst case. */
const MOST_STEPS = 5_000_000;
const DEEPEST = 1_500;

/**
 * Whether some text matches both of two simple globs (`.`, `[a-z]`, each with `*` or `+`). The algorithm of
 * github.com/yashtewari/glob-intersection, its quirks included, with a memory that keeps it polynomial.
 */
export function globsIntersect(left: string, right: string): boolean {
  const trimmed = trim(simplified(parseGlob(left)), simplified(parseGlob(right)));
  return trimmed !== undefined && new Intersection().normal(...trimmed);
}

/** A glob from one of its tokens on. */
interface Suffix {
  readonly tokens: readonly GlobToken[];
  readonly at: number;
}

/** `a*a+` is `a+`. */
function simplified(tokens: readonly GlobToken[]): GlobToken[] {
  const simple: GlobToken[] = [];
  for (const token of tokens) {
    const latest = simple.at(-1);
    if (latest?.flag && token.flag && isSame(token, latest)) {
      simple[simple.length - 1] = { ...latest, flag: token.flag === "+" || latest.flag === "+" ? "+" : "*" };
    } else simple.push(token);
  }
  return simple;
}

/** Drops equal beginnings and ends, but for one token; undefined where they differ. */
function trim(left: readonly GlobToken[], right: readonly GlobToken[]): [Suffix, Suffix] | undefined {
  const isPlain = (i: number, j: number) => !left[i].flag && !right[j].flag;
  let start = 0;
  for (; start < left.length && start < right.length && isPlain(start, start); start++) {
    if (!matches(left[start], right[start])) return undefined;
  }
  if (start > 0) start--;
  let [i, j] = [left.length - 1, right.length - 1];
  for (; i >= start && j >= start && isPlain(i, j); i--, j--) if (!matches(left[i], right[j])) return undefined;
  if (i < left.length - 1) [i, j] = [i + 1, j + 1];
  return [{ tokens: left.slice(start, i + 1), at: 0 }, { tokens: right.slice(start, j + 1), at: 0 }];
}

class Intersection {
  #steps = 0;
  #depth = 0;
  readonly #known = new Map<readonly GlobToken[], Map<number, boolean>>();

  normal(a: Suffix, b: Suffix): boolean {
    let [i, j] = [a.at, b.at];
    for (; i < a.tokens.length && j < b.tokens.length; i++, j++) {
      if (a.tokens[i].flag || b.tokens[j].flag) {
        return this.#remembered({ tokens: a.tokens, at: i }, { tokens: b.tokens, at: j });
      }
      this.#step();
      if (!matches(a.tokens[i], b.tokens[j])) return false;
    }
    return i === a.tokens.length && j === b.tokens.length;
  }

  /** The order of the two matters to the algorithm: what is known is kept by the first's tokens. */
  #remembered(a: Suffix, b: Suffix): boolean {
    const known = this.#known.get(a.tokens) ?? new Map<number, boolean>();
    this.#known.set(a.tokens, known);
    const key = a.at * (b.tokens.length + 1) + b.at;
    let result = known.get(key);
    if (result === undefined) {
      if (++this.#depth > DEEPEST) throw new RangeError("The globs of regex.globs_match have too many wildcards");
      result = this.#special(a, b);
      this.#depth--;
      known.set(key, result);
    }
    return result;
  }

  #special(a: Suffix, b: Suffix): boolean {
    const [flagged, other] = a.tokens[a.at].flag ? [a, b] : [b, a];
    return flagged.tokens[flagged.at].flag === "+" ? this.#plus(flagged, other) : this.#star(flagged, other);
  }

  #plus(plussed: Suffix, other: Suffix): boolean {
    const token = other.tokens[other.at];
    if (!matches(plussed.tokens[plussed.at], token)) return false;
    if (this.#star(plussed, { ...other, at: other.at + 1 })) return true;
    return token.flag !== "" && this.normal({ ...plussed, at: plussed.at + 1 }, other);
  }

  #star(starred: Suffix, other: Suffix): boolean {
    const star = starred.tokens[starred.at];
    const rest = { ...starred, at: starred.at + 1 };
    const next = rest.tokens.at(rest.at);
    for (let at = other.at; at < other.tokens.length; at++) {
      this.#step();
      const token = other.tokens[at];
      if (next !== undefined && matches(token, next) && this.normal(rest, { ...other, at })) return true;
      if (!matches(token, star)) return false;
    }
    return next === undefined;
  }

  #step(): void {
    if (++this.#steps > MOST_STEPS) throw new RangeError("The globs of regex.globs_match are too long");
  }
}
