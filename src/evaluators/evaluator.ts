import type { Decision, Endpoint } from "../core/decision.ts";

/**
 * Answers AdmissionReviews. The front gives the raw bytes and gets the answer's bytes: whether they cross a process
 * boundary is the evaluator's affair.
 */
export interface Evaluator {
  /** Resolves before the deadline, a time of `performance.now()`, whatever the policies do. Never rejects. */
  evaluate(body: Uint8Array, endpoint: Endpoint, deadline: number): Promise<Evaluation>;
}

export type Evaluation =
  | { readonly success: true; readonly answer: Uint8Array; readonly summary: Summary }
  /** Not an AdmissionReview: the one case without an AdmissionReview for an answer. */
  | { readonly success: false; readonly message: string };

/** What metrics, logs and notifications need of a decision. Plain data, without the object's content. */
export interface Summary extends Pick<Decision, "endpoint" | "allowed" | "bypass" | "failing" | "revision"> {
  readonly uid: string;
  /** `<kind>/<namespace>/<name>`. */
  readonly reference: string;
  readonly namespace: string;
  readonly operation: string;
  readonly username: string;
  readonly dryRun: boolean;
  /** As `resultOf` has it. */
  readonly result: string;
  readonly violations: readonly Pick<Decision["violations"][number], "policy" | "rule" | "container" | "outcome">[];
  readonly patches: readonly Pick<Decision["patches"][number], "policy" | "rule" | "container" | "outcome">[];
  readonly failures: readonly {
    readonly policy: string;
    readonly cause: string;
    /** Of what breaks down outside of any policy. */
    readonly stack?: string;
  }[];
}
