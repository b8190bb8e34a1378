// How long to wait before the next attempt. Never waits itself.

/** Pauses that double from one attempt to the next, with jitter, so that many clients don't come back at once. */
export class Backoff {
  readonly #first: number;
  readonly #longest: number;
  readonly #random: () => number;
  #attempts = 0;

  /** @param first,longest ms, without jitter. @param random 0 to 1. */
  constructor(first: number, longest: number, random: () => number = Math.random) {
    this.#first = first;
    this.#longest = longest;
    this.#random = random;
  }

  /** ms until the next attempt: up to a third less than the pause, so that `longest` is kept. */
  next(): number {
    const pause = Math.min(this.#longest, this.#first * 2 ** Math.min(this.#attempts++, 30));
    return pause * (1 - this.#random() / 3);
  }

  /** The next pause is the first one again. */
  reset(): void {
    this.#attempts = 0;
  }
}
