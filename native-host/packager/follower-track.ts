// The other track of one run (sound beside a picture): cut at the leader's boundaries, so that both renditions have
// the same sequence numbers. Holds back what is ahead of the leader; never lets the leader wait.
import type { Fragment } from "../media/fragment.ts";
import type { Boundary, LeaderTrack } from "./leader-track.ts";
import type { Rendition } from "./rendition.ts";
import type { Segment } from "./segment.ts";

/** Fragments that may wait for the picture to reach them: a minute of sound at 200 ms. */
const MAX_HELD = 300;

const middle = (fragment: Fragment) => fragment.start + fragment.duration / 2;

/** The following track of one run. */
export class FollowerTrack {
  readonly #rendition: Rendition;
  readonly #leader: LeaderTrack;
  /** ms; what rounds to more than the target duration. */
  readonly #limit: number;
  #held: Fragment[] = [];
  #newest: Fragment | null = null;
  #next: number;
  #bytes = 0;
  #dropped = 0;

  constructor(rendition: Rendition, leader: LeaderTrack, targetDuration: number) {
    this.#rendition = rendition;
    this.#leader = leader;
    this.#limit = (targetDuration + 0.5) * 1000;
    this.#next = leader.place.msn;
  }

  /** Takes a fragment; {@link release} gives it its place. */
  take(fragment: Fragment): void {
    this.#held.push(fragment);
    if (this.#held.length > MAX_HELD) {
      this.#held.shift();
      this.#dropped++;
    }
  }

  /** Places what the leader has reached. A fragment across a boundary goes where its greater part is. */
  release(): void {
    for (let [first] = this.#held; first && middle(first) < this.#leader.end; [first] = this.#held) {
      this.#held.shift();
      this.#place(first);
    }
    this.#finishEarly();
    this.#catchUp();
  }

  /** Ends the run: places what is left, and finishes every segment that the leader has. */
  finish(): void {
    this.release();
    for (const fragment of this.#held) this.#place(fragment);
    this.#held = [];
    const last = this.#leader.boundaries.at(-1);
    if (last) this.#advance(last.msn + 1);
  }

  /** Counts since the last call. */
  takeCounts(): { bytes: number; dropped: number } {
    const counts = { bytes: this.#bytes, dropped: this.#dropped };
    this.#bytes = 0;
    this.#dropped = 0;
    return counts;
  }

  #place(fragment: Fragment): void {
    const boundary = this.#leader.boundaries.findLast(({ start }) => start <= middle(fragment));
    const open = this.#open();
    const tooLong = boundary && open?.msn === boundary.msn && open.duration + fragment.duration >= this.#limit;
    if (!boundary || boundary.msn < (open?.msn ?? this.#next) || tooLong) {
      this.#dropped++;
      return;
    }
    this.#advance(boundary.msn);
    if (!this.#open()) this.#begin({ msn: boundary.msn, start: fragment.start });
    this.#rendition.append(fragment);
    this.#newest = fragment;
    this.#bytes += fragment.bytes;
  }

  /** Finishes a segment when its next fragment would lie in the one after it, instead of waiting for that fragment. */
  #finishEarly(): void {
    const open = this.#open();
    const newest = this.#newest;
    const next = open && this.#leader.boundaries.find(({ msn }) => msn > open.msn);
    if (next && newest && newest.start + newest.duration * 1.5 >= next.start) this.#advance(next.msn);
  }

  /** Sound that stays away leaves gaps; the playlist goes on. */
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
      this.#rendition.finish(Math.max(0, end - boundary.start));
    }
  }

  #open(): Segment | undefined {
    const { last } = this.#rendition;
    return last && !last.complete && last.run === this.#leader.place.run ? last : undefined;
  }

  #begin(boundary: Boundary): void {
    const { run, discontinuity_sequence } = this.#leader.place;
    this.#rendition.begin({ ...boundary, run }, discontinuity_sequence);
    this.#next = boundary.msn + 1;
  }
}
