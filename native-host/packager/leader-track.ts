// The track that decides where segments begin (picture, or sound alone), for one run: at keyframes.
// Never holds anything back.
import type { Fragment } from "../media/fragment.ts";
import type { Rendition } from "./rendition.ts";

/** Where the segments of a run begin to count. */
export interface RunPlace {
  readonly run: number;
  readonly msn: number;
  readonly discontinuity_sequence: number;
}

/** The beginning of a segment on the stream's clock. */
export interface Boundary {
  readonly msn: number;
  /** ms */
  readonly start: number;
}

/** Boundaries remembered for the following track; it is never further behind than this. */
export const MAX_LAG = 3;

/** The leading track of one run. */
export class LeaderTrack {
  readonly place: RunPlace;
  /** The newest segments' beginnings, oldest first. */
  readonly boundaries: Boundary[] = [];
  /** ms; end of the newest media, -Infinity before the first. */
  end = Number.NEGATIVE_INFINITY;
  /** Segments finished in this run. */
  finished = 0;
  readonly #rendition: Rendition;
  readonly #segmentDuration: number;
  /** ms; what rounds to more than the target duration. */
  readonly #limit: number;
  #msn: number;
  #bytes = 0;
  #dropped = 0;
  #forced = 0;

  constructor(rendition: Rendition, place: RunPlace, segmentDuration: number, targetDuration: number) {
    this.#rendition = rendition;
    this.place = place;
    this.#msn = place.msn;
    this.#segmentDuration = segmentDuration;
    this.#limit = (targetDuration + 0.5) * 1000;
  }

  /** ms into a segment from which a keyframe ends it: keyframes come a frame early or late. */
  static earliestCut(segmentDuration: number): number {
    return segmentDuration * 0.9;
  }

  /** Adds a fragment, cutting before it where that is due. Before the first keyframe fragments are dropped. */
  take(fragment: Fragment): void {
    const earliest = LeaderTrack.earliestCut(this.#segmentDuration);
    let open = this.#open();
    if (open) {
      const forced = open.duration + fragment.duration >= this.#limit;
      const due = fragment.keyframe && open.duration >= earliest;
      if (forced || due) {
        if (forced && !fragment.keyframe) this.#forced++;
        this.finish();
        open = undefined;
      }
    } else if (!fragment.keyframe && this.finished === 0) {
      this.#dropped++;
      return;
    }
    const segment = open ?? this.#begin(fragment);
    this.#rendition.append(fragment, segment.duration + fragment.duration >= earliest);
    this.end = fragment.start + fragment.duration;
    this.#bytes += fragment.bytes;
  }

  /** Finishes the segment being made, if there is one. */
  finish(): void {
    const open = this.#open();
    if (!open) return;
    this.#rendition.finish(open.duration);
    this.finished++;
  }

  /** Counts since the last call. */
  takeCounts(): { bytes: number; dropped: number } {
    const counts = { bytes: this.#bytes, dropped: this.#dropped };
    this.#bytes = 0;
    this.#dropped = 0;
    return counts;
  }

  /** Segments that began without a keyframe since the last call. */
  takeForcedCuts(): number {
    const forced = this.#forced;
    this.#forced = 0;
    return forced;
  }

  #open() {
    const { last } = this.#rendition;
    return last && !last.complete && last.run === this.place.run ? last : undefined;
  }

  #begin(fragment: Fragment) {
    const boundary = { msn: this.#msn++, start: fragment.start };
    this.boundaries.push(boundary);
    if (this.boundaries.length > MAX_LAG + 1) this.boundaries.shift();
    return this.#rendition.begin({ ...boundary, run: this.place.run }, this.place.discontinuity_sequence);
  }
}
