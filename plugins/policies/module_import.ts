import type { PolicyFactory } from "../../src/contract.ts";

/**
 * Imports a policy module's code, as a `data:` URL: what was read and checked is what runs. Throws what the module
 * throws, and a TypeError where its default export is no function.
 */
export async function importPolicy(code: string): Promise<PolicyFactory> {
  const url = `data:text/javascript;base64,${new TextEncoder().encode(code).toBase64()}`;
  const { default: factory } = await import(url);
  if (typeof factory === "function") return factory;
  throw new TypeError(`Cannot use the module: its default export is ${typeof factory}, accepted: (kit) => policy`);
}
