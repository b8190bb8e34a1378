// So many of something a second over time, and more at once after a pause.

/** The bucket. */
export class TokenBucket {
  readonly #rate: { readonly per_second: number; readonly burst: number };
  readonly #now: () => number;
  #tokens: number;
  #at: number;

  /** `now`: ms of any steady clock. */
  constructor(rate: { readonly per_second: number; readonly burst: number }, now = () => performance.now()) {
    this.#rate = rate;
    this.#now = now;
    this.#tokens = rate.burst;
    this.#at = now();
  }

  /** Whether there is one more; it is taken then. */
  take(): boolean {
    const now = this.#now();
    this.#tokens = Math.min(this.#rate.burst, this.#tokens + ((now - this.#at) / 1_000) * this.#rate.per_second);
    this.#at = now;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}
