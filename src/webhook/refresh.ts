import { causeOf } from "../core/text.ts";
import { type Bundles, isRemote } from "../bundles.ts";
import type { Loaded } from "../load.ts";
import type { Log } from "../log.ts";
import type { Metrics } from "./metrics.ts";

export interface Refresh {
  readonly bundles: Bundles;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly signal: AbortSignal;
  /** Builds the policy set anew. */
  readonly rebuild: () => Promise<Loaded>;
  /** Lets the next review be decided by it. */
  readonly use: (loaded: Loaded) => void;
}

/**
 * Asks the addresses of bundles every so often, and rebuilds the policy set when one has another. Whatever goes wrong,
 * the set in use stays in use, whole. Ends when the signal aborts.
 */
export async function refreshBundles({ config }: Loaded, refresh: Refresh): Promise<void> {
  if (!config.policies.some(({ use }) => isRemote(use))) return;
  const { bundles, log, metrics, signal } = refresh;
  const lost = (bundle: string, error: unknown) => {
    if (signal.aborted) return;
    metrics.loseBundle();
    log("bundle_not_fetched", { bundle, cause: causeOf(error) });
  };
  let waiting: readonly string[] = [];
  while (await pause(config.serve.refreshSeconds * 1000, signal)) {
    const changed = [...new Set([...waiting, ...await bundles.changed(config, { lost, signal })])];
    if (changed.length === 0 || signal.aborted) continue;
    waiting = await replace(changed, refresh) ? [] : changed;
  }
}

/** Whether it went well: if not, it is tried again. */
async function replace(changed: readonly string[], { rebuild, use, log, metrics }: Refresh): Promise<boolean> {
  try {
    const loaded = await rebuild();
    use(loaded);
    log("policies_replaced", { bundles: changed, policy_revision: loaded.engine.revision });
    return true;
  } catch (error) {
    metrics.refuseSet();
    log("policies_not_replaced", { bundles: changed, cause: causeOf(error) });
    return false;
  }
}

/** Whether the time passed; false when the signal aborted. */
function pause(milliseconds: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(false);
    const stop = () => {
      clearTimeout(timer);
      resolve(false);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve(true);
    }, milliseconds);
    signal.addEventListener("abort", stop, { once: true });
  });
}
