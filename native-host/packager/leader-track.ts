// The rendition that decides where segments begin (the source's video, or audio where there is no video), for one run: at
// keyframes.
import type { MediaUnit } from "../media/unit.ts";
import type { Segment } from "./segment.ts";
import type { SegmentStore } from "./segment-store.ts";

/** Where the segments of a run begin to count. */
export interface RunPlace {
  readonly run: number;
  readonly msn: number;
  readonly discontinuity_sequence: number;
  /** ms by which wall time is ahead of the stream's clock in this run. */
  readonly wall_ahead: number;
}

/** The beginning of a segment on the stream's clock. */
export interface Boundary {
  readonly msn: number;
  /** ms */
  readonly start: number;
}

/** Boundaries remembered for the followers; none is further behind than this. */
const MAX_LAG = 3;

/** The leading rendition of one run. */
export class LeaderTrack {
  readonly place: RunPlace;
  /** The newest segments' beginnings, oldest first. */
  readonly boundaries: Boundary[] = [];
  /** ms; end of the newest media, -Infinity before the first. */
  end = Number.NEGATIVE_INFINITY;
  /** Segments finished in this run. */
  finished = 0;
  readonly #store: SegmentStore;
  readonly #segmentDuration: number;
  /** ms; what rounds to more than the target duration. */
  readonly #limit: number;
  #msn: number;

  constructor(store: SegmentStore, place: RunPlace, segmentDuration: number, targetDuration: number) {
    this.#store = store;
    this.place = place;
    this.#msn = place.msn;
    this.#segmentDuration = segmentDuration;
    this.#limit = (targetDuration + 0.5) * 1000;
  }

  /** It has taken media. */
  get begun(): boolean {
    return this.boundaries.length > 0;
  }

  /** ms into a segment from which a keyframe ends it: keyframes come a frame early or late. */
  static earliestCut(segmentDuration: number): number {
    return segmentDuration * 0.9;
  }

  /** ms on the stream's clock; the next boundary is there or later. */
  get earliestBoundary(): number {
    return (this.boundaries.at(-1)?.start ?? 0) + LeaderTrack.earliestCut(this.#segmentDuration);
  }

  /** Adds a unit, cutting before it where that is due; `false`: it is left out, since no keyframe has come yet. */
  take(given: MediaUnit): boolean {
    const unit = this.#store.following(given);
    const earliest = LeaderTrack.earliestCut(this.#segmentDuration);
    let open = this.#open();
    if (open) {
      const forced = open.duration + this.#store.lengthOf(unit) >= this.#limit;
      const due = unit.keyframe && open.duration >= earliest;
      if (forced || due) {
        this.finish();
        open = undefined;
      }
    } else if (!unit.keyframe && this.finished === 0) return false;
    if (!open) this.#begin(unit);
    this.#store.append(unit);
    this.end = this.#store.last?.end ?? unit.end;
    return true;
  }

  /** Finishes the segment being made, if there is one. */
  finish(): void {
    const open = this.#open();
    if (!open) return;
    this.#store.finish(open.duration);
    this.finished++;
  }

  #open(): Segment | undefined {
    const { last } = this.#store;
    return last && !last.complete && last.msn >= this.place.msn ? last : undefined;
  }

  #begin(unit: MediaUnit): Segment {
    const boundary = { msn: this.#msn++, start: unit.dts };
    this.boundaries.push(boundary);
    if (this.boundaries.length > MAX_LAG + 1) this.boundaries.shift();
    const { run, discontinuity_sequence, wall_ahead } = this.place;
    return this.#store.begin({ ...boundary, run, discontinuity_sequence, wall_ahead });
  }
}
