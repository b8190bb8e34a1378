// Why a running command shuts down: one promise, settled by whatever comes first (a signal, the duration, the page).
import { sentence, type Words } from "../protocol/sentence.ts";

/** The first reason to shut down. */
export interface ShutdownReason {
  /** The user wanted it, or the duration is over; otherwise something went wrong. */
  readonly expected: boolean;
  readonly text: Words;
}

/** ms; a signal repeated sooner is the same Ctrl-C, passed on by npm or the shell. */
const SAME_SIGNAL = 1000;

/** Collects reasons to shut down. */
export class Shutdown {
  #settle: (reason: ShutdownReason) => void = () => {};
  /** Resolves with the first reason. */
  readonly reason = new Promise<ShutdownReason>((resolve) => {
    this.#settle = resolve;
  });
  readonly #cleanups: (() => void)[] = [];

  /** Gives a reason. Later ones are ignored. */
  request(text: Words, expected = false): void {
    this.#settle({ text, expected });
  }

  /** Shuts down after `duration` ms. */
  after(duration: number): void {
    const timer = setTimeout(() => this.request(sentence("command.time_up"), true), duration);
    this.#cleanups.push(() => clearTimeout(timer));
  }

  /** Shuts down on SIGINT, SIGTERM and SIGHUP; `onRepeated` is called when the user insists. */
  onSignals(onRepeated: () => void): void {
    let first: number | null = null;
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      const received = () => {
        if (first === null) first = performance.now();
        else if (performance.now() - first > SAME_SIGNAL) onRepeated();
        this.request(signal, true);
      };
      process.on(signal, received);
      this.#cleanups.push(() => process.off(signal, received));
    }
  }

  /** Removes timers and signal handlers. */
  close(): void {
    for (const cleanup of this.#cleanups) cleanup();
  }
}
