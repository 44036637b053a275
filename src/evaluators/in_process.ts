import type { Endpoint } from "../core/decision.ts";
import type { Engine } from "../core/engine.ts";
import { evaluate } from "./evaluation.ts";
import type { Evaluation, Evaluator } from "./evaluator.ts";

/** Evaluates in the front process: for trusted policies. A policy that never ends blocks everything. */
export class InProcessEvaluator implements Evaluator {
  #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  evaluate(body: Uint8Array, endpoint: Endpoint): Promise<Evaluation> {
    return Promise.resolve(evaluate(body, endpoint, this.#engine));
  }

  /** From the next review on. None is decided by both. */
  replace(engine: Engine): void {
    this.#engine = engine;
  }
}
