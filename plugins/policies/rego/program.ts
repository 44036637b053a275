import type { Context } from "../../../src/contract.ts";
import type { BuiltinContext } from "./builtin.ts";
import { type BundleData, isObject } from "./manifest.ts";
import { exactJson } from "./value.ts";
import { type InstanceOptions, WasmInstance } from "./wasm.ts";

/** An instance that has grown to this many bytes, for one large request, is given up; one with much data, to twice that. */
const SHED = 64 * 1024 * 1024;

const NO_CONTEXT: Context = { environment: "", allowlist: {} };

export interface ProgramOptions extends InstanceOptions {
  readonly data: BundleData;
  readonly now: () => BuiltinContext["now"];
}

/**
 * A compiled bundle that evaluates. It holds one instance, with `data` set once for all requests of one context; after
 * an exception that instance is discarded, and the next evaluation has another.
 */
export class Program {
  readonly #module: WebAssembly.Module;
  readonly #options: ProgramOptions;
  #instance: WasmInstance | null = null;
  #context: Context | null = null;
  #shedAt = SHED;
  #review: { readonly input: Uint8Array; readonly now: bigint } | null = null;

  /** Throws where the module cannot be run, or cannot take its data. */
  constructor(module: WebAssembly.Module, options: ProgramOptions) {
    this.#module = module;
    this.#options = options;
    try {
      this.#instance = this.#instanceFor(NO_CONTEXT);
    } catch (cause) {
      throw new Error(`data.json: found what Rego cannot take (${(cause as Error).message})`, { cause });
    }
  }

  /** What an entrypoint says of the bytes of an AdmissionReview, as JSON. Throws where it says nothing. */
  evaluate(entrypoint: string, input: Uint8Array, context: Context): unknown {
    const instance = this.#instanceFor(context);
    this.#instance = null; // until it is known to be whole
    const result = instance.evaluate(instance.entrypoints.get(entrypoint)!, input, { now: this.#timeOf(input) });
    if (instance.memorySize < this.#shedAt) this.#instance = instance;
    if (result === undefined) throw new Error(`${entrypoint} is undefined`);
    return exactJson(result);
  }

  /** One time for all entrypoints of a review. */
  #timeOf(input: Uint8Array): bigint {
    if (this.#review?.input !== input) this.#review = { input, now: this.#options.now() };
    return this.#review.now;
  }

  #instanceFor(context: Context): WasmInstance {
    if (this.#instance && this.#context === context) return this.#instance;
    const { data, ...options } = this.#options;
    const instance = this.#instance ?? new WasmInstance(this.#module, options);
    this.#instance = null;
    instance.setData(data.json, [...data.parts, ...partsOf(context, data.value)]);
    this.#shedAt = Math.max(SHED, 2 * instance.memorySize);
    this.#context = context;
    return instance;
  }
}

/** The process's environment and exceptions, beside what the bundle brings of both. */
function partsOf({ environment, allowlist }: Context, own: BundleData["value"]) {
  const given = { environment: environment || (own.environment ?? ""), allowlist: merged(own.allowlist, allowlist) };
  return Object.entries(given).map(([name, value]) => ({ path: [name], json: JSON.stringify(value) }));
}

function merged(own: unknown, given: unknown): unknown {
  if (!isObject(given)) return given;
  const map = Array.isArray(own) ? Object.fromEntries(own.map((name) => [name, name])) : own;
  if (!isObject(map)) return given;
  const entries = Object.entries(given)
    .map(([key, value]) => [key, Object.hasOwn(map, key) ? merged(map[key], value) : value]);
  return { ...map, ...Object.fromEntries(entries) };
}
