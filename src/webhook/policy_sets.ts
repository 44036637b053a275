import type { Bundles } from "../bundles.ts";
import type { Config } from "../config/config.ts";
import type { Endpoint } from "../core/decision.ts";
import { engineOf } from "../core/engine.ts";
import type { Allowlist } from "../core/exempt.ts";
import type { Evaluation, Evaluator } from "../evaluators/evaluator.ts";
import { InProcessEvaluator } from "../evaluators/in_process.ts";
import { EvaluatorPool, type PoolEvent } from "../evaluators/pool.ts";
import { UsageError } from "../io.ts";
import { selfTest, shippedCases } from "../self_test.ts";
import { build, type Loaded, type LoadOptions } from "../load.ts";
import { resolvePolicies } from "../policy_resolver.ts";
import type { Log } from "../log.ts";
import type { Seen } from "./watch.ts";

export interface PolicySetOptions {
  readonly environment: string | undefined;
  readonly fallback: LoadOptions["fallback"];
  readonly bundles: Bundles;
  readonly log: Log;
  /** What the config named on disk before it was read. */
  readonly seen: Seen;
  /** Evaluator processes, 0 for none. */
  readonly count: number;
  /** Resident MiB above which one is replaced. */
  readonly memory: number;
  /** Third parties' policies may run in this process. */
  readonly trustPolicies: boolean;
  readonly tell: (event: PoolEvent, fields: Record<string, unknown>) => void;
}

/** The policies of one config, and what evaluates them. */
export interface PolicySet extends Evaluator {
  readonly loaded: Loaded;
  readonly seen: Seen;
  /** Policies that are not asked any more, and why. */
  readonly quarantined: ReadonlyMap<string, string>;
  /** What is wrong with the policies, by their own cases. Throws where it cannot be said. */
  test(): Promise<string[]>;
  /** Reviews that come from now on are judged with these exceptions. */
  useAllowlist(allowlist: Allowlist): Promise<void>;
  /** Ends what it holds, once what it was given is answered. */
  close(): Promise<void>;
}

/** Builds a config's policies, and starts what evaluates them. Throws ConfigError, UsageError, and Error. */
export function startPolicySet(config: Config, options: PolicySetOptions): Promise<PolicySet> {
  return options.count === 0 ? startHere(config, options) : startPool(config, options);
}

async function startHere(config: Config, options: PolicySetOptions): Promise<PolicySet> {
  const loaded = await build(config, { ...options, resolve: options.trustPolicies ? undefined : shippedOnly() });
  const evaluator = new InProcessEvaluator(loaded.engine);
  return {
    loaded,
    seen: options.seen,
    quarantined: new Map(),
    evaluate: (body, endpoint) => evaluator.evaluate(body, endpoint),
    test: async () => selfTest(loaded.policies, { engine: loaded.engine, shipped: await shippedCases() }),
    useAllowlist(allowlist) {
      evaluator.replace(engineOf(loaded.policies, { ...loaded.settings, allowlist }));
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
}

/** Refuses third parties' policies before any of their code runs. */
function shippedOnly(): LoadOptions["resolve"] {
  return (entries) => {
    const foreign = entries.find(({ source }) => source.kind !== "shipped");
    if (!foreign) return resolvePolicies(entries);
    throw new UsageError(
      `Cannot evaluate ${foreign.use} in the server's own process: accepted --evaluators 1 and more, or --trust-policies`,
    );
  };
}

async function startPool(config: Config, { count, memory, tell, ...options }: PolicySetOptions): Promise<PolicySet> {
  const { quarantineAfter, windowSeconds } = config.serve.evaluators;
  const timeouts = new Map(
    config.policies.flatMap(({ timeoutSeconds }, entry) =>
      timeoutSeconds === undefined ? [] : [[entry, timeoutSeconds]]
    ),
  );
  const pool = new EvaluatorPool({ count, memory, quarantineAfter, windowSeconds, timeouts, tell });
  try {
    const loaded = await build(config, { ...options, resolve: (entries) => pool.load(entries) });
    await pool.use(loaded.engine, loaded.settings);
    return {
      loaded,
      seen: options.seen,
      quarantined: pool.quarantined,
      evaluate: (body, endpoint, deadline) => pool.evaluate(body, endpoint, deadline),
      test: async () => await pool.test(await shippedCases()),
      useAllowlist(allowlist) {
        const settings = { ...loaded.settings, allowlist };
        return pool.use(engineOf(loaded.policies, settings), settings);
      },
      close: () => pool.close(),
    };
  } catch (error) {
    await pool.close();
    throw error;
  }
}

/** The policy set that answers, until another takes its place: each review is answered by one of them, whole. */
export class CurrentSet implements Evaluator {
  #set: PolicySet;

  constructor(set: PolicySet) {
    this.#set = set;
  }

  get set(): PolicySet {
    return this.#set;
  }

  evaluate(body: Uint8Array, endpoint: Endpoint, deadline: number): Promise<Evaluation> {
    return this.#set.evaluate(body, endpoint, deadline);
  }

  /** From the next review on. Resolves when the old one has answered what it was given. */
  replace(set: PolicySet): Promise<void> {
    const old = this.#set;
    this.#set = set;
    return old.close();
  }
}
