import type { Misfit } from "../config/issues.ts";
import type { Policy } from "../contract.ts";
import type { CasesByPolicy } from "../self_test.ts";
import type { Endpoint } from "../core/decision.ts";
import type { Summary } from "./evaluator.ts";

/** What the front asks an evaluator process. Each question is answered once, in order. */
export type Question =
  /** Once, first: the policies to build. The body holds the bytes of bundles one after another. */
  | { readonly kind: "load"; readonly entries: readonly WireEntry[]; readonly announced: readonly number[] }
  /** What the config says of them from now on, as `structured` has it. */
  | { readonly kind: "use"; readonly settings: unknown; readonly quarantined: unknown }
  /** Whether they do as their cases say. */
  | { readonly kind: "test"; readonly shipped: CasesByPolicy }
  /** The body is an AdmissionReview. `without` are policies that are not asked, by name, and why. */
  | { readonly kind: "review"; readonly endpoint: Endpoint; readonly without?: Readonly<Record<string, string>> };

export type Reply =
  | {
    readonly kind: "loaded";
    readonly policies: readonly DescribedPolicy[];
    readonly issues: readonly Misfit[];
    readonly isPartial: boolean;
  }
  | { readonly kind: "using" }
  /** What is wrong; empty where nothing is. */
  | { readonly kind: "tested"; readonly faults: readonly string[] }
  /** The body is the answer. */
  | { readonly kind: "answer"; readonly summary: Summary }
  | { readonly kind: "refused"; readonly message: string }
  /** A policy that may never end begins now; null: the others. Not an answer yet. */
  | { readonly kind: "began"; readonly policy: string | null };

export interface WireEntry {
  readonly use: string;
  readonly options?: unknown;
  readonly source:
    | { readonly kind: "shipped" | "lost" }
    | { readonly kind: "module"; readonly code: string; readonly digest: string }
    | {
      readonly kind: "bundle";
      readonly digest: string;
      readonly name: string;
      readonly files: readonly { readonly name: string; readonly length: number }[];
    };
}

/** A policy without its code. */
export interface DescribedPolicy {
  readonly policy: Omit<Policy, "options" | "validate" | "mutate" | "cases">;
  readonly validates: boolean;
  readonly mutates: boolean;
  readonly written?: unknown;
  readonly origin: string;
  readonly entry: number;
  readonly bundleRevision?: string;
}
