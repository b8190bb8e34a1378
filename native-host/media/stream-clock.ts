// The clock of one stream: monotonic, so that media and tasks stay where they are when somebody sets the machine's clock or the
// machine sleeps. Wall time is mapped onto it, for display, anew with each run.

/** ms of this machine's monotonic clock, which is the same one for all its processes (`clock_gettime(CLOCK_MONOTONIC)` and its like). */
export function monotonic(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Where media time 0 is. */
export interface StreamOrigin {
  /** Epoch ms that the wall clock showed then. */
  readonly started_at: number;
  /** The same moment by {@link monotonic}. */
  readonly zero: number;
}

/** Media time 0 is now. */
export function originNow(): StreamOrigin {
  return { started_at: Date.now(), zero: monotonic() };
}

/** Wall time from a moment on: by so many ms ahead of the stream's clock. */
interface Mapping {
  readonly from: number;
  readonly ahead: number;
}

/** Mappings that are remembered; only a clock that somebody sets again and again needs more. */
const MAX_MAPPINGS = 200;
/** ms: less than that is how exactly two clocks can be read one after the other. */
const EXACT = 1;

/** The clock of one stream. Its times are epoch ms as a clock would show them that nobody has set since media time 0. */
export class StreamClock {
  readonly started_at: number;
  readonly #zero: number;
  readonly #mappings: Mapping[] = [{ from: Number.NEGATIVE_INFINITY, ahead: 0 }];

  constructor({ started_at, zero }: StreamOrigin) {
    this.started_at = started_at;
    this.#zero = zero;
    this.remap();
  }

  /** Now. */
  get now(): number {
    return this.started_at + monotonic() - this.#zero;
  }

  /** ms by which wall time is ahead of this clock, as of the last {@link remap}. */
  get ahead(): number {
    return this.#mappings.at(-1)?.ahead ?? 0;
  }

  /** Looks at the wall clock: from now on its time counts. What was told of earlier moments stays. */
  remap(): void {
    const { now } = this;
    const ahead = Date.now() - now;
    if (Math.abs(ahead - this.ahead) < EXACT) return;
    this.#mappings.push({ from: now, ahead });
    if (this.#mappings.length > MAX_MAPPINGS) this.#mappings.splice(1, 1);
  }

  /** The wall time (epoch ms) of a moment of this clock. */
  wall(at: number): number {
    return at + (this.#mappings.findLast(({ from }) => from <= at)?.ahead ?? 0);
  }

  /** The moment of this clock at which the wall clock showed `time` (epoch ms), if that was a while ago and not to come. */
  past(time: number): number {
    return this.now - Math.max(0, Date.now() - time);
  }

  /** The moment of this clock that {@link monotonic} gives as `at`. */
  of(at: number): number {
    return this.started_at + at - this.#zero;
  }
}
