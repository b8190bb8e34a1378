// Waiting for a stream to get somewhere: whoever waits is woken whenever something has changed, and has a time limit of its own.
import { Deadline } from "../../protocol/async.ts";

/** Something that callers wait for. */
export class Condition {
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
    const deadline = new Deadline(within);
    while (!condition()) {
      const error = hopeless();
      if (error) throw error;
      if (deadline.passed) throw late();
      await this.#nextStep(deadline.left);
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
