// Listeners to one kind of event: the same few lines for everything here that tells others of its changes.

/** Those who listen. A listener that throws is no business of the others: what it threw is handed to `onError`. */
export class Emitter<Event = void> {
  readonly #listeners = new Set<(event: Event) => void>();
  readonly #onError: (thrown: unknown) => void;

  /** @param onError by default the error is thrown again later, where the process reports what nobody caught */
  constructor(onError: (thrown: unknown) => void = throwLater) {
    this.#onError = onError;
  }

  /** How many listen. */
  get size(): number {
    return this.#listeners.size;
  }

  /** Adds a listener; gives the function that takes it away. */
  on(listener: (event: Event) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Tells everybody who listens now. */
  emit(event: Event): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(event);
      } catch (thrown) {
        this.#onError(thrown);
      }
    }
  }

  /** Takes all listeners away. */
  clear(): void {
    this.#listeners.clear();
  }
}

function throwLater(thrown: unknown): void {
  void Promise.reject(thrown); // unlike a microtask, it is known for whom this was done
}
