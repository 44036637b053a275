import { type Builtin, type BuiltinContext, BuiltinError, type Builtins } from "./builtin.ts";
import { withoutResult } from "./strict_builtins.ts";
import { formatValue, RegoObject, RegoSet, type Value } from "./value.ts";
import { parseValue } from "./value_text.ts";

/** What `opa build -t wasm` exports (https://www.openpolicyagent.org/docs/wasm). Numbers are addresses. */
interface Abi {
  readonly opa_wasm_abi_version: WebAssembly.Global;
  readonly opa_wasm_abi_minor_version: WebAssembly.Global;
  builtins(): number;
  entrypoints(): number;
  opa_malloc(length: number): number;
  /** 0 for what is not JSON. */
  opa_json_parse(address: number, length: number): number;
  /** JSON with sets, and keys of any type. */
  opa_value_parse(address: number, length: number): number;
  opa_json_dump(value: number): number;
  opa_value_dump(value: number): number;
  /** Puts a value into an object at a path; 0 for success. */
  opa_value_add_path(object: number, path: number, value: number): number;
  opa_heap_ptr_get(): number;
  opa_heap_ptr_set(address: number): void;
  opa_eval_ctx_new(): number;
  opa_eval_ctx_set_input(context: number, value: number): void;
  opa_eval_ctx_set_data(context: number, value: number): void;
  opa_eval_ctx_set_entrypoint(context: number, id: number): void;
  opa_eval_ctx_get_result(context: number): number;
  eval(context: number): number;
}

const PAGE = 65536;
const FEWEST_PAGES = 5;
const MOST_PAGES = 4096;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Bytes that one instance may grow to: what needs more fails. */
export const LARGEST_MEMORY = MOST_PAGES * PAGE;

/** A part of `data`. */
export interface DataPart {
  readonly path: readonly string[];
  readonly json: string;
}

/** An input that was read. */
interface Input {
  readonly bytes: Uint8Array;
  readonly value: number;
  /** Where the heap goes on behind it. */
  readonly end: number;
}

export interface InstanceOptions {
  readonly builtins: Builtins;
  /** Whether an error of a built-in fails the evaluation; else the call is undefined, as in OPA. */
  readonly strict?: boolean;
  /** What `withStrictBuiltins` wrapped in the module. */
  readonly functions?: readonly string[];
}

/**
 * One instance of a compiled policy. Not re-entrant. What it throws (a trap, an abort, a built-in's error) leaves it in
 * an unknown state: it must not be used again.
 */
export class WasmInstance {
  readonly entrypoints: ReadonlyMap<string, number>;
  /** What the module asks its host for. */
  readonly builtinNames: readonly string[];
  readonly #options: InstanceOptions;
  readonly #memory: WebAssembly.Memory;
  readonly #abi: Abi;
  readonly #builtins = new Map<number, Builtin>();
  readonly #unused: number;
  #base = 0;
  #data = 0;
  #input: Input | null = null;
  #context: BuiltinContext = { now: 0n };

  /** Throws a RangeError for an ABI version that is not known, and what WebAssembly throws for a module that is none of OPA's. */
  constructor(module: WebAssembly.Module, options: InstanceOptions) {
    this.#options = options;
    [this.#abi, this.#memory] = this.#instantiate(module);
    checkVersion(this.#abi);
    const ids = this.#table(this.#abi.builtins());
    this.builtinNames = [...ids.keys()];
    for (const [name, id] of ids) {
      if (Object.hasOwn(options.builtins, name)) this.#builtins.set(id, options.builtins[name]);
    }
    for (const [i, name] of (options.functions ?? []).entries()) this.#builtins.set(-1 - i, withoutResult(name));
    this.entrypoints = this.#table(this.#abi.entrypoints());
    this.#unused = this.#abi.opa_heap_ptr_get();
    this.setData("{}");
  }

  /** Bytes that the instance holds; they are never given back. */
  get memorySize(): number {
    return this.#memory.buffer.byteLength;
  }

  /**
   * Sets `data` for the evaluations that follow: the text of a JSON object, and of what stands in place of what it has
   * at these paths. Nothing of it passes through JavaScript, which would round its numbers.
   */
  setData(json: string, parts: readonly DataPart[] = []): void {
    const abi = this.#abi;
    this.#input = null;
    abi.opa_heap_ptr_set(this.#unused);
    this.#data = this.#load(encoder.encode(json), abi.opa_json_parse);
    for (const part of parts) {
      const path = this.#load(encoder.encode(JSON.stringify(part.path)), abi.opa_json_parse);
      const value = this.#load(encoder.encode(part.json), abi.opa_json_parse);
      if (abi.opa_value_add_path(this.#data, path, value) !== 0) throw new Error(`no place for data at ${part.path}`);
    }
    this.#base = abi.opa_heap_ptr_get();
  }

  /**
   * The value of an entrypoint for an input, given as the bytes of one JSON document; undefined where Rego has none.
   * The same array as the last time, which must hold the same bytes, is not read again. Throws for an input that is not
   * JSON: to OPA's own entry (`opa_eval`) it would be an undefined input.
   */
  evaluate(entrypoint: number, input: Uint8Array | undefined, context: BuiltinContext): Value | undefined {
    const abi = this.#abi;
    this.#context = context;
    const value = this.#read(input);
    const evaluation = abi.opa_eval_ctx_new();
    abi.opa_eval_ctx_set_input(evaluation, value);
    abi.opa_eval_ctx_set_data(evaluation, this.#data);
    abi.opa_eval_ctx_set_entrypoint(evaluation, entrypoint);
    if (abi.eval(evaluation) !== 0) throw new Error("the evaluation failed");
    const bindings = this.#valueAt(abi.opa_eval_ctx_get_result(evaluation));
    const [binding] = bindings instanceof RegoSet ? bindings.items() : [];
    return binding instanceof RegoObject ? binding.get("result") : undefined;
  }

  /** The address of an input, above which the heap is free; 0 is undefined. */
  #read(bytes: Uint8Array | undefined): number {
    const abi = this.#abi;
    if (bytes === undefined || bytes !== this.#input?.bytes) {
      this.#input = null;
      abi.opa_heap_ptr_set(this.#base);
      if (bytes === undefined) return 0;
      const value = this.#load(bytes, abi.opa_json_parse);
      this.#input = { bytes, value, end: abi.opa_heap_ptr_get() };
    }
    abi.opa_heap_ptr_set(this.#input.end);
    return this.#input.value;
  }

  /** Nobody tells how much memory a module's own data needs: more is tried until it fits. */
  #instantiate(module: WebAssembly.Module): [Abi, WebAssembly.Memory] {
    for (let initial = FEWEST_PAGES;; initial = Math.min(initial * 4, MOST_PAGES)) {
      const memory = new WebAssembly.Memory({ initial, maximum: MOST_PAGES });
      try {
        const { exports } = new WebAssembly.Instance(module, { env: this.#imports(memory) });
        return [exports as unknown as Abi, memory];
      } catch (error) {
        if (initial === MOST_PAGES || !/memory|data segment/.test(String(error))) throw error;
      }
    }
  }

  #imports(memory: WebAssembly.Memory): WebAssembly.ModuleImports {
    const call = (id: number, _context: number, ...operands: number[]) => this.#call(id, operands);
    return {
      memory,
      opa_abort: (address: number) => {
        throw new Error(textAt(memory, address));
      },
      opa_println: () => {},
      opa_builtin0: call,
      opa_builtin1: call,
      opa_builtin2: call,
      opa_builtin3: call,
      opa_builtin4: call,
    };
  }

  /** The address of a built-in's result; 0 is undefined. */
  #call(id: number, addresses: readonly number[]): number {
    const builtin = this.#builtins.get(id);
    if (builtin === undefined) throw new Error(`the built-in function ${id} is missing`);
    const operands = addresses.map((address) => this.#valueAt(address));
    try {
      const result = builtin(operands, this.#context);
      if (result === undefined) return 0;
      return this.#load(encoder.encode(formatValue(result)), this.#abi.opa_value_parse);
    } catch (error) {
      if (this.#options.strict || !(error instanceof BuiltinError)) throw error;
      return 0;
    }
  }

  #load(bytes: Uint8Array, parse: (address: number, length: number) => number): number {
    const address = this.#abi.opa_malloc(bytes.length);
    new Uint8Array(this.#memory.buffer, address, bytes.length).set(bytes);
    const value = parse(address, bytes.length);
    if (value === 0) throw new SyntaxError("the value is not one that Rego can read");
    return value;
  }

  /** An object of names and ids. */
  #table(address: number): Map<string, number> {
    return new Map(Object.entries(JSON.parse(this.#text(this.#abi.opa_json_dump(address))) as Record<string, number>));
  }

  #valueAt(address: number): Value {
    return parseValue(this.#text(this.#abi.opa_value_dump(address)), { distinct: true });
  }

  #text(address: number): string {
    return textAt(this.#memory, address);
  }
}

/** The text at an address, which ends at a NUL. */
function textAt(memory: WebAssembly.Memory, address: number): string {
  const bytes = new Uint8Array(memory.buffer);
  return decoder.decode(bytes.subarray(address, bytes.indexOf(0, address)));
}

function checkVersion({ opa_wasm_abi_version: major, opa_wasm_abi_minor_version: minor }: Partial<Abi>): void {
  const found = `${major?.value}.${minor?.value}`;
  if (!["1.1", "1.2", "1.3"].includes(found)) {
    throw new RangeError(`found ABI version ${found}, accepted 1.1, 1.2, 1.3`);
  }
}
