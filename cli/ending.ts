// Why a running command ends: one promise, settled by whatever comes first (a signal, the time, the page).
// Never ends anything itself.

/** The first reason to end. */
export interface Reason {
  /** The user wanted it, or the time was up; else something went wrong. */
  readonly expected: boolean;
  readonly text: string;
}

/** A repeated signal that comes sooner is the same Ctrl-C, passed on by npm or the shell; ms. */
const SAME_SIGNAL = 1000;

/** Collects reasons to end. */
export class Ending {
  #settle: (reason: Reason) => void = () => {};
  /** Settled by the first reason. */
  readonly reason = new Promise<Reason>((resolve) => {
    this.#settle = resolve;
  });
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #undo: (() => void)[] = [];

  /** Gives a reason. Later ones change nothing. */
  end(text: string, expected = false): void {
    this.#settle({ text, expected });
  }

  /** Ends after so many ms. */
  after(duration: number): void {
    this.#timers.push(setTimeout(() => this.end("the time is up", true), duration));
  }

  /** Ends at SIGINT, SIGTERM, SIGHUP; `again` runs when the user insists. */
  onSignals(again: () => void): void {
    let first: number | null = null;
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      const heard = () => {
        if (first === null) first = performance.now();
        else if (performance.now() - first > SAME_SIGNAL) again();
        this.end(signal, true);
      };
      process.on(signal, heard);
      this.#undo.push(() => process.off(signal, heard));
    }
  }

  /** Waits for no reason any more. */
  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    for (const undo of this.#undo) undo();
  }
}
