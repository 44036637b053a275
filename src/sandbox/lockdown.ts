import "ses";

/** What the language itself has, and the few others that our own code needs. */
const KEPT = new Set([
  ...["globalThis", "undefined", "NaN", "Infinity", "parseInt", "parseFloat", "isNaN", "isFinite"],
  ...["encodeURIComponent", "decodeURIComponent", "encodeURI", "decodeURI"],
  ...["Object", "Array", "String", "Number", "Boolean", "Symbol", "BigInt", "Math", "JSON", "Date", "RegExp", "Intl"],
  ...["Map", "Set", "WeakMap", "WeakSet", "WeakRef", "Promise", "Reflect", "Proxy", "Iterator"],
  ...["Error", "TypeError", "RangeError", "SyntaxError", "ReferenceError", "URIError", "EvalError", "AggregateError"],
  ...["ArrayBuffer", "DataView", "Uint8Array", "Int8Array", "Uint8ClampedArray", "Int16Array", "Uint16Array"],
  ...["Int32Array", "Uint32Array", "Float32Array", "Float64Array", "BigInt64Array", "BigUint64Array"],
  ...["TextEncoder", "TextDecoder", "URL", "WebAssembly"],
]);

/** By which Deno knows its global when the process ends. */
const BRAND = "[[webidl.brand]]";

const PERMISSIONS = ["net", "write", "run", "env", "ffi", "sys", "read", "import"] as const;

interface Realm {
  lockdown(options: Record<string, string>): void;
  harden<Value>(value: Value): Value;
  [name: string | symbol]: unknown;
}

/**
 * Takes from this process, for good, what policies must not have: every permission, every global that is not the
 * language's, and the ability to change what is left. Everything of ours that a policy's evaluation may need has to be
 * imported before. Throws where anything could not be taken.
 */
export function lockDown(): void {
  const realm = globalThis as unknown as Realm;
  const { permissions } = Deno;
  realm.lockdown({
    errorTaming: "safe",
    overrideTaming: "severe",
    consoleTaming: "unsafe",
    domainTaming: "unsafe",
    reporting: "none",
  });
  const { harden } = realm;
  for (const name of PERMISSIONS) {
    const { state } = permissions.revokeSync({ name });
    if (state === "granted") throw new Error(`Cannot lock the evaluator: permission ${name} is still granted`);
  }
  for (const name of Reflect.ownKeys(realm)) {
    if (typeof name === "string" ? KEPT.has(name) : name.description === BRAND) continue;
    Reflect.deleteProperty(realm, name);
    if (realm[name] !== undefined) realm[name] = undefined; // Deno gives queueMicrotask back
    if (realm[name] !== undefined) throw new Error(`Cannot lock the evaluator: ${String(name)} stays`);
  }
  for (const name of ["Intl", "TextEncoder", "TextDecoder", "URL", "WebAssembly"]) harden(realm[name]);
  // What Deno itself sets when the process ends.
  Object.defineProperty(realm, Symbol.for("Deno.isUnloadDispatched"), { get: () => true, set() {} });
  Object.freeze(realm);
}
