// The host's clock, estimated from the timestamps in its responses. All times are ms since 1970, here by a clock that nobody sets.

/** ms since 1970 by a clock that goes on as it did when the page was opened, whoever sets the machine's. */
export function steadyNow(): number {
  return performance.timeOrigin + performance.now();
}

/** A request and the host's time in its response; `sent` and `received` by this machine's clock. */
export interface ClockSample {
  readonly sent: number;
  readonly received: number;
  readonly server_time: number;
}

/** How far the host's clock is ahead of this machine's, ms, and the round trip that limits its accuracy, ms. */
export interface ClockOffset {
  readonly offset: number;
  readonly round_trip: number;
}

/** ms for which samples with a longer round trip than the best one are ignored; clocks drift. */
const KEEP_BEST = 120_000;
/** ms by which two samples may disagree beyond their round trips; more, and one of the clocks was set. */
const DISAGREE = 50;

/**
 * The offset of one sample, assuming that the host responded half-way. An offset that the round trip alone explains counts as
 * none: on one machine both clocks are the same.
 */
export function offsetOf({ sent, received, server_time }: ClockSample): ClockOffset {
  const round_trip = Math.max(0, received - sent);
  const offset = server_time - (sent + received) / 2;
  return { offset: Math.abs(offset) <= round_trip / 2 + 1 ? 0 : offset, round_trip };
}

/** Keeps the offset with the shortest round trip of the last two minutes, or since a clock was set. */
export class HostClock {
  #best: ClockOffset | null = null;
  #at = 0;

  /** Takes a sample in. */
  add(sample: ClockSample): void {
    const candidate = offsetOf(sample);
    const best = sample.received - this.#at > KEEP_BEST ? null : this.#best;
    if (best && candidate.round_trip > best.round_trip && !disagree(candidate, best)) return;
    this.#best = candidate;
    this.#at = sample.received;
  }

  /** The host's time when this machine's clock shows `now`; the same until a sample came. */
  at(now: number): number {
    return now + (this.#best?.offset ?? 0);
  }
}

function disagree(a: ClockOffset, b: ClockOffset): boolean {
  return Math.abs(a.offset - b.offset) > (a.round_trip + b.round_trip) / 2 + DISAGREE;
}
