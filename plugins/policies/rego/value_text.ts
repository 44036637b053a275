import { RegoObject, RegoSet, type Source, type Value } from "./value.ts";

/**
 * Reads the text of a value as `opa_value_dump` writes it: JSON with sets, and with keys of any type. What OPA itself
 * wrote is `distinct`.
 */
export function parseValue(text: string, { distinct = false }: Source = {}): Value {
  // A byte that is no UTF-8 was replaced: what differed may not any more.
  const reader = new Reader(text, distinct && !text.includes("\ufffd"));
  const value = reader.value();
  reader.end();
  return value;
}

const SPACE = new Set([" ", "\t", "\n", "\r"]);
const STRING = /"(?:[^"\\]|\\.)*"/y;
/** As written in the source: `.5`, too. */
const NUMBER = /-?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?/y;

class Reader {
  #at = 0;
  /** Ends at a number that may have been rounded: what differs in the text may not differ as a value. */
  #distinct: boolean;

  constructor(readonly text: string, distinct: boolean) {
    this.#distinct = distinct;
  }

  value(): Value {
    this.#skipSpace();
    switch (this.text[this.#at]) {
      case '"':
        return this.#string();
      case "[":
        return this.#list("[", "]");
      case "{":
        return this.#objectOrSet();
      case "s":
        return this.#word("set()", new RegoSet());
      case "t":
        return this.#word("true", true);
      case "f":
        return this.#word("false", false);
      case "n":
        return this.#word("null", null);
      default:
        return this.#number();
    }
  }

  end(): void {
    this.#skipSpace();
    if (this.#at < this.text.length) throw this.#error();
  }

  #list(open: string, close: string): Value[] {
    const items: Value[] = [];
    this.#word(open, null);
    if (this.#takes(close)) return items;
    do items.push(this.value()); while (this.#takes(","));
    if (!this.#takes(close)) throw this.#error();
    return items;
  }

  #objectOrSet(): Value {
    this.#word("{", null);
    if (this.#takes("}")) return new RegoObject();
    const first = this.value();
    if (!this.#takes(":")) return this.#set(first);
    const entries: [Value, Value][] = [[first, this.value()]];
    while (this.#takes(",")) {
      const key = this.value();
      if (!this.#takes(":")) throw this.#error();
      entries.push([key, this.value()]);
    }
    if (!this.#takes("}")) throw this.#error();
    return new RegoObject(entries, { distinct: this.#distinct });
  }

  #set(first: Value): Value {
    const items = [first];
    while (this.#takes(",")) items.push(this.value());
    if (!this.#takes("}")) throw this.#error();
    return new RegoSet(items, { distinct: this.#distinct });
  }

  #string(): string {
    const end = this.text.indexOf('"', this.#at + 1);
    const plain = this.text.slice(this.#at + 1, end);
    if (end < 0 || plain.includes("\\")) return JSON.parse(this.#need(STRING)) as string;
    this.#at = end + 1;
    return plain;
  }

  /** Exact for every integer; other numbers as 64-bit floats. */
  #number(): number | bigint {
    const text = this.#need(NUMBER);
    const number = Number(text);
    if (!/^-?\d+$/.test(text)) this.#distinct = false;
    else if (!Number.isSafeInteger(number)) return BigInt(text);
    return number;
  }

  #takes(text: string): boolean {
    this.#skipSpace();
    if (!this.text.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  #word(text: string, value: Value): Value {
    if (!this.#takes(text)) throw this.#error();
    return value;
  }

  #need(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.text)?.[0];
    if (found === undefined) throw this.#error();
    this.#at += found.length;
    return found;
  }

  #skipSpace(): void {
    while (SPACE.has(this.text[this.#at])) this.#at++;
  }

  #error(): SyntaxError {
    return new SyntaxError(`Cannot read a Rego value at ${this.#at} of ${this.text.length} characters`);
  }
}
