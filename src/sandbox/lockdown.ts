import process from "node:process";
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

/** The symbol by which Deno knows its global when the process ends. */
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
  // Where packages look for their own switches, at any time.
  Object.defineProperty(process, "env", { value: Object.freeze({}), configurable: false });
  strip(realm, harden);
  for (const name of ["Intl", "TextEncoder", "TextDecoder", "URL", "WebAssembly"]) harden(realm[name]);
  seal(realm);
}

/** Takes from the global what is not kept, and what it has by its prototypes. */
function strip(realm: Realm, harden: Realm["harden"]): void {
  for (const name of Reflect.ownKeys(realm)) {
    if (typeof name === "string" ? KEPT.has(name) : name.description === BRAND) continue;
    // Where Deno looks for the listeners to events of the global.
    const listens = typeof name === "symbol" && isListening(realm[name]);
    const replaced = listens ? harden({ listeners: Object.create(null) }) : undefined;
    Reflect.deleteProperty(realm, name);
    if (realm[name] !== replaced) realm[name] = replaced; // Deno gives queueMicrotask back
    if (realm[name] !== replaced) throw new Error(`Cannot lock the evaluator: ${String(name)} stays`);
  }
  Object.setPrototypeOf(realm, null);
}

function isListening(value: unknown): boolean {
  return typeof value === "object" && value !== null && "listeners" in value;
}

/**
 * Fixes what the global has, and hides it. Some versions of Deno cannot freeze it: so nobody gets hold of it, but of a
 * frozen copy by its name. Code in strict mode, as modules are, has no other way to it, since nothing that it can call
 * by its bare name has `this`.
 */
function seal(realm: Realm): void {
  // What Deno itself does and sets when the process ends.
  Object.defineProperty(realm, "dispatchEvent", { value: Object.freeze(() => true) });
  Object.defineProperty(realm, Symbol.for("Deno.isUnloadDispatched"), { get: () => true, set() {} });
  const names = Object.getOwnPropertyNames(realm).filter((name) => name !== "globalThis");
  const copy = Object.create(null);
  for (const name of names) copy[name] = realm[name];
  copy.globalThis = copy;
  realm.globalThis = Object.freeze(copy);
  for (const name of [...names, "globalThis"]) {
    Object.defineProperty(realm, name, { writable: false, enumerable: false, configurable: false });
  }
  Reflect.preventExtensions(realm);
}
