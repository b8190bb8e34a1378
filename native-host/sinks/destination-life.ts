// The states of a destination over time: when it changes, how often it came back, when it is tried again, how it ends.
import { Backoff } from "../../protocol/async.ts";
import { Emitter } from "../../protocol/emitter.ts";
import type { FlyBrowserError } from "../../protocol/errors.ts";
import type { DestinationReport } from "../stream/destination.ts";

/** Pauses between attempts, ms. */
export interface RetryPauses {
  readonly first: number;
  readonly longest: number;
}

/** Those of every kind. */
export const RETRY: RetryPauses = { first: 500, longest: 15_000 };
/** A connection that has lasted so long (ms) was a good one: the pauses begin anew. */
const STEADY = 10_000;

/** The life of one destination. */
export class DestinationLife {
  readonly #changes = new Emitter();
  readonly #backoff: Backoff;
  #state: DestinationReport["state"] = "connecting";
  #since = Date.now();
  #error: FlyBrowserError | null = null;
  #reconnects = 0;
  #liveAt = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(pauses: RetryPauses = RETRY) {
    this.#backoff = new Backoff({ ...pauses, jitter: 1 / 3 });
  }

  /** As much of a report as this knows. */
  get report(): Pick<DestinationReport, "state" | "since" | "reconnects" | "error"> {
    return { state: this.#state, since: this.#since, reconnects: this.#reconnects, error: this.#error };
  }

  /** Media go out now. */
  get live(): boolean {
    return this.#state === "live";
  }

  /** It was never live: what refuses it now, refuses it for good. */
  get untried(): boolean {
    return this.#liveAt === 0;
  }

  /** It has ended, one way or the other. */
  get over(): boolean {
    return this.#state === "failed" || this.#state === "ended";
  }

  /** Calls `listener` with each change; gives the function that ends this. */
  onChange(listener: () => void): () => void {
    return this.#changes.on(listener);
  }

  /** The other side takes the stream. */
  opened(): void {
    if (this.over || this.live) return;
    if (this.#state === "retrying") this.#reconnects++;
    this.#liveAt = performance.now();
    this.#become("live", null);
  }

  /**
   * Not there, or there no more: `attempt` is called after a pause, ever longer ones as long as that goes on. `null`: that is no fault
   * of anybody's, and changes no state.
   */
  tryAgain(error: FlyBrowserError | null, attempt: () => void): void {
    if (this.over) return;
    if (this.live && performance.now() - this.#liveAt >= STEADY) this.#backoff.reset();
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = setTimeout(attempt, this.#backoff.next());
    if (error) this.#become("retrying", error);
  }

  /** Over for good: it is tried no more. Idempotent. */
  end(state: "failed" | "ended", error: FlyBrowserError | null = this.#error): void {
    if (this.over) return;
    if (this.#timer) clearTimeout(this.#timer);
    this.#become(state, error);
    this.#changes.clear();
  }

  #become(state: DestinationReport["state"], error: FlyBrowserError | null): void {
    if (state !== this.#state) this.#since = Date.now();
    this.#state = state;
    this.#error = error;
    this.#changes.emit();
  }
}
