import type { AdmissionRequest } from "../contract.ts";
import type { Decision, Endpoint, Failure } from "./decision.ts";
import type { Engine, FailureMode } from "./engine.ts";

export type Outcome = Partial<
  Pick<Decision, "bypass" | "violations" | "patches" | "patch" | "patched" | "failures" | "annotations">
>;

const NOTHING: Required<Outcome> = {
  bypass: null,
  violations: [],
  patches: [],
  patch: [],
  patched: null,
  failures: [],
  annotations: [],
};

/** What the outcome of a review means for its request. A real denial goes before any failure. */
export function decide(
  request: AdmissionRequest,
  endpoint: Endpoint,
  { engine, outcome = {} }: { engine: Engine; outcome?: Outcome },
): Decision {
  const { violations = [], failures = [] } = outcome;
  const denied = violations.some((violation) => violation.outcome === "denied");
  const failing = denied ? null : failingMode(failures, endpoint, { request, engine });
  const allowed = !denied && failing !== "closed";
  return {
    uid: request.uid,
    endpoint,
    ...NOTHING,
    ...outcome,
    ...(!allowed && { patch: [], patched: null }),
    allowed,
    failing,
    revision: engine.revision,
  };
}

function failingMode(
  failures: readonly Failure[],
  endpoint: Endpoint,
  { request, engine }: { request: AdmissionRequest; engine: Engine },
): FailureMode | null {
  const decisive = failures.filter((failure) => failure.decisive);
  if (decisive.length === 0) return null;
  const { namespaces, validate, mutate } = engine.failure;
  const otherwise = endpoint === "validating" ? validate : mutate;
  return namespaces.get(request.namespace ?? "") ?? strictest(decisive.map(({ mode }) => mode ?? otherwise));
}

export function strictest(modes: readonly FailureMode[]): FailureMode {
  return modes.includes("closed") ? "closed" : "open";
}
