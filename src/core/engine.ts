import type { Context, Policy } from "../contract.ts";
import { type Allowlist, contextOf } from "./exempt.ts";
import type { Breakglass, CriticalEntry } from "./bypass.ts";
import { indexPolicies, type PolicyIndex } from "./match.ts";

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

/** What the config says of one policy. */
export interface PolicySettings extends PolicyStages {
  /** Stages of the policies that it speaks for; its own are then the strongest that any of them has. */
  readonly members?: MemberStages;
  /** How its failure is answered, where the config says so of this one. */
  readonly failure?: FailureMode;
}

/** A policy with its options. */
export interface BuiltPolicy {
  readonly policy: Policy;
  /** The output of the policy's options schema. */
  readonly options: unknown;
}

/** A policy with its options and its stages in this process's environment. */
export interface LoadedPolicy extends PolicySettings, BuiltPolicy {}

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
  /** Overrides both and what is said of single policies, by exact name. */
  readonly namespaces: ReadonlyMap<string, FailureMode>;
}

/** Everything that an engine is made of besides the policies' code: data, which another process can be sent. */
export interface Settings extends Omit<Engine, "policies" | "context"> {
  /** Empty where none is set. */
  readonly environment: string;
  /** By name, of every policy. */
  readonly policies: ReadonlyMap<string, PolicySettings>;
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

/** Joins policies with what the config says of them. */
export function engineOf(built: readonly BuiltPolicy[], { environment, policies, ...settings }: Settings): Engine {
  const loaded = built.map((policy) => ({ ...policy, ...policies.get(policy.policy.name)! }));
  return { ...settings, policies: indexPolicies(loaded), context: contextOf(environment, settings.allowlist) };
}

/** The same with policies that are not asked: each of these, by name, fails for the reason given. */
export function withFailing(engine: Engine, reasons: ReadonlyMap<string, string>): Engine {
  if (reasons.size === 0) return engine;
  const loaded = engine.policies.all.map((policy) => failing(policy, reasons.get(policy.policy.name)));
  return { ...engine, policies: indexPolicies(loaded) };
}

function failing(loaded: LoadedPolicy, reason: string | undefined): LoadedPolicy {
  if (reason === undefined) return loaded;
  const { validate, mutate, ...policy } = loaded.policy;
  const fail = () => {
    throw new Error(reason);
  };
  return { ...loaded, policy: { ...policy, ...(validate && { validate: fail }), ...(mutate && { mutate: fail }) } };
}
