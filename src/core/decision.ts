import type { Change, Fields, Finding, PatchOperation } from "../contract.ts";
import type { Bypass } from "./bypass.ts";
import type { FailureMode } from "./engine.ts";

export type Endpoint = "validating" | "mutating";

/** What one policy reported, and what its stage and the exceptions made of it. */
export interface Violation extends Finding {
  readonly policy: string;
  readonly remediation: string;
  readonly outcome: "denied" | "warned" | "monitored" | "excused";
  /** The id of the exception that excused it. */
  readonly exception: string | null;
}

/** What one mutating rule wanted, with the parents that were created for it. */
export interface Patch extends Change {
  readonly policy: string;
  readonly outcome: "patched" | "dryrun" | "excused";
  readonly exception: string | null;
}

/** A policy that could not be evaluated. */
export interface Failure {
  readonly policy: string;
  readonly cause: unknown;
  /** Whether its stage lets a failure decide: `deny` or `patch`. */
  readonly decisive: boolean;
  /** How it is answered, where the config says so of the policy. */
  readonly mode?: FailureMode;
}

export interface Annotation {
  readonly policy: string;
  readonly key: string;
  readonly value: string;
}

/** The outcome of one review. Plain data: the same request and engine give the same decision. */
export interface Decision {
  readonly uid: string;
  readonly endpoint: Endpoint;
  readonly allowed: boolean;
  readonly bypass: Bypass | null;
  readonly violations: readonly Violation[];
  readonly patches: readonly Patch[];
  /** The operations of every `patched` rule, in order; verified by applying them. */
  readonly patch: readonly PatchOperation[];
  /** The request's object after `patch`; null where nothing was patched. */
  readonly patched: Fields | null;
  readonly failures: readonly Failure[];
  /** Audit annotations that policies bring of their own. */
  readonly annotations: readonly Annotation[];
  /** How a failure was answered, where it decided. */
  readonly failing: FailureMode | null;
  readonly revision: string;
}

/** One word for a decision: how it was reached where that was no policy, else what was decided. */
export function resultOf({ allowed, bypass, failing, patch }: Decision): string {
  if (bypass) return bypass.by;
  if (failing) return `failing-${failing}`;
  if (!allowed) return "denied";
  return patch.length > 0 ? "patched" : "allowed";
}
