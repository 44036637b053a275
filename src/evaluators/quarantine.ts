export interface QuarantineOptions {
  /** So many ends within the window. */
  readonly after: number;
  readonly windowMs: number;
}

/** Policies that are not asked any more, since too many evaluators were ended for them. Holds until other policies are loaded. */
export class Quarantine {
  readonly #options: QuarantineOptions;
  readonly #ends = new Map<string, number[]>();
  readonly #reasons = new Map<string, string>();

  constructor(options: QuarantineOptions) {
    this.#options = options;
  }

  /** By policy: why. */
  get reasons(): ReadonlyMap<string, string> {
    return this.#reasons;
  }

  /** Notes that an evaluator was ended for a policy, at a time in ms. Whether it is quarantined for that from now on. */
  note(policy: string, now: number): boolean {
    const { after, windowMs } = this.#options;
    if (this.#reasons.has(policy)) return false;
    const ends = [...(this.#ends.get(policy) ?? []), now].filter((at) => now - at < windowMs);
    this.#ends.set(policy, ends);
    if (ends.length < after) return false;
    const times = `${ends.length} ${ends.length === 1 ? "evaluator was" : "evaluators were"} ended for it`;
    this.#reasons.set(policy, `quarantined: ${times} within ${windowMs / 1000} s`);
    return true;
  }
}
