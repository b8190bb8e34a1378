// What the line to a viewer carries, by its own reports: how much of the video it gets, and when whole groups of pictures are left out.

/** Share of lost packets, and ms more than the quickest answer, from which on a line is too full. Losses below it are of radio. */
const FULL_LOSS = 0.1;
const FULL_DELAY = 400;
/** Such reports in a row before it counts. */
const IN_A_ROW = 2;
/** ms that a change has to show what it does. */
const SETTLES = 1_500;
const LESS = 0.75;
const MORE = 1.25;
/** bit/s of video below which there is nothing to see. */
export const LEAST_BITRATE = 150_000;
/** s of its bitrate that a line may be ahead, and that it must have before it begins again. */
const AHEAD = 1.5;
const BEGINS = 1;

/** What a viewer reports. */
export interface LineReport {
  /** Share of packets lost, 0 to 1. */
  readonly lost: number;
  /** ms there and back; `null`: not known. */
  readonly round_trip: number | null;
}

/** The line to one viewer. Times in ms of one steady clock. */
export class ViewerLine {
  #most: number;
  #bitrate: number;
  #full = 0;
  #quickest = Number.POSITIVE_INFINITY;
  #changedAt = Number.NEGATIVE_INFINITY;
  /** bits that may be sent at once; counted only on a line that isn't good for all. */
  #room = 0;
  #roomAt = 0;
  #rate = { since: 0, bits: 0, last: 0 };
  #pausing = false;

  /** @param most bit/s of video */
  constructor(most: number) {
    this.#most = most;
    this.#bitrate = most;
  }

  /** bit/s of video that it is good for, as far as is known. */
  get bitrate(): number {
    return this.#bitrate;
  }

  /** Video has so many bit/s at most from now on. */
  become(most: number): void {
    if (this.#bitrate >= this.#most || this.#bitrate > most) this.#bitrate = most;
    this.#most = most;
  }

  /** Takes a report. */
  report({ lost, round_trip }: LineReport, now: number): void {
    if (round_trip !== null) this.#quickest = Math.min(this.#quickest, round_trip);
    const late = round_trip !== null && round_trip > this.#quickest + FULL_DELAY;
    this.#full = lost > FULL_LOSS || late ? this.#full + 1 : 0;
    if (now - this.#changedAt < SETTLES) return;
    if (this.#full >= IN_A_ROW) {
      const sent = this.#rate.last > 0 ? Math.min(this.#rate.last, this.#bitrate) : this.#bitrate;
      this.#change(Math.max(LEAST_BITRATE, sent * LESS), now);
    } else if (this.#full === 0 && this.#bitrate < this.#most) {
      this.#change(Math.min(this.#most, this.#bitrate * MORE), now);
    }
  }

  /** Bytes of video went to it. */
  sent(bytes: number, now: number): void {
    const bits = bytes * 8;
    this.#room -= bits;
    if (now - this.#rate.since >= 1_000) {
      this.#rate.last = (this.#rate.bits * 1_000) / (now - this.#rate.since);
      this.#rate.since = now;
      this.#rate.bits = 0;
    }
    this.#rate.bits += bits;
  }

  /** Whether it takes what comes next; if not, it is to get nothing until a group of pictures begins while it does. */
  takes(now: number): boolean {
    if (this.#bitrate >= this.#most) {
      this.#pausing = false;
      return true;
    }
    this.#room = Math.min(this.#bitrate * AHEAD, this.#room + (this.#bitrate * (now - this.#roomAt)) / 1_000);
    this.#roomAt = now;
    if (this.#room < 0) this.#pausing = true;
    else if (this.#room >= this.#bitrate * BEGINS) this.#pausing = false;
    return !this.#pausing;
  }

  #change(bitrate: number, now: number): void {
    if (this.#bitrate >= this.#most) {
      this.#room = 0;
      this.#roomAt = now;
    }
    this.#bitrate = bitrate;
    this.#changedAt = now;
    this.#full = 0;
  }
}
