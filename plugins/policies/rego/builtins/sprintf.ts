import { array, type Builtins, text } from "../builtin.ts";
import type { Value } from "../value.ts";
import { type Argument, type Flags, formatArgument } from "./go_format.ts";
import { finite, literal } from "./go_text.ts";

/** `sprintf`, as OPA's topdown/strings.go uses Go's fmt. */
export const sprintfBuiltins: Builtins = {
  sprintf: ([format, operands]) => formatText(text(format, 1), array(operands, 2).map(argumentOf)),
};

const INT64 = 64;

function argumentOf(value: Value): Argument {
  if (typeof value === "string") return { type: "string", value };
  if (typeof value === "number" && !Number.isSafeInteger(value)) {
    return { type: "float64", value: finite(value) };
  }
  if (typeof value !== "number" && typeof value !== "bigint") return { type: "string", value: literal(value) };
  const integer = BigInt(value);
  return { type: BigInt.asIntN(INT64, integer) === integer ? "int64" : "*big.Int", value: integer };
}

/** UTF-16 units; Go has no limit, and would run out of memory instead. */
const LONGEST = 1 << 26;
const LARGEST_NUMBER = 1_000_000;

/** A format and its operands as text: what Go's fmt.Sprintf gives, its error marks (`%!d(string=x)`) included. */
export function formatText(format: string, operands: readonly Argument[]): string {
  return new Printer(format, operands).print();
}

/** `doPrintf` of Go's fmt. */
class Printer {
  #at = 0;
  #next = 0;
  #reordered = false;
  #goodIndex = true;
  #afterIndex = false;
  #out = "";
  readonly #format: string;
  readonly #operands: readonly Argument[];

  constructor(format: string, operands: readonly Argument[]) {
    this.#format = format;
    this.#operands = operands;
  }

  print(): string {
    while (this.#at < this.#format.length) {
      const percent = this.#format.indexOf("%", this.#at);
      const end = percent < 0 ? this.#format.length : percent;
      this.#write(this.#format.slice(this.#at, end));
      this.#at = end + 1;
      if (percent >= 0) this.#directive();
    }
    this.#extra();
    return this.#out;
  }

  #directive(): void {
    this.#goodIndex = true;
    this.#afterIndex = false;
    const flags = this.#flags();
    this.#index();
    this.#width(flags);
    this.#precision(flags);
    if (!this.#afterIndex) this.#index();
    const code = this.#format.codePointAt(this.#at);
    if (code === undefined) return this.#write("%!(NOVERB)");
    const verb = String.fromCodePoint(code);
    this.#at += verb.length;
    this.#verb(verb, flags);
  }

  #verb(verb: string, flags: Flags): void {
    if (verb === "%") return this.#write("%");
    if (!this.#goodIndex) return this.#write(`%!${verb}(BADINDEX)`);
    if (this.#next >= this.#operands.length) return this.#write(`%!${verb}(MISSING)`);
    const operand = this.#operands[this.#next++];
    const isLiteral = verb === "v" || verb === "w";
    // To `v`, the flags `#` and `+` mean another thing, which only a big integer does not know.
    const changed = isLiteral
      ? { ...flags, literal: flags.sharp, sharp: false, plus: flags.plus && operand.type === "*big.Int" }
      : flags;
    this.#write(formatArgument(operand, verb, changed));
  }

  #flags(): Flags {
    const flags: Flags = { minus: false, plus: false, sharp: false, space: false, zero: false, literal: false };
    for (;; this.#at++) {
      switch (this.#format[this.#at]) {
        case "#":
          flags.sharp = true;
          break;
        case "0":
          flags.zero = true;
          break;
        case "+":
          flags.plus = true;
          break;
        case "-":
          flags.minus = true;
          break;
        case " ":
          flags.space = true;
          break;
        default:
          return flags;
      }
    }
  }

  #width(flags: Flags): void {
    if (this.#takes("*")) {
      flags.width = this.#operandNumber();
      if (flags.width === undefined) this.#write("%!(BADWIDTH)");
      else if (flags.width < 0) Object.assign(flags, { width: -flags.width, minus: true, zero: false });
      this.#afterIndex = false;
      return;
    }
    flags.width = this.#number();
    if (this.#afterIndex && flags.width !== undefined) this.#goodIndex = false;
  }

  #precision(flags: Flags): void {
    if (this.#at + 1 >= this.#format.length || !this.#takes(".")) return;
    if (this.#afterIndex) this.#goodIndex = false;
    this.#index();
    if (!this.#takes("*")) {
      flags.precision = this.#number() ?? 0;
      return;
    }
    const precision = this.#operandNumber();
    if (precision === undefined || precision < 0) this.#write("%!(BADPREC)");
    else flags.precision = precision;
    this.#afterIndex = false;
  }

  /** `[3]`, which says which operand is next. */
  #index(): void {
    this.#afterIndex = false;
    if (this.#format[this.#at] !== "[") return;
    this.#reordered = true;
    const start = this.#at++;
    const close = this.#format.length - start < 3 ? -1 : this.#format.indexOf("]", start);
    const index = close < 0 ? undefined : this.#number();
    this.#afterIndex = index !== undefined && this.#at === close;
    if (close >= 0) this.#at = close + 1;
    else this.#at = start + 1;
    if (this.#afterIndex && index! >= 1 && index! <= this.#operands.length) this.#next = index! - 1;
    else this.#goodIndex = false;
  }

  #number(): number | undefined {
    let number: number | undefined;
    for (;; this.#at++) {
      const digit = this.#format[this.#at];
      if (digit === undefined || digit < "0" || digit > "9") return number;
      if (number !== undefined && number > LARGEST_NUMBER) {
        this.#at = this.#format.length;
        return undefined;
      }
      number = (number ?? 0) * 10 + Number(digit);
    }
  }

  #operandNumber(): number | undefined {
    const operand = this.#operands[this.#next];
    if (operand === undefined) return undefined;
    this.#next++;
    if (operand.type === "*big.Int" || typeof operand.value !== "bigint") return undefined;
    const number = Number(operand.value);
    return Math.abs(number) <= LARGEST_NUMBER ? number : undefined;
  }

  #extra(): void {
    if (this.#reordered || this.#next >= this.#operands.length) return;
    const flags = { minus: false, plus: false, sharp: false, space: false, zero: false, literal: false };
    const rest = this.#operands.slice(this.#next).map((operand) =>
      operand.type === "<nil>" ? "<nil>" : `${operand.type}=${formatArgument(operand, "v", flags)}`
    );
    this.#write(`%!(EXTRA ${rest.join(", ")})`);
  }

  #takes(character: string): boolean {
    if (this.#format[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #write(text: string): void {
    if (this.#out.length + text.length > LONGEST) throw new RangeError("The text of sprintf is too long");
    this.#out += text;
  }
}
