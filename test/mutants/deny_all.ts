import type { AdmissionRequest } from "../../src/contract.ts";
import { decide } from "../../src/core/decide.ts";
import type { Decision, Endpoint, Violation } from "../../src/core/decision.ts";
import type { Engine } from "../../src/core/engine.ts";

const VIOLATION: Violation = {
  policy: "deny_all",
  rule: "deny_everything",
  message: "Denied.",
  remediation: "None.",
  outcome: "denied",
  exception: null,
};

/** Stands in for src/core/review.ts: denies everything. */
export function review(request: AdmissionRequest, endpoint: Endpoint, engine: Engine): Decision {
  return decide(request, endpoint, { engine, outcome: { violations: [VIOLATION] } });
}

export function reviewFailed(request: AdmissionRequest, endpoint: Endpoint, { engine }: { engine: Engine }): Decision {
  return review(request, endpoint, engine);
}
