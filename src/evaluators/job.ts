import type { Endpoint } from "../core/decision.ts";
import type { Evaluation } from "./evaluator.ts";

/** One review that the pool owes an answer. */
export class Job {
  /** Policies that stood in its way: it is evaluated without them. */
  readonly without: Record<string, string> = {};
  /** Evaluators that ended, for no known reason, while they were at it. */
  losses = 0;
  isSettled = false;
  /** Who it was given to last; null while it waits. */
  owner: unknown = null;
  readonly #resolve: (evaluation: Evaluation) => void;

  constructor(
    readonly body: Uint8Array,
    readonly endpoint: Endpoint,
    { deadline, resolve }: { deadline: number; resolve: (evaluation: Evaluation) => void },
  ) {
    this.deadline = deadline;
    this.#resolve = resolve;
  }

  /** A time of `performance.now()`. */
  readonly deadline: number;

  /** The first answer counts. */
  settle(evaluation: Evaluation): void {
    if (this.isSettled) return;
    this.isSettled = true;
    this.#resolve(evaluation);
  }
}
