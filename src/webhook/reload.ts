import type { Bundles } from "../bundles.ts";
import { allowlistOf, exceptableNames } from "../load.ts";
import { causeOf } from "../core/text.ts";
import type { Log } from "../log.ts";
import type { Metrics } from "./metrics.ts";
import type { CurrentSet, PolicySet } from "./policy_sets.ts";

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

/** Replaces the policy set and its exceptions, one change at a time. What goes wrong changes nothing. */
export class Reloader {
  readonly #current: CurrentSet;
  readonly #options: ReloadOptions;
  #last: Promise<unknown> = Promise.resolve();
  #waiting: Promise<Outcome> | null = null;
  /** Why the last change was not made; null where it was. */
  refused: string | null = null;

  constructor(current: CurrentSet, options: ReloadOptions) {
    this.#current = current;
    this.#options = options;
  }

  /** Asked while one waits for its turn, it is that one. */
  reload(reason: Readonly<Record<string, unknown>>): Promise<Outcome> {
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
        this.refused = null;
        log("allowlist_replaced");
      } catch (error) {
        this.#refuse("allowlist_not_replaced", {}, error);
      }
    });
  }

  /** What is under way and waits is done. */
  async settled(): Promise<void> {
    for (let last; last !== this.#last;) await (last = this.#last);
  }

  async #reload(reason: Readonly<Record<string, unknown>>): Promise<Outcome> {
    const { log, metrics, start, bundles } = this.#options;
    try {
      const set = await start();
      const { loaded } = set;
      bundles.accept(loaded);
      void this.#current.replace(set).catch((error) => log("policies_not_closed", { cause: causeOf(error) }));
      metrics.use(loaded);
      this.refused = null;
      log("policies_replaced", { ...reason, policy_revision: loaded.settings.revision });
      return { success: true, revision: loaded.settings.revision };
    } catch (error) {
      return this.#refuse("policies_not_replaced", reason, error);
    }
  }

  #refuse(event: string, reason: Readonly<Record<string, unknown>>, error: unknown): Outcome & { success: false } {
    const cause = causeOf(error);
    this.#options.metrics.refuseSet();
    this.refused = cause;
    this.#options.log(event, { ...reason, cause });
    return { success: false, cause };
  }

  #inTurn<Result>(run: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(run);
    this.#last = result.catch(() => {});
    return result;
  }
}
