// A media segment and its parts, growing unit by unit.
import { join } from "../media/box-splitter.ts";
import type { MediaUnit } from "../media/unit.ts";

/** A finished part: what low-latency players fetch. */
export interface Part {
  readonly data: Uint8Array;
  /** ms */
  readonly duration: number;
  /** It has a keyframe (audio: always). */
  readonly independent: boolean;
}

/** Limits of parts, ms (RFC 8216bis 4.4.4.9). */
export interface PartLimits {
  /** A part is finished once it is this long. Shorter is only the last of a segment. */
  readonly least: number;
  /** PART-TARGET. A part is longer only where three frames in a row are, or one by more than {@link AHEAD}. */
  readonly most: number;
}

/** Where a segment stands. */
export interface SegmentPlace {
  /** Media sequence number. */
  readonly msn: number;
  readonly run: number;
  /** ms on the stream's clock. */
  readonly start: number;
  /** The media before it are of another run. */
  readonly discontinuity: boolean;
  /** Discontinuities before and at its beginning. */
  readonly discontinuity_sequence: number;
  /** ms by which wall time is ahead of the stream's clock, as of the beginning of its run. */
  readonly wall_ahead: number;
  /** ms of the stream's clock before it, since the first segment, for which there are no media of this rendition: between runs. */
  readonly missing: number;
}

/** ms by which a picture may be ahead of its time after a single frame that is too long for a part. */
export const AHEAD = 1_000;

/** ms; more than a tick of any timescale, so that a time that is rounded down is no shorter than it should be. */
const ROUNDING = 0.1;

/** ms; two times that are less apart are the same one. */
export const SAME = 1;

/** A segment of one rendition. */
export class Segment implements SegmentPlace {
  readonly parts: Part[] = [];
  /** ms of all its units, those not yet in a finished part too. */
  duration = 0;
  bytes = 0;
  frames = 0;
  /** No more units will come. */
  complete = false;
  /** Of a rung that nobody read at the time: its media are made when somebody asks for them. */
  deferred = false;
  readonly msn: number;
  readonly run: number;
  readonly start: number;
  readonly discontinuity: boolean;
  readonly discontinuity_sequence: number;
  readonly wall_ahead: number;
  readonly missing: number;
  readonly #limits: PartLimits;
  /** The source's segment of the same number: a rung's frames have its times, and parts end where its parts do. */
  readonly #like: Segment | null;
  /** Units that are in no part yet. */
  #units: MediaUnit[] = [];
  #pendingDuration = 0;
  #pendingIndependent = false;

  constructor(place: SegmentPlace, limits: PartLimits, like: Segment | null = null) {
    this.msn = place.msn;
    this.run = place.run;
    this.start = place.start;
    this.discontinuity = place.discontinuity;
    this.discontinuity_sequence = place.discontinuity_sequence;
    this.wall_ahead = place.wall_ahead;
    this.missing = place.missing;
    this.#limits = limits;
    this.#like = like;
  }

  /** The same stretch of time as a segment of the source, to be made when it is asked for; a gap where it can't be. */
  static deferredFrom(source: Segment, limits: PartLimits, possible: boolean): Segment {
    const segment = new Segment(source, limits, source);
    segment.duration = source.duration;
    segment.complete = true;
    segment.deferred = possible && !source.gap;
    return segment;
  }

  /** Nothing came for it (a run whose audio came late): players are told so with EXT-X-GAP. */
  get gap(): boolean {
    return this.complete && this.parts.length === 0 && !this.deferred;
  }

  /** It begins with a keyframe. */
  get independent(): boolean {
    return this.parts[0]?.independent ?? this.#pendingIndependent;
  }

  /** All that has come for it, those of its units that are in no part yet too. */
  get data(): readonly Uint8Array[] {
    return [...this.parts.map(({ data }) => data), ...this.#units.map(({ bytes }) => bytes)];
  }

  /** What won't change any more: all but the newest unit, whose end may still be moved. */
  get settled(): readonly Uint8Array[] {
    return this.complete ? this.data : this.data.slice(0, this.pending ? -1 : undefined);
  }

  /** It has units that are in no part yet. */
  get pending(): boolean {
    return this.#units.length > 0;
  }

  /** ms on the stream's clock; end of what has come. */
  get end(): number {
    return this.start + this.duration;
  }

  /**
   * Adds a unit. A part ends once it is long enough; where a frame lasts from before that to behind PART-TARGET, one of its ends is
   * moved, whichever has the shorter way. `ahead`: ms by which it may end early. Gives the unit that stands in the segment: the next one
   * has to begin at its end.
   */
  append(unit: MediaUnit, ahead: number = AHEAD): MediaUnit {
    if (this.#like) return this.#addLike(this.#like, unit);
    const { least, most } = this.#limits;
    const beyond = this.#pendingDuration + unit.duration - most;
    if (beyond <= 0) return this.#add(unit);
    const late = least - this.#pendingDuration;
    if (!this.pending || late >= beyond) {
      const duration = Math.max(most - this.#pendingDuration, unit.duration - ahead);
      return this.#add(unit.retimed(unit.dts, duration));
    }
    const last = this.#units.at(-1) as MediaUnit;
    this.#units[this.#units.length - 1] = last.retimed(last.dts, last.duration + late + ROUNDING);
    const moved = (this.#units.at(-1) as MediaUnit).duration - last.duration;
    this.#pendingDuration += moved;
    this.duration += moved;
    this.finishPart();
    return this.append(unit.retimed(unit.dts + moved, unit.duration - moved), ahead);
  }

  #add(unit: MediaUnit): MediaUnit {
    this.#pendingIndependent ||= unit.keyframe;
    this.#units.push(unit);
    this.#pendingDuration += unit.duration;
    this.duration += unit.duration;
    this.bytes += unit.bytes.length;
    this.frames += unit.frames;
    if (!this.#like && this.#pendingDuration >= this.#limits.least) this.finishPart();
    return unit;
  }

  #addLike({ start, parts }: Segment, unit: MediaUnit): MediaUnit {
    this.#add(unit);
    let end = start;
    for (const { duration } of parts) {
      end += duration;
      if (Math.abs(end - this.end) < SAME) this.finishPart();
    }
    return unit;
  }

  /** Makes a part of the units that are in none yet. */
  finishPart(): void {
    if (this.#units.length === 0) return;
    this.parts.push({
      data: join(this.#units.map(({ bytes }) => bytes)),
      duration: this.#pendingDuration,
      independent: this.#pendingIndependent,
    });
    this.#units = [];
    this.#pendingDuration = 0;
    this.#pendingIndependent = false;
  }

  /** Gives a deferred segment its media. It stays as long as it was said to be: an encoder doesn't know how long its last frame is. */
  fill(units: readonly MediaUnit[]): void {
    const { end } = this;
    const last = units.at(-1);
    this.deferred = false;
    this.duration = 0;
    for (const unit of units)
      this.append(unit === last && end > unit.dts ? unit.retimed(unit.dts, end - unit.dts) : unit);
    this.finishPart();
  }

  /** Ends the segment. `duration`, ms: how long a segment without media is. */
  finish(duration: number): void {
    this.finishPart();
    this.complete = true;
    if (this.parts.length === 0) this.duration = duration;
  }
}
