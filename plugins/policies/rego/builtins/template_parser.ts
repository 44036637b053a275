import { BuiltinError } from "../builtin.ts";
import type { Argument } from "./go_format.ts";
import { numberLiteral, runeLiteral, unquote } from "./go_literal.ts";
import { FUNCTION_NAMES } from "./template_functions.ts";
import { type Token, tokenize } from "./template_lexer.ts";

export type TemplateNode =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "action"; readonly pipe: Pipe }
  | Branch
  | { readonly kind: "template"; readonly name: string; readonly pipe: Pipe | undefined }
  | { readonly kind: "break" | "continue" };

export interface Branch {
  readonly kind: "if" | "with" | "range";
  readonly pipe: Pipe;
  readonly body: readonly TemplateNode[];
  readonly otherwise: readonly TemplateNode[];
}

/** Commands, each of which gets the result of the one before as its last argument. */
export interface Pipe {
  /** The variables that take the result. */
  readonly variables: readonly string[];
  /** Whether they exist already. */
  readonly assigns: boolean;
  readonly commands: readonly (readonly Operand[])[];
}

export type Operand =
  | { readonly kind: "constant"; readonly value: Argument }
  | { readonly kind: "dot" | "nil" }
  | { readonly kind: "function"; readonly name: string }
  | { readonly kind: "variable"; readonly name: string }
  | { readonly kind: "pipe"; readonly pipe: Pipe }
  | { readonly kind: "fields"; readonly of: Operand; readonly path: readonly string[] };

export type Templates = ReadonlyMap<string, readonly TemplateNode[]>;

export const MAIN = "template";

/** The templates that a text defines, itself under the name MAIN. Throws BuiltinError. */
export function parseTemplate(source: string): Templates {
  return new Parser(tokenize(source)).parse();
}

const DEEPEST = 200;

class Parser {
  #at = 0;
  #variables = ["$"];
  #ranges = 0;
  #depth = 0;
  readonly #templates = new Map<string, readonly TemplateNode[]>();
  readonly #tokens: readonly Token[];

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  parse(): Templates {
    const { nodes, closer } = this.#list(true);
    if (closer !== undefined) throw new BuiltinError(`template: unexpected {{${closer}}}`);
    this.#add(MAIN, nodes);
    return this.#templates;
  }

  /** Nodes up to an `else` or `end`, of which the first word was read, or to the end of the text. */
  #list(isTop = false): { nodes: TemplateNode[]; closer: "else" | "end" | undefined } {
    if (++this.#depth > DEEPEST) throw new BuiltinError("template: nested too deeply");
    const nodes: TemplateNode[] = [];
    let closer: "else" | "end" | undefined;
    while (closer === undefined && this.#at < this.#tokens.length) {
      const token = this.#tokens[this.#at];
      if (token.kind === "text") nodes.push({ kind: "text", text: this.#next().text });
      else if (this.#takes("else")) closer = "else";
      else if (this.#takes("end")) closer = "end";
      else if (isTop && this.#takes("define")) this.#define();
      else nodes.push(this.#action());
    }
    this.#depth--;
    return { nodes, closer };
  }

  #action(): TemplateNode {
    for (const kind of ["if", "with", "range"] as const) if (this.#takes(kind)) return this.#branch(kind);
    for (const kind of ["break", "continue"] as const) {
      if (!this.#takes(kind)) continue;
      if (this.#ranges === 0) throw new BuiltinError(`template: {{${kind}}} outside {{range}}`);
      this.#close();
      return { kind };
    }
    if (this.#takes("template")) return { kind: "template", name: this.#name(), pipe: this.#optionalPipe() };
    if (this.#takes("block")) return this.#block();
    return { kind: "action", pipe: this.#pipe("end") };
  }

  #branch(kind: Branch["kind"]): Branch {
    const known = this.#variables.length;
    const pipe = this.#pipe("end", kind === "range" ? 2 : 1);
    if (kind === "range") this.#ranges++;
    const { nodes: body, closer } = this.#list();
    if (kind === "range") this.#ranges--;
    const otherwise = closer === "else" ? this.#otherwise(kind) : [];
    if (closer === "end") this.#close();
    if (closer === undefined) throw new BuiltinError("template: unexpected EOF");
    this.#variables.length = known;
    return { kind, pipe, body, otherwise };
  }

  /** `{{else if}}` and `{{else with}}` share the `{{end}}`. */
  #otherwise(kind: Branch["kind"]): TemplateNode[] {
    if (kind !== "range" && this.#takes(kind)) return [this.#branch(kind)];
    this.#close();
    const { nodes, closer } = this.#list();
    if (closer !== "end") throw new BuiltinError("template: expected end");
    this.#close();
    return nodes;
  }

  #define(): void {
    const name = this.#name();
    this.#close();
    this.#add(name, this.#body());
  }

  #block(): TemplateNode {
    const name = this.#name();
    const pipe = this.#pipe("end");
    this.#add(name, this.#body());
    return { kind: "template", name, pipe };
  }

  /** What a definition holds, which knows no variables from outside. */
  #body(): TemplateNode[] {
    const [variables, ranges] = [this.#variables, this.#ranges];
    [this.#variables, this.#ranges] = [["$"], 0];
    const { nodes, closer } = this.#list();
    if (closer !== "end") throw new BuiltinError("template: unexpected EOF or {{else}}");
    this.#close();
    [this.#variables, this.#ranges] = [variables, ranges];
    return nodes;
  }

  /** An empty definition gives way to another. */
  #add(name: string, nodes: readonly TemplateNode[]): void {
    const isEmpty = (list: readonly TemplateNode[]) =>
      list.every((node) => node.kind === "text" && node.text.trim() === "");
    const known = this.#templates.get(name);
    if (known === undefined || isEmpty(known)) this.#templates.set(name, nodes);
    else if (!isEmpty(nodes)) throw new BuiltinError(`template: multiple definition of template "${name}"`);
  }

  #name(): string {
    const token = this.#next();
    if (token.kind !== "string" && token.kind !== "raw") throw unexpected(token);
    return unquote(token.text);
  }

  #optionalPipe(): Pipe | undefined {
    if (this.#tokens[this.#at]?.kind !== "end") return this.#pipe("end");
    this.#at++;
  }

  #pipe(end: "end" | ")", mostVariables = 1): Pipe {
    if (++this.#depth > DEEPEST) throw new BuiltinError("template: nested too deeply");
    const declared = this.#declaration(mostVariables);
    // To Go they are known from here on, though to use them in their own pipe fails later.
    this.#variables.push(...declared.variables);
    const commands: Operand[][] = [];
    for (let isLast = false; !isLast;) {
      const command = this.#command();
      if (command.length === 0) throw new BuiltinError("template: missing value");
      const [{ kind }] = command;
      if (commands.length > 0 && ["constant", "dot", "nil"].includes(kind)) {
        throw new BuiltinError("template: non executable command in pipeline");
      }
      commands.push(command);
      const token = this.#next();
      isLast = end === "end" ? token.kind === "end" : token.text === ")" && token.kind === "mark";
      if (!isLast && token.text !== "|") throw unexpected(token);
    }
    this.#depth--;
    return { ...declared, commands };
  }

  #declaration(most: number): Pick<Pipe, "variables" | "assigns"> {
    const start = this.#at;
    const variables: string[] = [];
    while (this.#tokens[this.#at]?.kind === "variable") {
      variables.push(this.#next().text);
      const mark = this.#tokens[this.#at];
      if (mark?.kind === "mark" && [":=", "="].includes(mark.text)) {
        if (variables.length > most) break;
        this.#at++;
        if (mark.text === "=") variables.forEach((name) => this.#known(name));
        return { variables, assigns: mark.text === "=" };
      }
      if (mark?.kind !== "mark" || mark.text !== ",") break;
      this.#at++;
    }
    this.#at = start;
    return { variables: [], assigns: false };
  }

  #command(): Operand[] {
    const operands: Operand[] = [];
    for (;;) {
      const token = this.#tokens[this.#at];
      if (token === undefined || token.kind === "end" || (token.kind === "mark" && "|)".includes(token.text))) {
        return operands;
      }
      if (operands.length > 0 && !token.spaced) throw unexpected(token);
      operands.push(this.#operand());
    }
  }

  #operand(): Operand {
    const term = this.#term(this.#next());
    const path = term.kind === "fields" ? [...term.path] : [];
    for (let token = this.#tokens[this.#at]; token?.kind === "field" && !token.spaced;) {
      path.push(this.#next().text.slice(1));
      token = this.#tokens[this.#at];
    }
    if (path.length === 0) return term;
    if (term.kind === "fields") return { ...term, path };
    if (["constant", "dot", "nil"].includes(term.kind)) throw new BuiltinError("template: unexpected . after term");
    return { kind: "fields", of: term, path };
  }

  #term(token: Token): Operand {
    switch (token.kind) {
      case "string":
      case "raw":
        return { kind: "constant", value: { type: "string", value: unquote(token.text) } };
      case "number":
        return { kind: "constant", value: numberLiteral(token.text) };
      case "rune":
        return { kind: "constant", value: runeLiteral(token.text) };
      case "field":
        return { kind: "fields", of: { kind: "dot" }, path: [token.text.slice(1)] };
      case "variable":
        return { kind: "variable", name: this.#known(token.text) };
      case "word":
        return word(token);
    }
    if (token.text === ".") return { kind: "dot" };
    if (token.kind === "mark" && token.text === "(") return { kind: "pipe", pipe: this.#pipe(")") };
    throw unexpected(token);
  }

  #known(name: string): string {
    if (!this.#variables.includes(name)) throw new BuiltinError(`template: undefined variable "${name}"`);
    return name;
  }

  #takes(word: string): boolean {
    const token = this.#tokens[this.#at];
    if (token?.kind !== "word" || token.text !== word) return false;
    this.#at++;
    return true;
  }

  #close(): void {
    const token = this.#next();
    if (token.kind !== "end") throw unexpected(token);
  }

  #next(): Token {
    const token = this.#tokens[this.#at++];
    if (token === undefined) throw new BuiltinError("template: unexpected EOF");
    return token;
  }
}

function word(token: Token): Operand {
  const { text } = token;
  if (text === "nil") return { kind: "nil" };
  if (text === "true" || text === "false") {
    return { kind: "constant", value: { type: "bool", value: text === "true" } };
  }
  if (!FUNCTION_NAMES.has(text)) throw unexpected(token);
  return { kind: "function", name: text };
}

function unexpected({ text }: Token): BuiltinError {
  return new BuiltinError(`template: unexpected ${text}`);
}
