import type { Fields } from "../../src/contract.ts";
import { isFields } from "../../src/core/malformed.ts";

/** Lists sorted by their text: sets have no order. */
export interface Verdict {
  /** With policy, rule, message, container, path and remediation. */
  readonly violations: readonly unknown[];
  /** With policy, rule, op, path, value and container. */
  readonly patches: readonly unknown[];
}

/** Messages and operations by stage. */
export type SelfStaged = Readonly<Record<"monitor" | "warn" | "deny" | "dryrun" | "patch", readonly unknown[]>>;

/** In one order, each once; keys that are undefined are gone, and the others in one order as well. */
export function sorted(values: readonly unknown[]): unknown[] {
  return [...new Set(values.map(canonical))].sort().map((text) => JSON.parse(text));
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner) => isFields(inner) ? Object.fromEntries(sortedEntries(inner)) : inner);
}

function sortedEntries(value: Fields): [string, unknown][] {
  return Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1);
}

/** Undefined where an object on the way is none. */
export function valueAt(value: unknown, pointer: string): unknown {
  return pointer.split("/").slice(1).reduce((holder, step) => isFields(holder) ? holder[step] : undefined, value);
}

export async function readBytes(stream: AsyncIterable<unknown>): Promise<Uint8Array<ArrayBuffer>> {
  return await new Blob(await Array.fromAsync(stream as AsyncIterable<Uint8Array<ArrayBuffer>>)).bytes();
}
