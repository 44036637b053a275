import { BuiltinError } from "../builtin.ts";
import type { Argument } from "./go_format.ts";
import { callFunction, type Datum, isTrue, plain } from "./template_functions.ts";
import { type Branch, MAIN, type Operand, type Pipe, type TemplateNode, type Templates } from "./template_parser.ts";

/** Go has no limit for either; a template can say to go on for ever in a few bytes. */
const MOST_STEPS = 1_000_000;
const LONGEST = 1 << 24;
const DEEPEST = 500;

/** What the main template writes for its data. Throws BuiltinError. */
export function executeTemplate(templates: Templates, data: Argument): string {
  const run = new Run(templates);
  run.template(MAIN, data);
  return run.output;
}

type Jump = "break" | "continue" | undefined;

class Run {
  output = "";
  #steps = 0;
  #depth = 0;
  #variables: [string, Datum][] = [];
  readonly #templates: Templates;

  constructor(templates: Templates) {
    this.#templates = templates;
  }

  template(name: string, dot: Datum): void {
    const nodes = this.#templates.get(name);
    if (nodes === undefined) throw new BuiltinError(`template: "${name}" not defined`);
    if (++this.#depth > DEEPEST) throw new BuiltinError("template: exceeded maximum template depth");
    const outer = this.#variables;
    this.#variables = [["$", dot]];
    this.#list(nodes, dot);
    this.#variables = outer;
    this.#depth--;
  }

  #list(nodes: readonly TemplateNode[], dot: Datum): Jump {
    for (const node of nodes) {
      const jump = this.#node(node, dot);
      if (jump !== undefined) return jump;
    }
  }

  #node(node: TemplateNode, dot: Datum): Jump {
    this.#step();
    switch (node.kind) {
      case "text":
        return this.#write(node.text);
      case "action": {
        const datum = this.#pipe(node.pipe, dot);
        return node.pipe.variables.length === 0 ? this.#write(plain(datum)) : undefined;
      }
      case "template":
        return this.template(node.name, node.pipe && this.#pipe(node.pipe, dot)) as undefined;
      case "break":
      case "continue":
        return node.kind;
    }
    const known = this.#variables.length;
    const jump = node.kind === "range" ? this.#range(node, dot) : this.#branch(node, dot);
    this.#variables.length = known;
    return jump;
  }

  #branch(node: Branch, dot: Datum): Jump {
    const datum = this.#pipe(node.pipe, dot);
    if (!isTrue(datum)) return this.#list(node.otherwise, dot);
    return this.#list(node.body, node.kind === "with" ? datum : dot);
  }

  #range(node: Branch, dot: Datum): Jump {
    const items = itemsOf(this.#pipe(node.pipe, dot), node.pipe.variables.length);
    const known = this.#variables.length;
    let isEmpty = true;
    for (const [key, item] of items) {
      isEmpty = false;
      this.#step();
      this.#bindItem(node.pipe, key, item);
      const jump = this.#list(node.body, item);
      this.#variables.length = known;
      if (jump === "break") break;
    }
    return isEmpty ? this.#list(node.otherwise, dot) : undefined;
  }

  #bindItem({ variables, assigns }: Pipe, key: Datum, item: Datum): void {
    const values = variables.length === 2 ? [key, item] : [item];
    for (const [i, name] of variables.entries()) {
      if (assigns) this.#set(name, values[i]);
      else this.#variables[this.#variables.length - variables.length + i] = [name, values[i]];
    }
  }

  #pipe(pipe: Pipe, dot: Datum): Datum {
    let datum: Datum;
    for (const [i, command] of pipe.commands.entries()) {
      const result = this.#command(command, dot, i === 0 ? [] : [datum]);
      datum = result?.value === null ? undefined : result;
    }
    for (const name of pipe.variables) {
      if (pipe.assigns) this.#set(name, datum);
      else this.#variables.push([name, datum]);
    }
    return datum;
  }

  /** `final` holds the result of the command before, if there is one. */
  #command([first, ...operands]: readonly Operand[], dot: Datum, final: readonly Datum[]): Datum {
    this.#step();
    if (first.kind === "function") return this.#call(first.name, { operands, dot, final });
    if (first.kind === "nil") throw new BuiltinError("template: nil is not a command");
    if (operands.length + final.length > 0) throw new BuiltinError("template: can't give argument to non-function");
    return this.#operand(first, dot);
  }

  #call(
    name: string,
    { operands, dot, final }: { operands: readonly Operand[]; dot: Datum; final: readonly Datum[] },
  ): Datum {
    if (name !== "and" && name !== "or") {
      return callFunction(name, [...operands.map((operand) => this.#operand(operand, dot)), ...final]);
    }
    if (operands.length + final.length === 0) throw new BuiltinError(`template: wrong number of args for ${name}`);
    let datum: Datum;
    for (const operand of operands) {
      datum = this.#operand(operand, dot);
      if (isTrue(datum) === (name === "or")) return datum;
    }
    return final.length > 0 ? final[0] : datum;
  }

  #operand(operand: Operand, dot: Datum): Datum {
    switch (operand.kind) {
      case "constant":
        return operand.value;
      case "dot":
        return dot;
      case "nil":
        return { type: "<nil>", value: null };
      case "function":
        return this.#call(operand.name, { operands: [], dot, final: [] });
      case "variable":
        return this.#variable(operand.name)[1];
      case "pipe":
        return this.#pipe(operand.pipe, dot);
      case "fields":
        return operand.path.reduce(field, this.#operand(operand.of, dot));
    }
  }

  #set(name: string, datum: Datum): void {
    this.#variable(name)[1] = datum;
  }

  #variable(name: string): [string, Datum] {
    const variable = this.#variables.findLast(([known]) => known === name);
    if (variable === undefined) throw new BuiltinError(`template: undefined variable: ${name}`);
    return variable;
  }

  #step(): void {
    if (++this.#steps > MOST_STEPS) throw new RangeError("The template of strings.render_template takes too long");
  }

  #write(text: string): undefined {
    if (this.output.length + text.length > LONGEST) {
      throw new RangeError("The text of strings.render_template is too long");
    }
    this.output += text;
  }
}

function field(datum: Datum, name: string): Datum {
  if (datum === undefined) return undefined;
  if (datum.type !== "map[string]interface {}") throw new BuiltinError(`template: can't evaluate field ${name}`);
  return datum.value.get(name);
}

function* itemsOf(datum: Datum, variables: number): Generator<readonly [Datum, Datum]> {
  if (datum === undefined) return;
  if (datum.type === "[]interface {}") {
    for (const [i, item] of datum.value.entries()) yield [{ type: "int", value: BigInt(i) }, item];
  } else if (datum.type === "map[string]interface {}") {
    const sorted = [...datum.value].sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [key, item] of sorted) yield [{ type: "string", value: key }, item];
  } else if (datum.type === "int" && variables < 2) {
    for (let i = 0n; i < datum.value; i++) yield [undefined, { type: "int", value: i }];
  } else throw new BuiltinError("template: range can't iterate over that");
}
