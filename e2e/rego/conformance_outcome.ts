/** What a case comes to, through our loader and through OPA's SDK with the same built-in functions. */
import { loadPolicy } from "@open-policy-agent/opa-wasm";
import { BuiltinError, type Builtins } from "../../plugins/policies/rego/builtin.ts";
import { builtinsFor, everyBuiltin } from "../../plugins/policies/rego/builtins/mod.ts";
import { withStrictBuiltins } from "../../plugins/policies/rego/strict.ts";
import { formatValue, fromJson, toJson, type Value } from "../../plugins/policies/rego/value.ts";
import { WasmInstance } from "../../plugins/policies/rego/wasm.ts";
import { type ConformanceCase, ENTRYPOINT } from "./conformance_cases.ts";

const everything = await everyBuiltin();

export type Outcome =
  | { readonly kind: "uncompiled"; readonly error: unknown }
  /** The host does not have these built-in functions. */
  | { readonly kind: "refused"; readonly names: readonly string[] }
  | { readonly kind: "failed"; readonly error: unknown }
  /** Undefined has no value. */
  | { readonly kind: "answered"; readonly value: Value | undefined };

/** Through the loader that the process runs policies with, which loads the functions that a module asks for. */
export async function runOurs(
  wasm: Uint8Array<ArrayBuffer>,
  { data, input, strict }: ConformanceCase,
): Promise<Outcome> {
  try {
    const { wasm: bytes, functions } = strict ? withStrictBuiltins(wasm) : { wasm, functions: [] };
    const module = new WebAssembly.Module(bytes);
    const asked = new WasmInstance(module, { builtins: {} }).builtinNames;
    const builtins = await builtinsFor(asked);
    const names = asked.filter((name) => !Object.hasOwn(builtins, name));
    if (names.length > 0) return { kind: "refused", names };
    const instance = new WasmInstance(module, { builtins, strict, functions });
    instance.setData(formatValue(data));
    const json = input === undefined ? undefined : jsonBytes(input);
    return { kind: "answered", value: instance.evaluate(instance.entrypoints.get(ENTRYPOINT)!, json, { now: now() }) };
  } catch (error) {
    return { kind: "failed", error };
  }
}

/** Through the SDK, which prefers its own functions, and passes JSON to ours. */
export async function runSdk(
  wasm: Uint8Array<ArrayBuffer>,
  { data, input, strict }: ConformanceCase,
): Promise<Outcome> {
  try {
    const policy = await loadPolicy(wasm, { initial: 5 }, customBuiltins(everything, strict));
    policy.setData(jsonBytes(data).buffer);
    const [answer] = policy.evaluate(input === undefined ? undefined : jsonBytes(input).buffer, ENTRYPOINT);
    return { kind: "answered", value: answer === undefined ? undefined : fromJson(answer.result) };
  } catch (error) {
    return { kind: "failed", error };
  }
}

function customBuiltins(table: Builtins, strict: boolean): Record<string, (...operands: unknown[]) => unknown> {
  const context = { now: now() };
  const custom = Object.entries(table).map(([name, builtin]) => [name, (...operands: unknown[]) => {
    try {
      const result = builtin(operands.map(fromJson), context);
      return result === undefined ? undefined : toJson(result);
    } catch (error) {
      if (strict || !(error instanceof BuiltinError)) throw error;
    }
  }]);
  return Object.fromEntries(custom);
}

function jsonBytes(value: Value): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(formatValue(value));
}

function now(): bigint {
  return BigInt(Date.now()) * 1_000_000n;
}
