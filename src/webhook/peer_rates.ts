interface Bucket {
  tokens: number;
  /** Milliseconds. */
  filled: number;
}

/**
 * A token bucket for each peer: so many requests a second, and as many at once. Only the peers that were seen last are
 * remembered, so that addresses without end take no memory.
 */
export class PeerRates {
  readonly #perSecond: number;
  readonly #peers: number;
  readonly #buckets = new Map<string, Bucket>();

  constructor({ perSecond, peers }: { perSecond: number; peers: number }) {
    this.#perSecond = perSecond;
    this.#peers = peers;
  }

  /** Whether that peer may send a request now, a time in milliseconds that never goes back. */
  take(peer: string, now: number): boolean {
    const { tokens, filled } = this.#buckets.get(peer) ?? { tokens: this.#perSecond, filled: now };
    const held = Math.min(this.#perSecond, tokens + (now - filled) * this.#perSecond / 1000);
    const isFree = held >= 1;
    this.#remember(peer, { tokens: isFree ? held - 1 : held, filled: now });
    return isFree;
  }

  #remember(peer: string, bucket: Bucket): void {
    this.#buckets.delete(peer); // a Map keeps the order of insertion: the oldest is first
    this.#buckets.set(peer, bucket);
    if (this.#buckets.size > this.#peers) this.#buckets.delete(this.#buckets.keys().next().value!);
  }
}
