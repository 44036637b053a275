import type { Finding, PolicyMember, Subject } from "../contract.ts";
import type { Violation } from "./decision.ts";
import { type Engine, type LoadedPolicy, stageOf, stagesOf, STRENGTH, weaker } from "./engine.ts";
import { excuseOf } from "./exempt.ts";

const OUTCOMES = { monitor: "monitored", warn: "warned", deny: "denied" } as const;

/** A finding with the policy it belongs to and the stage that counts for it in this request. */
export interface StagedFinding extends Finding {
  readonly policy: string;
  readonly stage: keyof typeof OUTCOMES;
  readonly remediation: string;
}

/** What each policy found. */
export type Reports = ReadonlyMap<LoadedPolicy, readonly StagedFinding[]>;

/** Findings with their stages, without those whose stage is off. Of what is unchanged none is more than monitored. */
export function staged(
  loaded: LoadedPolicy,
  findings: readonly Finding[],
  { namespace, unchanged }: { namespace: string | undefined; unchanged: boolean },
): StagedFinding[] {
  const { name, metadata } = loaded.policy;
  return findings.flatMap((finding) => {
    const { policy = name } = finding;
    const configured = stageOf(stagesOf(loaded, finding.policy), namespace).validate;
    const stage = weaker(weaker(configured, finding.stage), unchanged ? "monitor" : undefined);
    const remediation = finding.remediation ?? memberOf(loaded, policy)?.remediation ?? metadata.remediation;
    return stage === "off" ? [] : [{ ...finding, policy, stage, remediation }];
  });
}

function memberOf({ policy: { members } }: LoadedPolicy, name: string): PolicyMember | undefined {
  return typeof members === "object" ? members.find((member) => member.name === name) : undefined;
}

/** Puts each finding where its stage and the exceptions have it. */
export function judge(reports: Reports, { subject, engine }: { subject: Subject; engine: Engine }): Violation[] {
  const excuses = new Map<string, string | null>();
  const excuse = ({ policy, container }: StagedFinding) => {
    const key = container === undefined ? policy : `${policy}/${container}`;
    if (!excuses.has(key)) excuses.set(key, excuseOf({ policy, container, subject }, engine));
    return excuses.get(key)!;
  };
  const own = [...reports.values()].flat().filter((finding) => !isSuperseded(finding, { engine, reports }));
  return own.map((finding) => {
    const { stage, ...rest } = finding;
    const exception = excuse(finding);
    return { ...rest, outcome: exception === null ? OUTCOMES[stage] : "excused", exception };
  });
}

/**
 * Of two policies that name one fact only the superseding one reports: where it did report of the same container or of
 * the pod, at a stage that is not weaker. So nothing is lost, whatever the options and stages of either.
 */
function isSuperseded(
  { policy, rule, container, stage }: StagedFinding,
  { engine, reports }: { engine: Engine; reports: Reports },
): boolean {
  const { superseding } = engine.policies;
  if (superseding.size === 0) return false;
  const covers = (other: StagedFinding) =>
    STRENGTH[other.stage] >= STRENGTH[stage] &&
    (other.container === container || other.container === undefined || container === undefined);
  return [policy, `${policy}/${rule}`]
    .some((fact) => superseding.get(fact)?.some((other) => reports.get(other)?.some(covers)));
}
