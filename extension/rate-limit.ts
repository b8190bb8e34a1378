// How often something may happen: a bucket that refills with time, and the one of a page's calls.
import { FlyBrowserError } from "../protocol/errors.ts";
import { sentence } from "../protocol/sentence.ts";

/** Calls of a page at once, after a pause. */
export const CALLS_AT_ONCE = 40;
/** Calls of a page a second, over time. */
const CALLS_PER_SECOND = 20;

/** A token bucket. */
export class RateLimit {
  readonly #burst: number;
  readonly #perSecond: number;
  readonly #now: () => number;
  #tokens: number;
  #at: number;

  /** At most `burst` at once, then `perSecond`; `now` gives ms. */
  constructor(burst: number, perSecond: number, now: () => number = () => performance.now()) {
    this.#burst = burst;
    this.#perSecond = perSecond;
    this.#now = now;
    this.#tokens = burst;
    this.#at = now();
  }

  /** Whether nothing was taken for so long that this bucket is as good as new. */
  get full(): boolean {
    this.#refill();
    return this.#tokens >= this.#burst;
  }

  /** Takes one: 0 when it was there, else the seconds (rounded up) until there is one. */
  take(): number {
    this.#refill();
    if (this.#tokens < 1) return Math.max(1, Math.ceil((1 - this.#tokens) / this.#perSecond));
    this.#tokens -= 1;
    return 0;
  }

  #refill(): void {
    const now = this.#now();
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#at) / 1000) * this.#perSecond);
    this.#at = now;
  }
}

/** The limit on a page's calls: the same on both ends of its connection. */
export function pageCallLimit(): RateLimit {
  return new RateLimit(CALLS_AT_ONCE, CALLS_PER_SECOND);
}

/** Counts a call of a page. @throws FlyBrowserError `rate_limited` */
export function takeCall(limit: RateLimit): void {
  const seconds = limit.take();
  if (seconds > 0)
    throw new FlyBrowserError("rate_limited", {
      limit: sentence("limit.per_second", { count: CALLS_PER_SECOND }),
      seconds,
    });
}
