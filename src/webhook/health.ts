import type { CurrentSet } from "./policy_sets.ts";
import type { Reloader } from "./reload.ts";

export interface Readiness {
  readonly isReady: boolean;
  /** One a check, as Kubernetes' own `/readyz?verbose` has them: `[+]` or `[-]`, and what there is to know. */
  readonly lines: readonly string[];
}

/**
 * Whether requests should be sent here. A change that could not be made and a policy in quarantine are told, and take
 * nobody out of service: every replica would go at once.
 */
export class Health {
  readonly #signal: AbortSignal;
  readonly #current: CurrentSet;
  readonly #reloader: Reloader;

  constructor({ signal, current, reloader }: { signal: AbortSignal; current: CurrentSet; reloader: Reloader }) {
    this.#signal = signal;
    this.#current = current;
    this.#reloader = reloader;
  }

  readiness(): Readiness {
    const { loaded, quarantined } = this.#current.set;
    const isReady = !this.#signal.aborted;
    const refused = this.#reloader.refused;
    return {
      isReady,
      lines: [
        `[+]policies ok: ${loaded.policies.length}, revision ${loaded.settings.revision}`,
        refused === null ? "[+]reload ok" : `[-]reload failed, the policies before it are in use: ${refused}`,
        ...[...quarantined].map(([policy, reason]) => `[-]policy ${policy} ${reason}`),
        isReady ? "[+]shutdown ok" : "[-]shutdown under way",
        isReady ? "ok" : "not ready",
      ],
    };
  }
}
