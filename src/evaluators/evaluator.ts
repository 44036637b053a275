import type { Decision, Endpoint } from "../core/decision.ts";

/**
 * Answers AdmissionReviews. The front gives the raw bytes and gets the answer's bytes: whether they cross a process
 * boundary is the evaluator's affair.
 */
export interface Evaluator {
  evaluate(body: Uint8Array, endpoint: Endpoint): Promise<Evaluation>;
}

export type Evaluation =
  | { readonly success: true; readonly answer: string; readonly summary: Summary }
  /** Not an AdmissionReview: the one case without an AdmissionReview for an answer. */
  | { readonly success: false; readonly message: string };

/** What metrics and logs need of a decision. Holds no content of the object but its reference. */
export interface Summary {
  readonly uid: string;
  readonly reference: string;
  readonly operation: string;
  readonly username: string;
  readonly dryRun: boolean;
  readonly decision: Decision;
}
