import type { Finding, Policy, Subject } from "../contract.ts";
import type { Failure, Violation } from "./decision.ts";
import { type Engine, type LoadedPolicy, stageOf } from "./engine.ts";
import { excuseOf } from "./exempt.ts";
import { Malformed } from "./malformed.ts";
import { expectTexts, returnedList } from "./returned.ts";

export interface Validation {
  readonly violations: readonly Violation[];
  readonly failures: readonly Failure[];
}

const OUTCOMES = { monitor: "monitored", warn: "warned", deny: "denied" } as const;

/** Runs the validating rules and puts each violation where its stage, the exceptions and an unchanged pod have it. */
export function validate(subject: Subject, policies: readonly LoadedPolicy[], options: ValidateOptions): Validation {
  const reports = new Map<LoadedPolicy, Report>();
  const failures: Failure[] = [];
  for (const loaded of policies) {
    const { validate: stage } = stageOf(loaded, subject.request.namespace);
    if (stage === "off" || !loaded.policy.validate) continue;
    const effective = options.unchanged(loaded.policy) ? "monitor" : stage;
    try {
      const findings = findingsOf(loaded, subject);
      if (findings.length === 0) continue;
      reports.set(loaded, { findings, about: new Set(findings.map(({ container }) => container)), stage: effective });
    } catch (cause) {
      failures.push({ policy: loaded.policy.name, cause, decisive: effective === "deny" });
    }
  }
  const violations = [...reports].flatMap(([loaded, report]) =>
    judged(loaded, report, { subject, reports, ...options })
  );
  return { violations, failures };
}

export interface ValidateOptions {
  readonly engine: Engine;
  /** Whether an update leaves what the policy judges as it was. */
  readonly unchanged: (policy: Policy) => boolean;
}

/** What one policy found, and the stage that counts for it in this request. */
interface Report {
  readonly findings: readonly Finding[];
  /** The containers that they are about; undefined for the pod. */
  readonly about: ReadonlySet<string | undefined>;
  readonly stage: keyof typeof OUTCOMES;
}

type Reports = ReadonlyMap<LoadedPolicy, Report>;

function findingsOf({ policy, options }: LoadedPolicy, subject: Subject): readonly Finding[] {
  try {
    return checked(policy.validate!(subject, options));
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    const message = `Pod ${subject.reference} is malformed: ${error.message}.`;
    const remediation = `Give ${error.path || "the object"} the shape that the API documents (kubectl explain).`;
    return [{ rule: "ensure_well_formed", message, path: error.path, remediation }];
  }
}

function checked(returned: unknown): readonly Finding[] {
  const from = "validate()";
  return returnedList(returned, from).map((finding) => {
    expectTexts(finding, ["rule", "message"], { from, optional: false });
    expectTexts(finding, ["container", "path", "remediation"], { from, optional: true });
    return { ...finding } as unknown as Finding;
  });
}

function judged(
  { policy }: LoadedPolicy,
  { findings, stage }: Report,
  { subject, engine, reports }: ValidateOptions & { subject: Subject; reports: Reports },
): Violation[] {
  const excuses = new Map<string | undefined, string | null>();
  const excuse = (container: string | undefined) => {
    if (!excuses.has(container)) excuses.set(container, excuseOf({ policy: policy.name, container, subject }, engine));
    return excuses.get(container)!;
  };
  const own = findings.filter((finding) => !isSuperseded(finding, { policy, stage }, { engine, reports }));
  return own.map((finding) => {
    const exception = excuse(finding.container);
    return {
      ...finding,
      policy: policy.name,
      remediation: finding.remediation ?? policy.metadata.remediation,
      outcome: exception === null ? OUTCOMES[stage] : "excused",
      exception,
    };
  });
}

const STRENGTH = { monitor: 1, warn: 2, deny: 3 };

/**
 * Of two policies that name one fact only the superseding one reports: where it did report of the same container or of
 * the pod, at a stage that is not weaker. So nothing is lost, whatever the options and stages of either.
 */
function isSuperseded(
  { rule, container }: Finding,
  { policy, stage }: { policy: Policy; stage: Report["stage"] },
  { engine, reports }: { engine: Engine; reports: Reports },
): boolean {
  const { superseding } = engine.policies;
  const isAbout = ({ about }: Report) =>
    about.has(container) || about.has(undefined) || (container === undefined && about.size > 0);
  const covers = (other: Report | undefined) =>
    other !== undefined && STRENGTH[other.stage] >= STRENGTH[stage] && isAbout(other);
  return superseding.size > 0 && [policy.name, `${policy.name}/${rule}`]
    .some((fact) => superseding.get(fact)?.some((other) => covers(reports.get(other))));
}
