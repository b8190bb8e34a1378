// How often, and after which pause, a stream asks for a fresh run. Pure: the time is given to it.

/** ms before the first, second, … try; the last one stays. */
const PAUSES = [200, 500, 1_000, 2_000, 5_000] as const;
const MAX_TRIES = 10;
/** A viewer may wait for a live stream to come back; who starts one should soon hear that it can't. */
const MAX_TRIES_BEFORE_PLAYABLE = 3;
/** ms in which the tries are counted. */
const WINDOW = 60_000;

/** Counts tries of one stream. */
export class RecoveryBudget {
  #tries: number[] = [];

  /** ms to wait before the next try, which is counted by this; `null`: there were too many. `now` in ms. */
  next(now: number, wasPlayable: boolean): number | null {
    this.#tries = this.#tries.filter((at) => now - at < WINDOW);
    if (this.#tries.length >= (wasPlayable ? MAX_TRIES : MAX_TRIES_BEFORE_PLAYABLE)) return null;
    const pause = PAUSES[Math.min(this.#tries.length, PAUSES.length - 1)] as number;
    this.#tries.push(now + pause);
    return pause;
  }
}
