import { answer } from "../core/answer.ts";
import { type Decision, type Endpoint, resultOf } from "../core/decision.ts";
import type { Engine } from "../core/engine.ts";
import type { AdmissionRequest } from "../contract.ts";
import { review, reviewFailed } from "../core/review.ts";
import { referenceOf } from "../core/subject.ts";
import { causeOf, oneLine } from "../core/text.ts";
import { parseReview, type ReviewVersion } from "../core/wire.ts";
import type { Evaluation, Summary } from "./evaluator.ts";

/** What an engine answers to the bytes of an AdmissionReview. */
export function evaluate(body: Uint8Array, endpoint: Endpoint, engine: Engine): Evaluation {
  const parsed = parseReview(body);
  if (!parsed.success) return parsed;
  const { request, version } = parsed;
  try {
    return evaluation(review(request, endpoint, engine), request, version);
  } catch (cause) {
    return evaluation(reviewFailed(request, endpoint, { engine, cause }), request, version);
  }
}

/** The answer where the policies could not be asked, and why; `policy` is the one that stood in the way, if known. */
export function evaluateFailed(
  body: Uint8Array,
  endpoint: Endpoint,
  failed: { engine: Engine; cause: unknown; policy?: string },
): Evaluation {
  const parsed = parseReview(body);
  if (!parsed.success) return parsed;
  const { request, version } = parsed;
  return evaluation(reviewFailed(request, endpoint, failed), request, version);
}

const encoder = new TextEncoder();

function evaluation(decision: Decision, request: AdmissionRequest, version: ReviewVersion): Evaluation {
  const bytes = encoder.encode(JSON.stringify(answer(decision, version)));
  return { success: true, answer: bytes, summary: summaryOf(decision, request) };
}

function summaryOf(decision: Decision, request: AdmissionRequest): Summary {
  const { endpoint, allowed, bypass, failing, revision, violations, patches, failures } = decision;
  return {
    uid: request.uid,
    reference: oneLine(referenceOf(request, request.object ?? request.oldObject)),
    namespace: request.namespace ?? "",
    operation: request.operation,
    username: oneLine(request.userInfo?.username ?? ""),
    dryRun: request.dryRun === true,
    result: resultOf(decision),
    ...{ endpoint, allowed, bypass, failing, revision },
    violations: violations.map(({ policy, rule, container, outcome }) => ({ policy, rule, container, outcome })),
    patches: patches.map(({ policy, rule, container, outcome }) => ({ policy, rule, container, outcome })),
    failures: failures.map(({ policy, cause }) => ({ policy, cause: loggedCause(cause), ...bugOf(policy, cause) })),
  };
}

/** The language's own syntax errors quote what they could not read, such as an annotation. */
function loggedCause(cause: unknown): string {
  return cause instanceof SyntaxError ? cause.name : causeOf(cause);
}

/** What breaks down outside of any policy is ours to mend. */
function bugOf(policy: string, cause: unknown): { stack?: string } {
  return policy === "*" && cause instanceof Error && cause.stack ? { stack: cause.stack } : {};
}
