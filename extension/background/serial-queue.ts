// One thing after another: Chrome fails when several captures start at the same moment.
// Never drops an entry.

/** Runs functions one after the other. */
export class SerialQueue {
  #tail: Promise<unknown> = Promise.resolve();

  /** Runs `work` when all before it has ended, well or not; gives its result. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(work, work);
    this.#tail = result.catch(() => {});
    return result;
  }
}
