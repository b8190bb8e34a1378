// Decides when dash.js reloads the MPD: in the middle of each segment, since it asks for none while an MPD is on its way; and soon
// again where the stream was interrupted.
import type { DashWindow } from "./dash-window.ts";

/** ms between two reloads while a segment is overdue… */
const OVERDUE_INTERVAL = 120;
/** …for this long; then the stream has stalled, and reloads come further apart. */
const OVERDUE = 2_000;
const STALLED_INTERVAL = 500;
/** Share of a segment that is there when it is looked for: the next ones are listed before they begin. */
const INTO = 0.5;
/** Weight of a newly measured delay that is longer than the known one. */
const WEIGHT = 0.2;

/** Schedules the MPD reloads of one player. */
export class DashRefresh {
  readonly #reload: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lastStart: number | null = null;
  /** s from the capture of a segment's start to its listing in the MPD; `null`: not measured yet. */
  #delay: number | null = null;
  /** When the next segment is or was due, ms of the page's clock. */
  #due = 0;

  constructor(reload: () => void) {
    this.#reload = reload;
  }

  /** Takes in an MPD that was loaded. `now`: s on the stream's clock, `null` if not known yet. */
  loaded(window: DashWindow | null, now: number | null): void {
    clearTimeout(this.#timer);
    if (!window?.live) return;
    const isNew = window.last_start !== this.#lastStart;
    const length = this.#lastStart === null ? window.last_end - window.last_start : window.last_start - this.#lastStart;
    if (isNew && now !== null) this.#updateDelay(now - window.last_start);
    if (!isNew) {
      this.#schedule(performance.now() - this.#due < OVERDUE ? OVERDUE_INTERVAL : STALLED_INTERVAL);
      return;
    }
    this.#lastStart = window.last_start;
    // The next segment is expected to be as long as the one that just ended.
    const expected = Math.min(Math.max(length, 0.2), window.last_end - window.last_start);
    const wait = now === null ? expected : window.last_start + expected * (1 + INTO) + (this.#delay ?? 0) - now;
    this.#due = performance.now() + wait * 1000;
    this.#schedule(Math.max(OVERDUE_INTERVAL, wait * 1000));
  }

  /** Stops it. Idempotent. */
  close(): void {
    clearTimeout(this.#timer);
  }

  /** The shortest delay counts: anything longer includes the wait for the reload that saw it. */
  #updateDelay(delay: number): void {
    const known = this.#delay;
    this.#delay = known === null || delay < known ? delay : known + (delay - known) * WEIGHT;
  }

  #schedule(ms: number): void {
    this.#timer = setTimeout(this.#reload, ms);
  }
}
