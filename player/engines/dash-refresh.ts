// Asks for the MPD again just when the next segment begins: dash.js by itself waits a second between two, which is
// as long as a segment. Never fetches anything itself.
import type { DashWindow } from "./dash-window.ts";

/** ms between two questions while the segment that is due doesn't come… */
const AGAIN = 120;
/** …for so many ms; then the stream stands still, and they come further apart. */
const HURRY = 2_000;
const STANDSTILL = 500;
/** Share of the way by which what is learnt of the delay follows what was seen. */
const FOLLOW = 0.2;

/** Times the questions of one player. */
export class DashRefresh {
  readonly #ask: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lastStart: number | null = null;
  /** s from the capture of a segment's beginning to its being listed; `null`: not seen yet. */
  #delay: number | null = null;
  /** When the segment that is asked for was due, ms of the page's clock. */
  #due = 0;

  constructor(ask: () => void) {
    this.#ask = ask;
  }

  /** An MPD has come. `now`: s on the stream's clock, `null` when not known yet. */
  loaded(window: DashWindow | null, now: number | null): void {
    clearTimeout(this.#timer);
    if (!window?.live) return;
    const isNew = window.last_start !== this.#lastStart;
    const length = this.#lastStart === null ? window.last_end - window.last_start : window.last_start - this.#lastStart;
    if (isNew && now !== null) this.#learn(now - window.last_start);
    if (!isNew) {
      this.#later(performance.now() - this.#due < HURRY ? AGAIN : STANDSTILL);
      return;
    }
    this.#lastStart = window.last_start;
    // The next one is expected to take as long as the one that ended just now.
    const expected = Math.min(Math.max(length, 0.2), window.last_end - window.last_start);
    const wait = now === null ? expected : window.last_start + expected + (this.#delay ?? 0) - now;
    this.#due = performance.now() + wait * 1000;
    this.#later(Math.max(AGAIN, wait * 1000));
  }

  /** Ends it. Idempotent. */
  close(): void {
    clearTimeout(this.#timer);
  }

  /** The least delay counts: what is more is the wait for the question that saw it. */
  #learn(delay: number): void {
    const known = this.#delay;
    this.#delay = known === null || delay < known ? delay : known + (delay - known) * FOLLOW;
  }

  #later(ms: number): void {
    this.#timer = setTimeout(this.#ask, ms);
  }
}
