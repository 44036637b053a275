import { concat } from "./bytes.ts";
import { FALLIBLE, HARMLESS } from "./strict_builtins.ts";
import {
  list,
  Reader,
  readSections,
  redirectCalls,
  type Section,
  signed,
  sized,
  unsigned,
  writeModule,
} from "./wasm_binary.ts";

export interface StrictModule {
  readonly wasm: Uint8Array<ArrayBuffer>;
  /** Rego's names of the wrapped built-ins: the host is called with the id -1 for the first, -2 for the second... */
  readonly functions: readonly string[];
}

const TYPES = 1;
const FUNCTIONS = 3;
const CODE = 10;
/** A part of the section `name`. */
const FUNCTION_NAMES = 1;
const [IF, ELSE, END, CALL, LOCAL_GET, LOCAL_TEE, I32_CONST, I32] = [0x04, 0x05, 0x0b, 0x10, 0x20, 0x22, 0x41, 0x7f];

/**
 * A policy that `opa build -t wasm` wrote, changed so that it calls `opa_builtin1` to `opa_builtin4` of its host, with
 * a negative id and the operands, when a built-in compiled into it has no result. What the host answers is the result.
 * Calls of OPA's runtime to itself stay as they are. Throws a WebAssembly.CompileError for what is no module, and a
 * RangeError for a module in which the calls cannot be told.
 */
export function withStrictBuiltins(wasm: Uint8Array): StrictModule {
  const bytes = new Uint8Array(wasm);
  const module = new WebAssembly.Module(bytes);
  const imports = WebAssembly.Module.imports(module).filter(({ kind }) => kind === "function").map(({ name }) => name);
  const sections = readSections(bytes);
  const names = readNames(module);
  const types = readList(sections, FUNCTIONS, (reader) => reader.unsigned());
  const wrappers = new Map<number, number>();
  const replace = (callee: number): number => {
    if (callee < imports.length || !isFallible(names.get(callee))) return callee;
    if (!wrappers.has(callee)) wrappers.set(callee, imports.length + types.length + wrappers.size);
    return wrappers.get(callee)!;
  };
  const codes = readList(sections, CODE, (reader) => reader.sized()).map((code, i) =>
    isPolicy(names.get(imports.length + i)) ? redirectCalls(code, replace) : code
  );
  const arities = readList(sections, TYPES, readArity);
  for (const [i, callee] of [...wrappers.keys()].entries()) {
    const type = types[callee - imports.length];
    types.push(type);
    codes.push(wrapper({ callee, id: -1 - i, arity: arities[type] }, imports));
  }
  const changed = new Map([[FUNCTIONS, list(types.map(unsigned))], [CODE, list(codes.map(sized))]]);
  return {
    wasm: writeModule(sections.map(({ id, bytes }) => ({ id, bytes: changed.get(id) ?? bytes }))),
    functions: [...wrappers.keys()].map((callee) => FALLIBLE.get(names.get(callee)!)!),
  };
}

/** The names of the module's functions by their index, from its custom section `name`. */
function readNames(module: WebAssembly.Module): Map<number, string> {
  const names = new Map<number, string>();
  for (const section of WebAssembly.Module.customSections(module, "name")) {
    const reader = new Reader(new Uint8Array(section));
    while (!reader.done) {
      const [kind, inner] = [reader.byte(), new Reader(reader.sized())];
      if (kind !== FUNCTION_NAMES) continue;
      inner.list(() => names.set(inner.unsigned(), new TextDecoder().decode(inner.sized())));
    }
  }
  if (names.values().some(isPolicy)) return names;
  throw new RangeError("the module does not name its functions, as opa build does: it cannot be run strictly");
}

/** Rules and functions are `g0.data...` (internal/planner), entrypoints are all in `eval`. */
function isPolicy(name: string | undefined): boolean {
  return name === "eval" || /^g\d+\./.test(name ?? "");
}

/** Whether a function that a policy calls is a built-in whose 0 is an error. */
function isFallible(name = "a function without a name"): boolean {
  if (FALLIBLE.has(name)) return true;
  if (isPolicy(name) || HARMLESS.has(name)) return false;
  throw new RangeError(
    `the policy calls ${name}, of which is not known whether it can fail: it cannot be run strictly`,
  );
}

/** The items of a section that is one list. */
function readList<Item>(sections: readonly Section[], id: number, item: (reader: Reader) => Item): Item[] {
  return sections.filter((section) => section.id === id).flatMap(({ bytes }) => {
    const reader = new Reader(bytes);
    return reader.list(() => item(reader));
  });
}

/** How many parameters a function type has. */
function readArity(reader: Reader): number {
  reader.byte();
  const parameters = reader.sized();
  reader.sized();
  return parameters.length;
}

interface Wrapped {
  readonly callee: number;
  readonly arity: number;
  readonly id: number;
}

/** `let result = callee(...operands); return result ? result : opa_builtin<arity>(id, 0, ...operands)` */
function wrapper({ callee, arity, id }: Wrapped, imports: readonly string[]): Uint8Array {
  const host = imports.indexOf(`opa_builtin${arity}`);
  if (host < 0) throw new RangeError(`the module does not import opa_builtin${arity}: it cannot be run strictly`);
  const operands = Array.from({ length: arity }, (_, i) => [LOCAL_GET, ...unsigned(i)]).flat();
  const result = unsigned(arity);
  return concat([
    [1, 1, I32, ...operands, CALL, ...unsigned(callee), LOCAL_TEE, ...result, IF, I32, LOCAL_GET, ...result, ELSE],
    [I32_CONST, ...signed(id), I32_CONST, 0, ...operands, CALL, ...unsigned(host), END, END],
  ]);
}
