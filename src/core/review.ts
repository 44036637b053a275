import type { AdmissionRequest, Subject } from "../contract.ts";
import { bypassOf, podsAreCritical } from "./bypass.ts";
import { decide, type Outcome, strictest } from "./decide.ts";
import type { Decision, Endpoint } from "./decision.ts";
import { type Engine, type FailureMode, type LoadedPolicy, stageOf } from "./engine.ts";
import { DEEPEST, deepFreeze } from "./freeze.ts";
import { judge } from "./judge.ts";
import { matching } from "./match.ts";
import { mutate, scopeOf } from "./mutate.ts";
import { templateOf } from "./pods.ts";
import { subjectOf } from "./subject.ts";
import { unchangedFor } from "./unchanged.ts";
import { validate } from "./validate.ts";

/**
 * Decides on one admission request. Pure: no clock, network, file, log or environment, so that the webhook, `check`
 * and `replay` cannot disagree. Never throws. Freezes the request's objects. docs/architecture.md, section 4, says the
 * order.
 */
export function review(request: AdmissionRequest, endpoint: Endpoint, engine: Engine): Decision {
  const bypass = bypassOf(request, engine);
  if (bypass) return decide(request, endpoint, { engine, outcome: { bypass } });
  const policies = matching(request, engine.policies);
  if (policies.length === 0) return decide(request, endpoint, { engine });
  try {
    freezeEnvelope(request);
    const judge = endpoint === "mutating" ? mutation : validation;
    return decide(request, endpoint, { engine, outcome: judge(request, policies, engine) });
  } catch (cause) {
    return reviewFailed(request, endpoint, { engine, cause });
  }
}

/** What policies must not tell each other: the objects are frozen where they are read. */
function freezeEnvelope(request: AdmissionRequest): void {
  const { object: _, oldObject: _old, ...envelope } = request;
  try {
    Object.values(envelope).forEach((value) => deepFreeze(value));
  } catch (cause) {
    throw new RangeError(`Cannot review the request: it nests deeper than ${DEEPEST} levels`, { cause });
  }
  Object.freeze(request);
}

/**
 * The decision on a request whose review broke down as a whole, by `policy` where that is known. Critical and
 * breakglass hold even then, and it decides only where a policy at stage `deny` or `patch` was to be asked about what
 * the request changes.
 */
export function reviewFailed(
  request: AdmissionRequest,
  endpoint: Endpoint,
  { engine, cause, policy = "*" }: { engine: Engine; cause: unknown; policy?: string },
): Decision {
  const bypass = bypassOf(request, engine);
  if (bypass) return decide(request, endpoint, { engine, outcome: { bypass } });
  const modes = decisiveModes(request, endpoint, engine);
  const failure = { policy, cause, decisive: modes.length > 0, mode: strictest(modes) };
  return decide(request, endpoint, { engine, outcome: { failures: [failure] } });
}

/** Of each policy whose failure would decide: how it is answered. */
function decisiveModes(request: AdmissionRequest, endpoint: Endpoint, engine: Engine): FailureMode[] {
  const subject = subjectOf(request);
  const unchanged = unchangedFor(subject);
  const patches = endpoint === "mutating" && scopeOf(subject) !== null;
  const otherwise = endpoint === "validating" ? engine.failure.validate : engine.failure.mutate;
  return matching(request, engine.policies).flatMap((loaded) => {
    const { policy, failure = otherwise } = loaded;
    const { validate, mutate } = stageOf(loaded, request.namespace);
    const refuses = endpoint === "validating" || policy.refuses;
    const decides = (refuses && validate === "deny") || (patches && mutate === "patch");
    return decides && !unchanged(policy) ? [failure] : [];
  });
}

function mutation(request: AdmissionRequest, policies: readonly LoadedPolicy[], engine: Engine): Outcome {
  const subject = subjectOf(request);
  const scope = scopeOf(subject);
  const asked = scope === null ? policies.filter(({ policy }) => policy.refuses) : policies;
  if (asked.length === 0) return {};
  const { patches, operations, object, reports, ...rest } = mutate(subject, asked, {
    engine,
    scope: scope ?? new Set<string>(),
    stages: ALL_STAGES,
    unchanged: unchangedFor(subject),
  });
  return { patches, patch: operations, patched: object, violations: judge(reports, { subject, engine }), ...rest };
}

const ALL_STAGES = ["patch", "dryrun"] as const;

function validation(request: AdmissionRequest, policies: readonly LoadedPolicy[], engine: Engine): Outcome {
  const subject = subjectOf(request);
  const judged = repaired(subject, policies, engine);
  return validate(judged, policies, { engine, unchanged: unchangedFor(subject) });
}

/** A template is judged as its pods will be: after the mutations that will repair them when they are created. */
function repaired(subject: Subject, policies: readonly LoadedPolicy[], engine: Engine): Subject {
  const { request } = subject;
  const template = templateOf(request.kind);
  if (template === null || podsAreCritical(request, engine.critical)) return subject;
  const creation = { ...request, kind: POD, operation: "CREATE", subResource: undefined } as const;
  const asked = new Set(matching(creation, engine.policies));
  const repairing = policies.filter((loaded) => asked.has(loaded));
  const { object } = mutate(subject, repairing, { engine, scope: new Set([template]), stages: ["patch"] });
  return object === null ? subject : subjectOf(request, object);
}

const POD = { group: "", version: "v1", kind: "Pod" };
