// Those who wait for a stream to get somewhere: woken whenever something has changed, each with a time of its own.
// Never knows what they wait for.

/** Keeps them. */
export class Waiting {
  readonly #waiting = new Set<() => void>();

  /** Whether anybody waits. */
  get any(): boolean {
    return this.#waiting.size > 0;
  }

  /** Something has changed. */
  wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  /**
   * Resolves when `condition` holds, which is asked at once and after each {@link wake}. What `hopeless` gives, and after
   * `within` ms what `late` gives, is thrown.
   */
  async until(
    condition: () => boolean,
    within: number,
    { hopeless, late }: { readonly hopeless: () => Error | null; readonly late: () => Error },
  ): Promise<void> {
    const deadline = Date.now() + within;
    while (!condition()) {
      const error = hopeless();
      if (error) throw error;
      const left = deadline - Date.now();
      if (left <= 0) throw late();
      await this.#nextStep(left);
    }
  }

  #nextStep(timeout: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, timeout);
      this.#waiting.add(done);
    });
  }
}
