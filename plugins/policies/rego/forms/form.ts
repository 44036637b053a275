import type { Policy, Subject } from "../../../../src/contract.ts";
import type { Program } from "../program.ts";

/** A convention by which a bundle says what it thinks of a request: told by the entrypoints that it has. */
export interface Form {
  /** A bundle of this form has at least one of these, and no other. */
  readonly entrypoints: readonly string[];
  /** The half of a policy that calls them. `has` are those that the bundle has. */
  build(program: Program, bundle: { name: string; has: (entrypoint: string) => boolean }): Judging;
}

export type Judging = Pick<Policy, "validate" | "mutate" | "selfStaged" | "refuses"> & {
  /** Whether its findings name policies. */
  readonly speaksForOthers?: boolean;
};

/** The bytes that Rego judges. Throws for a malformed pod, which Rego might quietly pass. */
export function inputOf(subject: Subject): Uint8Array {
  void subject.pod;
  return subject.bytes();
}

/** The members of a set. Throws for anything else. */
export function setOf(value: unknown, entrypoint: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new TypeError(`${entrypoint} is no set`);
}

/** An object of a set. Throws for anything else. */
export function recordOf(value: unknown, entrypoint: string): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw wrongItem(entrypoint, value, "objects");
}

/** A text of a set. Throws for anything else. */
export function messageOf(value: unknown, entrypoint: string): string {
  if (typeof value === "string") return value;
  throw wrongItem(entrypoint, value, "texts");
}

/** Says what it is, not what it holds: that may be the object's. */
function wrongItem(entrypoint: string, value: unknown, accepted: string): TypeError {
  const found = value === null ? "null" : Array.isArray(value) ? "a list" : `a ${typeof value}`;
  return new TypeError(`${entrypoint} holds ${found}, accepted: ${accepted}`);
}

/** A text of an object; undefined for null, as where Rego had none. The core says what else is wrong. */
export function textIn(record: Readonly<Record<string, unknown>>, key: string): string | undefined {
  return (record[key] ?? undefined) as string | undefined;
}
