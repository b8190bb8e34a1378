// A media segment and its parts, growing fragment by fragment. Never decides when it begins or ends.
import { join } from "../media/box-splitter.ts";
import type { Fragment } from "../media/fragment.ts";

/** A finished part: what low-latency players fetch. */
export interface Part {
  readonly data: Uint8Array;
  /** ms */
  readonly duration: number;
  /** It starts with a keyframe (sound: always). */
  readonly independent: boolean;
}

/** Limits of parts, ms. */
export interface PartLimits {
  /** A part is finished once it is this long. */
  readonly least: number;
  /** PART-TARGET. A part is longer only where one fragment is: a frame came late (a few in a hundred, by a frame at most). */
  readonly most: number;
}

/** A segment of one rendition. */
export class Segment {
  readonly parts: Part[] = [];
  /** ms of all its fragments, those not yet in a finished part too. */
  duration = 0;
  bytes = 0;
  frames = 0;
  /** No more fragments will come. */
  complete = false;
  readonly msn: number;
  readonly run: number;
  /** ms on the stream's clock. */
  readonly start: number;
  /** The media before it are of another run. */
  readonly discontinuity: boolean;
  /** Discontinuities before and at its beginning. */
  readonly discontinuity_sequence: number;
  readonly #limits: PartLimits;
  #pieces: Uint8Array[] = [];
  #pendingDuration = 0;
  #pendingIndependent = false;

  constructor(
    place: Pick<Segment, "msn" | "run" | "start" | "discontinuity" | "discontinuity_sequence">,
    limits: PartLimits,
  ) {
    this.msn = place.msn;
    this.run = place.run;
    this.start = place.start;
    this.discontinuity = place.discontinuity;
    this.discontinuity_sequence = place.discontinuity_sequence;
    this.#limits = limits;
  }

  /** Nothing came for it (a run whose sound came late): players are told so with EXT-X-GAP. */
  get gap(): boolean {
    return this.complete && this.parts.length === 0;
  }

  /** ms; end of what has come. */
  get end(): number {
    return this.start + this.duration;
  }

  /**
   * Adds a fragment. A part ends when it is long enough, or when another fragment like this one would make it too
   * long: it never waits for the next fragment to know. `last`: nothing but a new segment is expected to follow.
   */
  append(fragment: Fragment, last = false): void {
    const crosses = fragment.keyframe && !this.#pendingIndependent;
    if (crosses || this.#pendingDuration + fragment.duration > this.#limits.most) this.finishPart();
    if (this.#pieces.length === 0) this.#pendingIndependent = fragment.keyframe;
    this.#pieces.push(...fragment.pieces);
    this.#pendingDuration += fragment.duration;
    this.duration += fragment.duration;
    this.bytes += fragment.bytes;
    this.frames += fragment.frames;
    const full =
      this.#pendingDuration >= this.#limits.least || this.#pendingDuration + fragment.duration > this.#limits.most;
    if (full || last) this.finishPart();
  }

  /** Makes a part of the fragments that are in none yet, in one buffer. */
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
