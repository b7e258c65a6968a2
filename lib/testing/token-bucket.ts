/** A provider's rate limits. */
export interface BucketLimits {
  readonly requestsPerMinute: number;
  readonly tokensPerMinute: number;
  /** How many seconds of refilling the buckets hold; they start full. Default: 60. */
  readonly burstSeconds?: number;
}

/**
 * Two true token buckets, of requests and of tokens, that refill steadily: what a provider has behind
 * its 429. Time comes from the caller, so that it runs on any clock.
 */
export class TokenBucket {
  readonly #perMs: { readonly requests: number; readonly tokens: number };
  readonly #size: { readonly requests: number; readonly tokens: number };
  readonly #left: { requests: number; tokens: number };
  readonly #now: () => number;
  #at: number;

  constructor(limits: BucketLimits, now: () => number = Date.now) {
    const burst = (limits.burstSeconds ?? 60) * 1000;
    this.#perMs = {
      requests: limits.requestsPerMinute / 60_000,
      tokens: limits.tokensPerMinute / 60_000,
    };
    this.#size = {
      requests: Math.max(1, this.#perMs.requests * burst),
      tokens: Math.max(1, this.#perMs.tokens * burst),
    };
    this.#left = { ...this.#size };
    this.#now = now;
    this.#at = now();
  }

  /**
   * Takes one request of so many tokens, or nothing.
   * @returns null, or the whole seconds until there would be enough: the Retry-After
   */
  take(tokens: number): number | null {
    this.#refill();
    // A request larger than the bucket passes when the bucket is full, and leaves it in debt.
    const wanted = Math.min(tokens, this.#size.tokens);
    const waitMs = Math.max(
      (1 - this.#left.requests) / this.#perMs.requests,
      (wanted - this.#left.tokens) / this.#perMs.tokens,
    );
    // A sum of many refills falls short of a whole by rounding.
    if (waitMs > 1e-3) return Math.ceil(waitMs / 1000);
    this.#left.requests -= 1;
    this.#left.tokens -= tokens;
    return null;
  }

  get left(): { readonly requests: number; readonly tokens: number } {
    this.#refill();
    return { ...this.#left };
  }

  #refill(): void {
    const now = this.#now();
    const passed = Math.max(0, now - this.#at);
    this.#at = Math.max(now, this.#at);
    for (const kind of ['requests', 'tokens'] as const) {
      const full = this.#left[kind] + passed * this.#perMs[kind];
      this.#left[kind] = Math.min(this.#size[kind], full);
    }
  }
}
