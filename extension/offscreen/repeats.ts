// When the last picture of a tab is shown once more, because no other has come: Chrome gives frames only when something changes, and
// none costs anything that isn't there.
import { leastPartDuration } from "../../protocol/part-duration.ts";

/** Frame periods without a frame after which the last one is shown once more: FFmpeg gives a frame away when it has the next one. */
const SOON = 1.5;
/** ms in which it is shown at that rate all the time, for who begins to look at it: the first segment ends with the first frame after a
 *  second, and each of the next ones is late by a period of the repeats. */
const HURRY = 1_400;
/** Share of the least length of a part: a timer may be late, and a part must have its frame in time. */
const IN_TIME = 0.97;

/** Calls back while no picture comes: once soon after the last one, then as often as a part of the stream needs a frame. */
export class Repeats {
  readonly #soon: number;
  readonly #period: number;
  readonly #again: () => void;
  /** By `performance.now()`. */
  #due = Number.POSITIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #fires = Number.POSITIVE_INFINITY;
  #hurriesUntil = Number.NEGATIVE_INFINITY;
  #closed = false;

  /** `frame_rate`: frames a second at most. */
  constructor(frame_rate: number, again: () => void) {
    this.#soon = (SOON * 1000) / frame_rate;
    this.#period = Math.max(this.#soon, leastPartDuration(frame_rate) * IN_TIME);
    this.#again = again;
  }

  /** A picture came that is another one, or may be. */
  came(): void {
    this.#wait(this.#soon);
  }

  /** Somebody begins to look. */
  begin(): void {
    this.#hurriesUntil = performance.now() + HURRY;
    this.came();
  }

  /** No more calls. Idempotent. */
  close(): void {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #wait(ms: number): void {
    const now = performance.now();
    this.#due = now + ms;
    // While the page moves, a timer that runs already is soon enough: none is set for each frame.
    if (this.#closed || (this.#timer !== null && this.#fires <= this.#due)) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#fires = this.#due;
    this.#timer = setTimeout(() => this.#fire(), ms);
  }

  #fire(): void {
    this.#timer = null;
    const left = this.#due - performance.now();
    if (left > 1) {
      this.#wait(left);
      return;
    }
    this.#wait(performance.now() < this.#hurriesUntil ? this.#soon : this.#period);
    this.#again();
  }
}
