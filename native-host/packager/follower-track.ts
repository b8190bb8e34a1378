// Any other rendition of one run (audio beside video, a rung of the ladder): cut at the leader's boundaries, so that all
// renditions have the same sequence numbers. What is ahead of the leader is held back; the leader waits for nobody.
import type { MediaUnit } from "../media/unit.ts";
import type { Boundary, LeaderTrack } from "./leader-track.ts";
import { SAME, type Segment } from "./segment.ts";
import type { SegmentStore } from "./segment-store.ts";

/** Units that may wait for the leader to reach them: a minute of one frame each. */
const MAX_HELD = 1_800;

/** ms; a boundary of the leader is moved by no more than half of a frame that is longer than this (segment.ts). */
const FRAME = 30;

/** A frame of video belongs where it begins, sound where the greater part of it is. */
const middle = ({ kind, dts, duration }: MediaUnit) =>
  dts + (kind === "video" ? Math.min(duration, FRAME) : duration) / 2;

/** A following rendition of one run. */
export class FollowerTrack {
  readonly #store: SegmentStore;
  readonly #leader: LeaderTrack;
  /** The source, if this is a rung of it. */
  readonly #source: SegmentStore | null;
  /** ms; what rounds to more than the target duration. */
  readonly #limit: number;
  #held: MediaUnit[] = [];
  #newest: MediaUnit | null = null;
  /** The number of the segment that it begins next. */
  #next: number;
  #dropped = 0;

  /** @param source of which it is a rung; `null`: it is a rendition of its own */
  constructor(store: SegmentStore, leader: LeaderTrack, targetDuration: number, source: SegmentStore | null = null) {
    this.#store = store;
    this.#source = source;
    this.#leader = leader;
    this.#limit = (targetDuration + 0.5) * 1000;
    // One that joins in the middle begins with the segment being made.
    this.#next = Math.max(leader.place.msn, leader.boundaries.at(-1)?.msn ?? 0, (store.last?.msn ?? -1) + 1);
  }

  /** Units that had no place: too many waited, or their segment was over. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Takes a unit; {@link release} gives it its place. */
  take(unit: MediaUnit): void {
    this.#held.push(unit);
    if (this.#held.length > MAX_HELD) {
      this.#held.shift();
      this.#dropped++;
    }
  }

  /** Places what the leader has reached. A unit across a boundary goes where its greater part is. */
  release(): void {
    for (let [first] = this.#held; first && middle(first) < this.#leader.end; [first] = this.#held) {
      this.#held.shift();
      this.#place(first);
    }
    this.#finishEarly();
    this.#catchUp();
  }

  /**
   * Whether another part of the segment being made is sure to come: something of it is there, or its first unit will lie before
   * any boundary that the leader has or can set.
   */
  endsInside(open: Segment): boolean {
    if (open.pending) return true;
    const boundary = this.#leader.boundaries.find(({ msn }) => msn > open.msn)?.start ?? this.#leader.earliestBoundary;
    return open.end + (this.#newest?.duration ?? 0) / 2 < boundary;
  }

  /** Ends the run: places what is left, and finishes every segment that the leader has. Gives what comes far behind the leader's end. */
  finish(): MediaUnit[] {
    this.release();
    const beyond = this.#held.filter(({ dts }) => dts >= this.#leader.end + this.#limit);
    for (const unit of this.#held) if (!beyond.includes(unit)) this.#place(unit);
    this.#held = [];
    const last = this.#leader.boundaries.at(-1);
    if (last) this.#advance(last.msn + 1);
    return beyond;
  }

  #place(given: MediaUnit): void {
    const boundary = this.#leader.boundaries.findLast(({ start }) => start <= middle(given));
    const unit = this.#store.following(given);
    const open = this.#open();
    const tooLong = boundary && open?.msn === boundary.msn && open.duration + unit.duration >= this.#limit;
    if (!boundary || boundary.msn < (open?.msn ?? this.#next) || tooLong) {
      this.#dropped++;
      return;
    }
    this.#advance(boundary.msn);
    if (!this.#open()) this.#begin({ msn: boundary.msn, start: unit.dts });
    this.#store.append(unit);
    this.#newest = given;
  }

  /** Finishes a segment when its next unit would lie in the one after it, instead of waiting for that unit. */
  #finishEarly(): void {
    const open = this.#open();
    const newest = this.#newest;
    const next = open && this.#leader.boundaries.find(({ msn }) => msn > open.msn);
    // A rung has every frame of its source, to the one that ends at the boundary.
    const margin = newest && this.#source ? SAME : (newest?.duration ?? 0) / 2;
    if (next && newest && newest.end + margin >= next.start) this.#advance(next.msn);
  }

  /** A rendition that stays away leaves gaps; its playlist goes on. */
  #catchUp(): void {
    const [oldest] = this.#leader.boundaries;
    if (oldest) this.#advance(oldest.msn);
  }

  /** Finishes all segments before `msn`; those that have nothing become gaps. */
  #advance(msn: number): void {
    while ((this.#open()?.msn ?? this.#next) < msn) {
      const at = this.#open()?.msn ?? this.#next;
      const index = this.#leader.boundaries.findIndex((boundary) => boundary.msn === at);
      const boundary = this.#leader.boundaries[index] ?? { msn: at, start: this.#leader.boundaries[0]?.start ?? 0 };
      const end = this.#leader.boundaries[index + 1]?.start ?? this.#leader.end;
      if (!this.#open()) this.#begin(boundary);
      this.#store.finish(Math.max(0, end - boundary.start));
    }
  }

  #open(): Segment | undefined {
    const { last } = this.#store;
    return last && !last.complete && last.msn >= this.#leader.place.msn ? last : undefined;
  }

  #begin(boundary: Boundary): void {
    const { run, discontinuity_sequence, wall_ahead } = this.#leader.place;
    const like = this.#source?.segment(boundary.msn) ?? null;
    this.#store.begin({ ...boundary, run, discontinuity_sequence, wall_ahead }, like);
    this.#next = boundary.msn + 1;
  }
}
