import type { Finding, Policy, Subject, Verdict } from "../contract.ts";
import type { Annotation, Failure, Violation } from "./decision.ts";
import { type Engine, type LoadedPolicy, stageOf } from "./engine.ts";
import { judge, staged, type StagedFinding } from "./judge.ts";
import { Malformed } from "./malformed.ts";
import { annotationsOf, findingsOf, returnedVerdict } from "./returned.ts";

export interface Validation {
  readonly violations: readonly Violation[];
  readonly failures: readonly Failure[];
  readonly annotations: readonly Annotation[];
}

export interface ValidateOptions {
  readonly engine: Engine;
  /** Whether an update leaves what the policy judges as it was. */
  readonly unchanged: (policy: Policy) => boolean;
}

/** Runs the validating rules and puts each violation where its stage, the exceptions and an unchanged pod have it. */
export function validate(subject: Subject, policies: readonly LoadedPolicy[], options: ValidateOptions): Validation {
  const { namespace } = subject.request;
  const reports = new Map<LoadedPolicy, readonly StagedFinding[]>();
  const failures: Failure[] = [];
  const annotations: Annotation[] = [];
  for (const loaded of policies) {
    const { policy } = loaded;
    const stage = stageOf(loaded, namespace).validate;
    if (stage === "off" || !policy.validate) continue;
    const unchanged = options.unchanged(policy);
    try {
      const verdict = verdictOf(loaded, subject, options.engine);
      const findings = staged(loaded, findingsOf(verdict, FROM), { namespace, unchanged });
      if (findings.length > 0) reports.set(loaded, findings);
      for (const [key, value] of annotationsOf(verdict, FROM)) annotations.push({ policy: policy.name, key, value });
    } catch (cause) {
      failures.push({ policy: policy.name, cause, decisive: stage === "deny" && !unchanged, mode: loaded.failure });
    }
  }
  return { violations: judge(reports, { subject, engine: options.engine }), failures, annotations };
}

const FROM = "validate()";

function verdictOf({ policy, options }: LoadedPolicy, subject: Subject, { context }: Engine): Verdict {
  try {
    return returnedVerdict(policy.validate!(subject, options, context), FROM);
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    return { findings: [malformation(subject, error)] };
  }
}

function malformation({ reference }: Subject, { message, path }: Malformed): Finding {
  return {
    rule: "ensure_well_formed",
    message: `Pod ${reference} is malformed: ${message}.`,
    path,
    remediation: `Give ${path || "the object"} the shape that the API documents (kubectl explain).`,
  };
}
