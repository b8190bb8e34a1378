// Watches the run that is open, and ends it when FFmpeg is stuck or falls behind: a fresh one then begins at what is live.

import { sentence } from "../../protocol/sentence.ts";
import type { IngestRun } from "./run.ts";

/** ms between two looks. */
const LOOK_EVERY = 1_000;
/** The same for an FFmpeg that is stopped. */
const LOOK_FOR_FROZEN = 200;
/** ms without anything from a run, after which it is asked whether its FFmpeg is stopped; else it gives something every 150 ms. */
const QUIET = 400;
/** ms in which a run takes input and gives nothing, after which it counts as stuck. */
const STUCK_AFTER = 10_000;
/** ms by which FFmpeg may fall behind: a fresh run begins at what is live, and what was waiting counts as dropped. */
const LATE_AFTER = 8_000;

/** As much of a run as is watched. */
export type WatchedRun = Pick<IngestRun, "behind" | "kill" | "frozen">;

/** What a {@link RunWatch} needs. */
export interface RunWatchOptions {
  /** The run that takes media now; `null`: none. */
  readonly current: () => WatchedRun | null;
  /** ms since the last media came out, or since it was begun to measure. */
  readonly silence: () => number;
  /** There was something to see already: before it, silence is a slow start. */
  readonly playable: () => boolean;
}

/** The watch over the runs of one stream. It looks every second, until it is closed. */
export class RunWatch {
  readonly #options: RunWatchOptions;
  readonly #timers: readonly NodeJS.Timeout[];
  /** By `performance.now()`. */
  #lastInput = Number.NEGATIVE_INFINITY;
  #lookedAt = performance.now();
  #run: WatchedRun | null = null;
  #asking = false;
  /** ms, in whole looks: a machine that slept, or a run that has only begun, has had no time to give anything. */
  #unanswered = 0;

  constructor(options: RunWatchOptions) {
    this.#options = options;
    this.#timers = [
      setInterval(() => this.#look(performance.now()), LOOK_EVERY),
      setInterval(() => void this.#endFrozen(), LOOK_FOR_FROZEN),
    ];
  }

  /** Bytes came in. */
  fed(): void {
    this.#lastInput = performance.now();
  }

  /** Looks no more. Idempotent. */
  close(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }

  #look(now: number): void {
    const { current, silence, playable } = this.#options;
    const run = current();
    const gave = silence() <= now - this.#lookedAt;
    if (run !== this.#run || gave) this.#unanswered = 0;
    else if (now - this.#lastInput < LOOK_EVERY) this.#unanswered += LOOK_EVERY;
    this.#run = run;
    this.#lookedAt = now;
    if (!run) return;
    if (run.behind > LATE_AFTER) void run.kill(sentence("stream.behind"));
    else if (this.#unanswered > STUCK_AFTER && playable()) void run.kill(sentence("stream.no_output"));
  }

  /** Whether it gives something at last or not: a stopped FFmpeg won't until somebody lets it go on. */
  async #endFrozen(): Promise<void> {
    const run = this.#options.current();
    if (!run || this.#asking || this.#options.silence() <= QUIET) return;
    this.#asking = true;
    const frozen = await run.frozen();
    this.#asking = false;
    if (frozen && this.#options.current() === run) await run.kill(sentence("stream.frozen"));
  }
}
