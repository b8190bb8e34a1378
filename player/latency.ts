// The arithmetic of being live: the host's clock, the latency, and the speed that brings it to its target.
// Pure: never reads a clock and never touches a video element.

/** One question to the host about its time. All ms since 1970; `sent` and `received` by this machine's clock. */
export interface ClockSample {
  readonly sent: number;
  readonly received: number;
  readonly server_time: number;
}

/** How far the host's clock is ahead of this machine's, ms, and how long the question took (its accuracy), ms. */
export interface ClockOffset {
  readonly offset: number;
  readonly round_trip: number;
}

/** Samples worse than the best one are ignored for this long, ms: clocks drift. */
const KEEP_BEST = 120_000;

/**
 * The offset of one sample: the host is taken to have answered half-way. A difference that the round trip
 * alone explains is no difference: on the same machine the clocks are the same one.
 */
export function offsetOf(sample: ClockSample): ClockOffset {
  const round_trip = Math.max(0, sample.received - sample.sent);
  const offset = sample.server_time - (sample.sent + sample.received) / 2;
  return { offset: Math.abs(offset) <= round_trip / 2 + 1 ? 0 : offset, round_trip };
}

/** Keeps the offset with the shortest round trip, for two minutes. */
export class HostClock {
  #best: ClockOffset | null = null;
  #at = 0;

  /** Takes a sample in. */
  add(sample: ClockSample): void {
    const candidate = offsetOf(sample);
    const old = this.#best === null || sample.received - this.#at > KEEP_BEST;
    if (!old && this.#best !== null && candidate.round_trip > this.#best.round_trip) return;
    this.#best = candidate;
    this.#at = sample.received;
  }

  /** The host's time, ms since 1970, when this machine's clock shows `now`. */
  at(now: number): number {
    return now + (this.#best?.offset ?? 0);
  }
}

/** ms from the moment the picture was made to the moment it is seen; `null` when the media carry no time. */
export function latencyOf(playing_date: number | null, host_now: number): number | null {
  if (playing_date === null || !Number.isFinite(playing_date)) return null;
  const latency = host_now - playing_date;
  // Clocks that disagree by more than the picture is old, or a date of another day, are no measurement.
  return latency < 0 || latency > 86_400_000 ? null : latency;
}

/** Middle value of the last `size` figures, so that one late tick doesn't make the display jump. */
export class Median {
  readonly #size: number;
  #values: number[] = [];

  constructor(size: number) {
    this.#size = size;
  }

  /** Takes a figure in (`null` forgets the ones before) and gives the middle one. */
  add(value: number | null): number | null {
    if (value === null) {
      this.#values = [];
      return null;
    }
    this.#values = [...this.#values, value].slice(-this.#size);
    return this.#values.toSorted((a, b) => a - b)[Math.floor(this.#values.length / 2)] ?? null;
  }
}

/** What {@link syncRate} looks at; seconds. */
export interface SyncInput {
  /** Behind the live edge now, and as it should be. */
  readonly behind: number;
  readonly target: number;
  /** Media that lie ready after the playing position. */
  readonly buffered: number;
  /** The speed now. */
  readonly rate: number;
}

/** Fastest and slowest speed of {@link syncRate}: below what one hears in speech. */
export const MAX_RATE = 1.12;
export const MIN_RATE = 0.94;
/** Seconds from the target at which a correction begins, and at which it ends. */
const BEGIN = 0.12;
const END = 0.03;
/** Never faster with less than this ready, s; slower below the second: a slow second beats a frozen one. */
const ENOUGH = 0.25;
const SCARCE = 0.1;
/** Share of the target that must lie ready for a position nearer than it to be left alone. */
const COMFORT = 0.6;

/**
 * The speed that brings `behind` to `target`: 1 when near enough, a little more or less otherwise, in steps of
 * 0.01, with a begin and an end apart so that it doesn't flutter.
 */
export function syncRate({ behind, target, buffered, rate }: SyncInput): number {
  const error = behind - target;
  if (buffered < SCARCE && error < 1) return MIN_RATE;
  const correcting = rate !== 1;
  if (Math.abs(error) < (correcting ? END : BEGIN)) return 1;
  // A correction that has crossed the target is over.
  if (correcting && Math.sign(error) !== Math.sign(rate - 1)) return 1;
  if (error > 0 && buffered < ENOUGH) return 1;
  // Nearer than aimed at is no fault while enough lies ready.
  if (error < 0 && buffered > target * COMFORT) return 1;
  const wanted = 1 + error * 0.2;
  return Math.round(Math.min(MAX_RATE, Math.max(MIN_RATE, wanted + Math.sign(error) * 0.01)) * 100) / 100;
}

/** ms to wait before attempt number `attempt` (0 first): 500, doubling, at most 8 s, ±20 % by `random` of [0, 1). */
export function backOff(attempt: number, random: number): number {
  return Math.round(Math.min(8_000, 500 * 2 ** Math.min(attempt, 10)) * (0.8 + random * 0.4));
}
