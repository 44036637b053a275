import { type Bundles, isRemote } from "../bundles.ts";
import { causeOf } from "../core/text.ts";
import type { Log } from "../log.ts";
import type { Metrics } from "./metrics.ts";
import { pause } from "./pause.ts";
import type { CurrentSet } from "./policy_sets.ts";
import type { Reloader } from "./reload.ts";

export interface Refresh {
  readonly current: CurrentSet;
  readonly reloader: Reloader;
  readonly bundles: Bundles;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly signal: AbortSignal;
}

/**
 * Asks the addresses of bundles every so often, and has the policy set replaced when one has another. A change that
 * could not be made is tried again each time. Ends when the signal aborts.
 */
export async function refreshBundles({ current, reloader, bundles, log, metrics, signal }: Refresh): Promise<void> {
  const lost = (bundle: string, error: unknown) => {
    if (signal.aborted) return;
    metrics.loseBundle();
    log("bundle_not_fetched", { bundle, cause: causeOf(error) });
  };
  let waiting: readonly string[] = [];
  while (await pause(current.set.loaded.config.serve.refreshSeconds * 1000, signal)) {
    const { config } = current.set.loaded;
    if (!config.policies.some(({ use }) => isRemote(use))) continue;
    const changed = [...new Set([...waiting, ...await bundles.changed(config, { lost, signal })])];
    if (changed.length === 0 || signal.aborted) continue;
    const { success } = await reloader.reload({ bundles: changed });
    waiting = success ? [] : changed;
  }
}
