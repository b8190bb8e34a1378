// A media segment and its parts, growing unit by unit.
import { join } from "../media/box-splitter.ts";
import type { MediaUnit } from "../media/unit.ts";

/** A finished part: what low-latency players fetch. */
export interface Part {
  readonly data: Uint8Array;
  /** ms */
  readonly duration: number;
  /** It starts with a keyframe (audio: always). */
  readonly independent: boolean;
}

/** Limits of parts, ms. */
export interface PartLimits {
  /** A part is finished once it is this long. Shorter: the last of a segment, and one whose next unit would make it too long. */
  readonly least: number;
  /** PART-TARGET. A part is longer only where a single unit is. */
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
}

/** A segment of one rendition. */
export class Segment implements SegmentPlace {
  readonly parts: Part[] = [];
  /** ms of all its units, those not yet in a finished part too. */
  duration = 0;
  bytes = 0;
  frames = 0;
  /** No more units will come. */
  complete = false;
  readonly msn: number;
  readonly run: number;
  readonly start: number;
  readonly discontinuity: boolean;
  readonly discontinuity_sequence: number;
  readonly wall_ahead: number;
  readonly #limits: PartLimits;
  #pieces: Uint8Array[] = [];
  #pendingDuration = 0;
  #pendingIndependent = false;

  constructor(place: SegmentPlace, limits: PartLimits) {
    this.msn = place.msn;
    this.run = place.run;
    this.start = place.start;
    this.discontinuity = place.discontinuity;
    this.discontinuity_sequence = place.discontinuity_sequence;
    this.wall_ahead = place.wall_ahead;
    this.#limits = limits;
  }

  /** Nothing came for it (a run whose audio came late): players are told so with EXT-X-GAP. */
  get gap(): boolean {
    return this.complete && this.parts.length === 0;
  }

  /** It has units that are in no part yet. */
  get pending(): boolean {
    return this.#pieces.length > 0;
  }

  /** ms on the stream's clock; end of what has come. */
  get end(): number {
    return this.start + this.duration;
  }

  /** Adds a unit. A part ends once it is long enough, and before a keyframe or a unit that would make it too long. */
  append(unit: MediaUnit): void {
    const crosses = unit.keyframe && !this.#pendingIndependent;
    if (crosses || this.#pendingDuration + unit.duration > this.#limits.most) this.finishPart();
    if (this.#pieces.length === 0) this.#pendingIndependent = unit.keyframe;
    this.#pieces.push(unit.bytes);
    this.#pendingDuration += unit.duration;
    this.duration += unit.duration;
    this.bytes += unit.bytes.length;
    this.frames += unit.frames;
    if (this.#pendingDuration >= this.#limits.least) this.finishPart();
  }

  /** Makes a part of the units that are in none yet. */
  finishPart(): void {
    if (this.#pieces.length === 0) return;
    this.parts.push({
      data: join(this.#pieces),
      duration: this.#pendingDuration,
      independent: this.#pendingIndependent,
    });
    this.#pieces = [];
    this.#pendingDuration = 0;
  }

  /** Ends the segment. `duration`, ms: how long a segment without media is. */
  finish(duration: number): void {
    this.finishPart();
    this.complete = true;
    if (this.parts.length === 0) this.duration = duration;
  }
}
