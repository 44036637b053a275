import type { Policy } from "../contract.ts";
import type { Allowlist } from "./exempt.ts";
import type { Breakglass, CriticalEntry } from "./bypass.ts";
import type { PolicyIndex } from "./match.ts";

export type ValidateStage = "off" | "monitor" | "warn" | "deny";
export type MutateStage = "off" | "dryrun" | "patch";

export interface Stage {
  readonly validate: ValidateStage;
  readonly mutate: MutateStage;
}

/** A policy with its options and its stages in this process's environment. */
export interface LoadedPolicy {
  readonly policy: Policy;
  /** The output of the policy's options schema. */
  readonly options: unknown;
  readonly stage: Stage;
  /** Stages of single namespaces, by exact name. */
  readonly namespaces: ReadonlyMap<string, Stage>;
}

/** The stage of a policy for requests to that namespace. */
export function stageOf(loaded: LoadedPolicy, namespace: string | undefined): Stage {
  if (loaded.namespaces.size === 0 || namespace === undefined) return loaded.stage;
  return loaded.namespaces.get(namespace) ?? loaded.stage;
}

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
  /** Container names that sidecar injectors add. */
  readonly injectedContainers: ReadonlySet<string>;
  readonly breakglass: Breakglass;
  readonly critical: readonly CriticalEntry[];
  readonly failure: FailureModes;
}
