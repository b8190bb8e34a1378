// When pictures and sound of a tab were captured, by `performance.now()`: Chrome stamps them by its own clock, pictures and sound not by
// the same one.

/**
 * ms by which sound is stamped later than the picture that belongs to it. A picture has the moment at which Chrome composed it, one to
 * two refreshes of the screen before it is seen; sound the moment at which it is heard. docs/clients.md has what was measured.
 */
export const SOUND_LATE = 25;
/** ms; a stamp that is further from now isn't by `performance.now()`. */
const NEAR = 10_000;

/** The clock of `performance.now()` less Chrome's own (its uptime, or the machine's), ms: by the frame that arrived soonest. */
let chromes_own = Number.POSITIVE_INFINITY;

/** Places the frames of a track, by the one that arrived soonest after its capture. */
export class CaptureTimes {
  /** Where the stamps begin with the track. */
  #offset = Number.POSITIVE_INFINITY;

  /** When a frame of this `timestamp` (µs) that arrived at `now` was captured: never earlier than it was, 2 ms later as a rule. */
  at(timestamp: number, now: number): number {
    const offset = now - timestamp / 1000;
    if (isByChrome(timestamp, now)) chromes_own = Math.min(chromes_own, offset);
    else this.#offset = Math.min(this.#offset, offset);
    return this.of(timestamp, now);
  }

  /** The same of a frame that has not just arrived. */
  of(timestamp: number, now: number): number {
    return timestamp / 1000 + (isByChrome(timestamp, now) ? chromes_own : this.#offset);
  }
}

/** Places the sound of a track: its first sample's time. */
export class SoundTimes {
  #offset = Number.POSITIVE_INFINITY;

  /** When sound of this `timestamp` (µs) and `duration` (ms) that arrived at `now` was captured. */
  at(timestamp: number, duration: number, now: number): number {
    const time = timestamp / 1000;
    if (Math.abs(now - time) < NEAR) return time; // Chromium 156
    if (isByChrome(timestamp, now) && Number.isFinite(chromes_own)) return time + chromes_own;
    this.#offset = Math.min(this.#offset, now - duration - time);
    return time + this.#offset;
  }
}

/** Chrome's own clock is ahead of that of any document: it began before. Stamps that begin with the track are behind it. */
function isByChrome(timestamp: number, now: number): boolean {
  return timestamp / 1000 > now + NEAR;
}
