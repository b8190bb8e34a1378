// Asks for fresh runs until one comes, with pauses and an end.
import type { FlyBrowserError } from "../../protocol/errors.ts";

/** ms in which the extension must open the run that it was asked for. */
const FRESH_RUN_WITHIN = 5_000;
/** ms before the first, second, … try; the last one stays. */
const PAUSES = [200, 500, 1_000, 2_000, 5_000] as const;
const MAX_TRIES = 10;
/** A viewer may wait for a live stream to come back; who starts one should soon hear that it can't. */
const MAX_TRIES_BEFORE_PLAYABLE = 3;
/** ms in which the tries are counted. */
const WINDOW = 60_000;

/** What a {@link Recovery} needs. */
export interface RecoveryOptions {
  /** Whether there was something to see already. */
  readonly playable: () => boolean;
  readonly ask: (reason: string) => void;
  /** There were too many tries. */
  readonly giveUp: (error: FlyBrowserError) => void;
}

/** The recovery of one stream. */
export class Recovery {
  readonly #options: RecoveryOptions;
  /** ms of the monotonic clock. */
  #tries: number[] = [];
  #timer: NodeJS.Timeout | null = null;

  constructor(options: RecoveryOptions) {
    this.#options = options;
  }

  /**
   * Begins to ask, after a pause; `false`: it has given up. `well`: what has failed had gone on well before, so that the tries until then
   * don't count.
   */
  begin(error: FlyBrowserError, well = false): boolean {
    this.stop();
    if (well) this.#tries = [];
    const pause = this.#nextPause(performance.now());
    if (pause === null) {
      this.#options.giveUp(error);
      return false;
    }
    this.#timer = setTimeout(() => {
      this.#options.ask(error.message);
      this.#timer = setTimeout(() => void this.begin(error), FRESH_RUN_WITHIN);
    }, pause);
    return true;
  }

  /** A fresh run has come, or none is wanted any more. */
  stop(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** ms to wait before the next try, which is counted by this; `null`: there were too many. */
  #nextPause(now: number): number | null {
    this.#tries = this.#tries.filter((at) => now - at < WINDOW);
    if (this.#tries.length >= (this.#options.playable() ? MAX_TRIES : MAX_TRIES_BEFORE_PLAYABLE)) return null;
    const pause = PAUSES[Math.min(this.#tries.length, PAUSES.length - 1)] as number;
    this.#tries.push(now + pause);
    return pause;
  }
}
