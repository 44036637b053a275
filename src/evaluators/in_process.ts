import { answer } from "../core/answer.ts";
import type { Endpoint } from "../core/decision.ts";
import type { Engine } from "../core/engine.ts";
import { review, reviewFailed } from "../core/review.ts";
import { referenceOf } from "../core/subject.ts";
import { oneLine } from "../core/text.ts";
import { parseReview } from "../core/wire.ts";
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

function evaluate(body: Uint8Array, endpoint: Endpoint, engine: Engine): Evaluation {
  const parsed = parseReview(body);
  if (!parsed.success) return parsed;
  const { request, version } = parsed;
  let decision = review(request, endpoint, engine);
  let text: string;
  try {
    text = JSON.stringify(answer(decision, version));
  } catch (cause) {
    decision = reviewFailed(request, endpoint, { engine, cause });
    text = JSON.stringify(answer(decision, version));
  }
  return {
    success: true,
    answer: text,
    summary: {
      uid: request.uid,
      reference: oneLine(referenceOf(request, request.object ?? request.oldObject)),
      operation: request.operation,
      username: oneLine(request.userInfo?.username ?? ""),
      dryRun: request.dryRun === true,
      decision,
    },
  };
}
