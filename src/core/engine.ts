import type { Context, Policy } from "../contract.ts";
import type { Allowlist } from "./exempt.ts";
import type { Breakglass, CriticalEntry } from "./bypass.ts";
import type { PolicyIndex } from "./match.ts";

export type ValidateStage = "off" | "monitor" | "warn" | "deny";
export type MutateStage = "off" | "dryrun" | "patch";

export interface Stage {
  readonly validate: ValidateStage;
  readonly mutate: MutateStage;
}

/** The stages of one policy. */
export interface PolicyStages {
  readonly stage: Stage;
  /** Stages of single namespaces, by exact name. */
  readonly namespaces: ReadonlyMap<string, Stage>;
}

/** A policy with its options and its stages in this process's environment. */
export interface LoadedPolicy extends PolicyStages {
  readonly policy: Policy;
  /** The output of the policy's options schema. */
  readonly options: unknown;
  /** Those of the policies that it speaks for; its own are then the strongest that any of them has. */
  readonly members?: MemberStages;
}

export interface MemberStages {
  readonly named: ReadonlyMap<string, PolicyStages>;
  /** Those of any other name; null where there is no other. */
  readonly others: PolicyStages | null;
}

/** The stage of a policy for requests to that namespace. */
export function stageOf({ stage, namespaces }: PolicyStages, namespace: string | undefined): Stage {
  if (namespaces.size === 0 || namespace === undefined) return stage;
  return namespaces.get(namespace) ?? stage;
}

/** The stages that count for what a policy reports in the name of a member. Throws for one it does not speak for. */
export function stagesOf(loaded: LoadedPolicy, member: string | undefined): PolicyStages {
  const { policy, members } = loaded;
  if (member === undefined || (!members && member === policy.name)) return loaded;
  const stages = members?.named.get(member) ?? members?.others;
  if (stages) return stages;
  const named = members ? [...members.named.keys()].join(", ") : policy.name;
  throw new TypeError(`Cannot use what is reported for policy ${JSON.stringify(member)}: accepted ${named}`);
}

/** The weaker of two stages; the first where the second is none. */
export function weaker<Word extends keyof typeof STRENGTH>(stage: Word, limit: Word | undefined): Word {
  return limit !== undefined && STRENGTH[limit] < STRENGTH[stage] ? limit : stage;
}

export const STRENGTH = { off: 0, monitor: 1, warn: 2, deny: 3, dryrun: 1, patch: 2 } as const;

export type FailureMode = "closed" | "open";

/** How a request is answered whose policies could not all be evaluated. */
export interface FailureModes {
  readonly validate: FailureMode;
  readonly mutate: FailureMode;
  /** Overrides both, by exact name. */
  readonly namespaces: ReadonlyMap<string, FailureMode>;
}

/** Everything `review()` knows besides the request. Built once, never changed: a reload builds another. */
export interface Engine {
  /** Short digest of the policies, their options and stages. */
  readonly revision: string;
  readonly policies: PolicyIndex;
  readonly allowlist: Allowlist;
  /** What policies are told of the environment and the allowlist. */
  readonly context: Context;
  /** Container names that sidecar injectors add. */
  readonly injectedContainers: ReadonlySet<string>;
  readonly breakglass: Breakglass;
  readonly critical: readonly CriticalEntry[];
  readonly failure: FailureModes;
}
