import { deepStrictEqual as assertEquals, ok, throws } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { BuiltinError } from "../../../plugins/policies/rego/builtin.ts";
import { type StrictModule, withStrictBuiltins } from "../../../plugins/policies/rego/strict.ts";
import { FALLIBLE, HARMLESS, withoutResult } from "../../../plugins/policies/rego/strict_builtins.ts";
import { formatValue, toJson } from "../../../plugins/policies/rego/value.ts";
import { parseValue } from "../../../plugins/policies/rego/value_text.ts";
import { readSections, redirectCalls, writeModule } from "../../../plugins/policies/rego/wasm_binary.ts";

const [every, division] = ["every", "division"].map(read);
const strict = withStrictBuiltins(every);

/** No operands make these fail: they are wrapped so that their 0, if it ever came, would not be taken for undefined. */
const UNFAILING = ["json.marshal", "internal.template_string"];

Deno.test("Each built-in fails the evaluation when it has no result", () => {
  const fallible = [...FALLIBLE.values()].filter((name) => !UNFAILING.includes(name));
  for (const call of fallible) {
    const operands = call === "to_number" ? ["x"] : [null, null, null];
    const { asked, error } = evaluate(strict, { call, operands });
    ok(error instanceof BuiltinError, `${call}: ${error}`);
    assertEquals(asked, [call]);
    ok(error.message.startsWith(call) || ["max", "min"].includes(call), error.message);
  }
});

Deno.test("Operands of the right type that a built-in cannot work with fail the evaluation", () => {
  const cases: [string, unknown[], string][] = [
    ["div", [1, 0], "div(1, 0) failed"],
    ["rem", [1, 0], "rem(1, 0) failed"],
    ["to_number", ["1x"], 'to_number("1x") failed'],
    ["json.unmarshal", ["{"], 'json.unmarshal("{") failed'],
    ["base64.decode", ["!"], 'base64.decode("!") failed'],
    ["regex.match", ["[", "a"], 'regex.match("[", "a") failed'],
    ["glob.match", ["[", [], "a"], 'glob.match("[", [], "a") failed'],
    ["object.get", ["a", "b", 1], 'object.get("a", "b", 1) failed'],
    ["sum", [[1, "2"]], 'sum([1,"2"]) failed'],
    ["substring", ["abc", -1, 2], 'substring("abc", -1, 2) failed'],
    ["net.cidr_contains", ["10.0.0.0", "10.0.0.1"], 'net.cidr_contains("10.0.0.0", "10.0.0.1") failed'],
    ["max", [3], "operand 1 must be one of {array, set} but got number"],
  ];
  for (const [call, operands, message] of cases) {
    assertEquals(String(evaluate(strict, { call, operands }).error), `BuiltinError: ${message}`);
  }
});

Deno.test("What is undefined or has a value to OPA does not fail", () => {
  const cases: [string, unknown[], unknown[]][] = [
    ["max", [[]], []],
    ["min", [[]], []],
    ["max", [[1, 2]], [2]],
    ["base64.decode", [""], [""]],
    ["base64url.decode", [""], [""]],
    ["object.union_n", [[]], [{}]],
    ["to_number", [null], [0]],
    ["object.get", [{}, "a", null], [null]],
    ["json.unmarshal", ["null"], [null]],
    ["div", [1, 2], [0.5]],
    ["is_number", ["a"], [false]],
    ["json.filter", [{ a: { b: 1, c: 2 } }, ["a/b"]], [{ a: { b: 1 } }]],
    ["json.marshal", [null], ["null"]],
  ];
  for (const [call, operands, results] of cases) {
    const { result, error } = evaluate(strict, { call, operands });
    assertEquals([call, error, result], [call, undefined, [{ result: results }]]);
  }
});

Deno.test("A call within OPA's runtime is not one of the policy: its failure is the outer function's", () => {
  assertEquals(evaluate(strict, { call: "minus", operands: [null, null] }).asked, ["minus"]);
  assertEquals(evaluate(strict, { call: "glob.match", operands: ["[", [], "a"] }).asked, ["glob.match"]);
});

Deno.test("Where the host answers 0, a module says what it said before", () => {
  const lenient = { ...strict, functions: [] };
  for (const call of [...strict.functions, "is_number"]) {
    for (const operands of [[null, null, null], ["1", "2", "3"], [3, 2, 1], [["a"], [], {}], [{}, ["a"], 1]]) {
      const original = evaluate({ wasm: every, functions: [] }, { call, operands });
      assertEquals(evaluate(lenient, { call, operands }), original, call);
    }
  }
});

Deno.test("Only what the policy calls and what can fail is wrapped", () => {
  assertEquals(withStrictBuiltins(division).functions, ["div"]);
  const missing = [...FALLIBLE.values()].filter((name) => !strict.functions.includes(name));
  assertEquals(missing, ["internal.template_string"]);
  assertEquals([...FALLIBLE.keys()].filter((name) => HARMLESS.has(name)), []);
});

Deno.test("A truncated module is refused", () => {
  for (let length = 0; length < division.length; length += 1024) {
    throws(() => withStrictBuiltins(division.subarray(0, length)), isRefusal, `${length} bytes`);
  }
});

Deno.test("A compiled-in regular expression takes linear time", () => {
  const operands = ["^(a+)+$", `${"a".repeat(100_000)}b`];
  for (const call of ["regex.match", "regex.find_all_string_submatch_n"]) {
    const started = performance.now();
    const { error } = evaluate(withStrictBuiltins(every), { call, operands: [...operands, 1] });
    ok(error === undefined && performance.now() - started < 2000, call);
  }
});

Deno.test("A truncated list of names is refused", () => {
  const [names] = readSections(division).filter(({ id }) => id === 0);
  for (let length = 6; length < names.bytes.length; length += 7) {
    const cut = { id: 0, bytes: names.bytes.subarray(0, length) };
    const wasm = writeModule(readSections(division).map((section) => section.id === 0 ? cut : section));
    throws(() => withStrictBuiltins(wasm), isRefusal, `${length} bytes`);
  }
});

Deno.test("A module without names is refused", () => {
  const stripped = writeModule(readSections(division).filter(({ id }) => id !== 0));
  ok(WebAssembly.validate(stripped));
  throws(() => withStrictBuiltins(stripped), /^RangeError: the module does not name its functions/);
});

Deno.test("A policy that calls a function of the runtime that is not known is refused", () => {
  const text = Array.from(division, (byte) => String.fromCharCode(byte)).join("");
  const renamed = Uint8Array.from(
    text.replaceAll("opa_arith_divide", "opa_arith_future"),
    (char) => char.charCodeAt(0),
  );
  throws(() => withStrictBuiltins(renamed), /^RangeError: the policy calls opa_arith_future, of which/);
});

Deno.test("Immediates are not mistaken for calls", () => {
  const cases: [string, number[]][] = [
    ["locals", [2, 1, 0x10, 0x10, 0x7f, 0x0b]],
    ["i32.const 16", [0, 0x41, 0x10, 0x1a, 0x0b]],
    ["i64.const", [0, 0x42, 0x90, 0x90, 0x10, 0x1a, 0x0b]],
    ["f32.const", [0, 0x43, 0x10, 0x10, 0x10, 0x10, 0x1a, 0x0b]],
    ["f64.const", [0, 0x44, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x1a, 0x0b]],
    ["br_table", [0, 0x0e, 2, 0x10, 0x10, 0x10, 0x0b]],
    ["call_indirect", [0, 0x11, 0x10, 0, 0x0b]],
    ["i32.load", [0, 0x28, 2, 0x10, 0x0b]],
    ["local.get", [0, 0x20, 0x10, 0x0b]],
    ["memory.size", [0, 0x3f, 0, 0x0b]],
  ];
  for (const [name, code] of cases) {
    assertEquals([...redirectCalls(Uint8Array.from(code), () => 0x11)], code, name);
    const called = [...code.slice(0, -1), 0x10, 0x85, 0x00, 0x0b];
    const redirected = [...code.slice(0, -1), 0x10, 0x80, 0x02, 0x0b];
    assertEquals([...redirectCalls(Uint8Array.from(called), (callee) => callee === 5 ? 256 : -1)], redirected, name);
  }
});

Deno.test("An instruction that is not known is refused", () => {
  for (const opcode of [0x06, 0x12, 0x1c, 0x25, 0x27, 0xc0, 0xd0, 0xfc, 0xfd]) {
    throws(() => redirectCalls(Uint8Array.of(0, opcode, 0x0b), () => 0), /^RangeError: the instruction 0x/);
  }
});

function isRefusal(error: unknown): boolean {
  return error instanceof WebAssembly.CompileError || error instanceof RangeError;
}

function read(name: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(new URL(`../../fixtures/rego/strict/${name}.wasm`, import.meta.url)));
}

interface Outcome {
  /** The built-ins without a result that the host was asked for. */
  readonly asked: string[];
  /** The bindings of the entrypoint. */
  readonly result?: unknown;
  readonly error?: Error;
}

/** Runs the module's only entrypoint. A host that does not know the functions answers 0. */
function evaluate({ wasm, functions }: StrictModule, input: unknown): Outcome {
  const memory = new WebAssembly.Memory({ initial: 20 });
  const asked: string[] = [];
  const answer = (id: number, _context: number, ...operands: number[]): number => {
    const name = functions[-1 - id];
    if (name === undefined) return 0;
    asked.push(name);
    const values = operands.map((address) => parseValue(textAt(memory, abi.opa_value_dump(address))));
    const result = withoutResult(name)(values, { now: 0n });
    return result === undefined ? 0 : abi.opa_value_parse(...write(formatValue(result)));
  };
  const builtins = Object.fromEntries([0, 1, 2, 3, 4].map((arity) => [`opa_builtin${arity}`, answer]));
  const env = { memory, opa_abort: fail, ...builtins };
  const instance = new WebAssembly.Instance(new WebAssembly.Module(wasm), { env });
  const abi = instance.exports as unknown as Record<string, (...operands: number[]) => number>;
  const write = (text: string): [number, number] => {
    const bytes = new TextEncoder().encode(text);
    const address = abi.opa_malloc(bytes.length);
    new Uint8Array(memory.buffer).set(bytes, address);
    return [address, bytes.length];
  };
  const data = abi.opa_json_parse(...write("{}"));
  const json = write(JSON.stringify(input));
  try {
    const result = textAt(memory, abi.opa_eval(0, 0, data, ...json, abi.opa_heap_ptr_get(), 1));
    return { asked, result: toJson(parseValue(result)) };
  } catch (error) {
    return { asked, error: error as Error };
  }
}

function fail(): never {
  throw new Error("the policy has aborted");
}

function textAt(memory: WebAssembly.Memory, address: number): string {
  const bytes = new Uint8Array(memory.buffer);
  return new TextDecoder().decode(bytes.subarray(address, bytes.indexOf(0, address)));
}
