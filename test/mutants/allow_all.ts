import type { AdmissionRequest } from "../../src/contract.ts";
import { decide } from "../../src/core/decide.ts";
import type { Decision, Endpoint } from "../../src/core/decision.ts";
import type { Engine } from "../../src/core/engine.ts";

/** Stands in for src/core/review.ts: allows everything, and finds nothing. */
export function review(request: AdmissionRequest, endpoint: Endpoint, engine: Engine): Decision {
  return decide(request, endpoint, { engine });
}

export function reviewFailed(request: AdmissionRequest, endpoint: Endpoint, { engine }: { engine: Engine }): Decision {
  return decide(request, endpoint, { engine });
}
