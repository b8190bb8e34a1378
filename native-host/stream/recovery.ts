// Asks for fresh runs until one comes, with pauses and an end. Never starts one, and never knows why the last one failed.
import type { FlyBrowserError } from "../../protocol/errors.ts";
import { RecoveryBudget } from "./recovery-budget.ts";

/** ms in which the extension must open the run it was asked for. */
const FRESH_RUN_WITHIN = 5_000;

/** What a {@link Recovery} needs. */
export interface RecoveryOptions {
  /** Whether there was a picture already. */
  readonly playable: () => boolean;
  readonly ask: (reason: string) => void;
  /** There were too many tries. */
  readonly giveUp: (error: FlyBrowserError) => void;
}

/** The recovery of one stream. */
export class Recovery {
  readonly #options: RecoveryOptions;
  readonly #budget = new RecoveryBudget();
  #timer: NodeJS.Timeout | null = null;

  constructor(options: RecoveryOptions) {
    this.#options = options;
  }

  /** Begins to ask, after a pause; `false`: it has given up. */
  begin(error: FlyBrowserError): boolean {
    const { playable, ask, giveUp } = this.#options;
    this.stop();
    const pause = this.#budget.next(Date.now(), playable());
    if (pause === null) {
      giveUp(error);
      return false;
    }
    this.#timer = setTimeout(() => {
      ask(error.message);
      this.#timer = setTimeout(() => void this.begin(error), FRESH_RUN_WITHIN);
    }, pause);
    return true;
  }

  /** A fresh run has come, or none is wanted any more. */
  stop(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
