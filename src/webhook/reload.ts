import type { Bundles } from "../bundles.ts";
import type { Config } from "../config/config.ts";
import { causeOf, oneLine } from "../core/text.ts";
import { ConfigError } from "../errors.ts";
import { UsageError } from "../io.ts";
import { allowlistOf, exceptableNames } from "../load.ts";
import type { Log } from "../log.ts";
import type { Metrics } from "./metrics.ts";
import type { CurrentSet, PolicySet } from "./policy_sets.ts";
import { restartNotices } from "./restart_notices.ts";

export interface ReloadOptions {
  readonly bundles: Bundles;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Builds a set from the config as it is written now, and tries it out. */
  readonly start: () => Promise<PolicySet>;
}

export type Outcome = { readonly success: true; readonly revision: string } | {
  readonly success: false;
  readonly cause: string;
};

type Reason = Readonly<Record<string, unknown>>;

/** Replaces the policy set and its exceptions, one change at a time. What goes wrong changes nothing. */
export class Reloader {
  readonly #current: CurrentSet;
  readonly #options: ReloadOptions;
  readonly #started: Config;
  readonly #refused = new Map<"policies" | "allowlist", string>();
  #last: Promise<unknown> = Promise.resolve();
  #waiting: Promise<Outcome> | null = null;
  #closing: Promise<void> = Promise.resolve();

  constructor(current: CurrentSet, options: ReloadOptions) {
    this.#current = current;
    this.#options = options;
    this.#started = current.set.loaded.config;
  }

  /** Why what is written is not what is in use; null where it is. */
  get refused(): string | null {
    return this.#refused.size === 0 ? null : [...new Set(this.#refused.values())].join("; ");
  }

  /** Asked while one waits for its turn, it is that one. */
  reload(reason: Reason): Promise<Outcome> {
    this.#waiting ??= this.#inTurn(() => {
      this.#waiting = null;
      return this.#reload(reason);
    });
    return this.#waiting;
  }

  /** Reads the exceptions again, and gives them to the evaluators that run. */
  reloadAllowlist(): Promise<void> {
    return this.#inTurn(async () => {
      const { log, metrics } = this.#options;
      const { config, settings, policies } = this.#current.set.loaded;
      try {
        const names = exceptableNames(policies);
        const environment = settings.environment || undefined;
        const { allowlist, notices } = await allowlistOf(config, { environment, policies: names });
        notices.forEach((notice) => log("notice", { notice }));
        await this.#current.set.useAllowlist(allowlist);
        metrics.useAllowlist();
        this.#refused.delete("allowlist");
        metrics.setCurrent(this.#refused.size === 0);
        log("allowlist_replaced");
      } catch (error) {
        this.#refuse("allowlist", {}, error);
      }
    });
  }

  /** What is under way and waits is done. */
  async settled(): Promise<void> {
    for (let last; last !== this.#last;) await (last = this.#last);
  }

  async #reload(reason: Reason): Promise<Outcome> {
    const { log, metrics, start, bundles } = this.#options;
    await this.#closing; // else evaluators pile up when reloads come faster than old sets end
    try {
      const set = await start();
      const { loaded } = set;
      bundles.accept(loaded);
      this.#closing = this.#current.replace(set).catch((error) =>
        log("policies_not_closed", { cause: causeOf(error) })
      );
      metrics.use(loaded);
      this.#refused.clear();
      restartNotices(this.#started, loaded.config).forEach((notice) => log("notice", { notice }));
      log("policies_replaced", { ...reason, policy_revision: loaded.settings.revision });
      return { success: true, revision: loaded.settings.revision };
    } catch (error) {
      return this.#refuse("policies", reason, error);
    }
  }

  #refuse(what: "policies" | "allowlist", reason: Reason, error: unknown): Outcome & { success: false } {
    const isMistake = error instanceof ConfigError || error instanceof UsageError;
    const cause = isMistake ? oneLine(error.message) : causeOf(error);
    this.#refused.set(what, cause);
    this.#options.metrics.setCurrent(false);
    this.#options.log(`${what}_not_replaced`, { ...reason, cause });
    return { success: false, cause };
  }

  #inTurn<Result>(run: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(run);
    this.#last = result.catch(() => {});
    return result;
  }
}
