// Lets go of what nobody needs any more, after a while.
// Never decides what is needed.

/** Calls `release` once nothing has been needed for `delay` ms. */
export class IdleTimer {
  readonly #isNeeded: () => boolean;
  readonly #release: () => void;
  readonly #delay: number;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(isNeeded: () => boolean, release: () => void, delay: number) {
    this.#isNeeded = isNeeded;
    this.#release = release;
    this.#delay = delay;
  }

  /** To be called whenever what is needed may have changed. */
  check(): void {
    if (this.#isNeeded()) {
      if (this.#timer) clearTimeout(this.#timer);
      this.#timer = null;
      return;
    }
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      if (!this.#isNeeded()) this.#release();
    }, this.#delay);
  }
}
