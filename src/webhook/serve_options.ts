import { availableParallelism } from "node:os";
import type { Config } from "../config/config.ts";
import { foundValue } from "../errors.ts";
import { UsageError } from "../io.ts";

/** As they were given. */
export interface LifeFlags {
  readonly evaluators?: string;
  readonly evaluatorMemory?: string;
  readonly drain?: string;
  readonly insecureHttp: boolean;
}

export interface LifeOptions {
  /** Evaluator processes; 0 for none. */
  readonly count: number;
  /** Resident MiB of one. */
  readonly memory: number;
  readonly drainMs: number;
}

const MOST_BY_DEFAULT = 4;

/** What flags say, else the config. On a laptop nobody waits for other API servers. Throws UsageError. */
export function lifeOptions(flags: LifeFlags, { serve }: Pick<Config, "serve">): LifeOptions {
  const count = wholeNumber("--evaluators", flags.evaluators, [0, 16]) ?? serve.evaluators.count;
  const drain = wholeNumber("--drain", flags.drain, [0, 3600]) ?? (flags.insecureHttp ? 0 : serve.drainSeconds);
  return {
    count: count ?? Math.min(Math.max(availableParallelism(), 1), MOST_BY_DEFAULT),
    memory: wholeNumber("--evaluator-memory", flags.evaluatorMemory, [64, 65536]) ?? serve.evaluators.memory,
    drainMs: drain * 1000,
  };
}

function wholeNumber(flag: string, text: string | undefined, [least, most]: [number, number]): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d{1,9}$/.test(text) && value >= least && value <= most) return value;
  throw new UsageError(
    `Cannot read ${flag}: found ${foundValue(text)}, accepted a whole number of ${least} to ${most}`,
  );
}
