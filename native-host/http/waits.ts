// Requests that wait for something to happen in a stream. Those that wait for the same thing share one wait.
// Never polls.

interface Wait {
  readonly test: () => boolean;
  readonly settle: (happened: boolean) => void;
  readonly promise: Promise<boolean>;
}

/** The waits for one source of changes. */
export class Waits {
  readonly #waits = new Map<string, Wait>();
  readonly #subscribe: (listener: () => void) => () => void;
  #unsubscribe: (() => void) | null = null;

  /** `subscribe` is the onChange of the source. */
  constructor(subscribe: (listener: () => void) => () => void) {
    this.#subscribe = subscribe;
  }

  /**
   * True once `test` holds after a change (or at once); false after `timeout` ms. Equal keys mean equal tests; who
   * joins a wait shares what is left of its time.
   */
  until(key: string, test: () => boolean, timeout: number): Promise<boolean> | true {
    if (test()) return true;
    const known = this.#waits.get(key);
    if (known) return known.promise;
    let resolve: (happened: boolean) => void = () => {};
    const promise = new Promise<boolean>((resolvePromise) => {
      resolve = resolvePromise;
    });
    const timer = setTimeout(() => settle(false), timeout);
    timer.unref();
    const settle = (happened: boolean): void => {
      clearTimeout(timer);
      this.#waits.delete(key);
      if (this.#waits.size === 0) this.#stopListening();
      resolve(happened);
    };
    this.#waits.set(key, { test, settle, promise });
    this.#unsubscribe ??= this.#subscribe(() => this.#check());
    return promise;
  }

  #check(): void {
    for (const wait of [...this.#waits.values()]) if (wait.test()) wait.settle(true);
  }

  #stopListening(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = null;
  }
}
