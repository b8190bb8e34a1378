// The timeline of a stream: fMP4 byte streams in, a bounded window of segments and parts in memory out, the same
// media sequence numbers for picture and sound. Never knows HTTP, FFmpeg, or what time it is.

import type { Fragment } from "../media/fragment.ts";
import type { TrackKind } from "../media/track-kind.ts";
import { TrackReader } from "../media/track-reader.ts";
import { FollowerTrack } from "./follower-track.ts";
import { LeaderTrack } from "./leader-track.ts";
import type { Mark } from "./mark.ts";
import { type Position, Rendition } from "./rendition.ts";
import type { PartLimits } from "./segment.ts";

export type { TrackKind } from "../media/track-kind.ts";

/** What a {@link Packager} needs to know. */
export interface PackagerOptions {
  /** ms; a segment ends at the first keyframe about there. */
  segment_duration: number;
  /** ms; least length of a part. FFmpeg's `-frag_duration` should be the same, for picture and sound. */
  part_duration: number;
  /** What is kept: so many seconds, or fewer if they are more bytes than that (never less than three segments). */
  window: { seconds: number; bytes: number };
  /** ms since 1970 of media time 0. Media from before it are dropped. */
  started_at: number;
  /** First media sequence number; a host that takes over a stream begins higher than the old one stopped. */
  first_sequence?: number;
}

/** Totals since the beginning. */
export interface PackagerStats {
  /** Video frames (sound frames where there is no picture). */
  frames: number;
  bytes: number;
  /** ms; end of the newest media of the leading track. */
  last_media_time: number | null;
  /** Fragments that had no place: before the first keyframe, before media time 0, sound that came far too late. */
  dropped_fragments: number;
  /** Segments that had to begin without a keyframe, because none came for too long. */
  forced_cuts: number;
}

/** A part may be this share of PART-TARGET or more (RFC 8216bis 4.4.4.9). */
const LEAST_PART = 0.85;
/** Segments that stay whatever the window says: fewer than three can't be played. */
const LEAST_SEGMENTS = 3;

interface Run {
  readonly run: number;
  readonly readers: ReadonlyMap<TrackKind, TrackReader>;
  readonly leader: LeaderTrack;
  readonly follower: FollowerTrack | null;
}

/** The packager of one stream. */
export class Packager {
  readonly started_at: number;
  /** s; EXT-X-TARGETDURATION. Leaves room for a late keyframe, since it must never change. */
  readonly target_duration: number;
  /** ms; PART-TARGET. */
  readonly part_target: number;
  readonly #options: PackagerOptions;
  readonly #limits: PartLimits;
  readonly #listeners = new Set<() => void>();
  readonly #stats: PackagerStats = { frames: 0, bytes: 0, last_media_time: null, dropped_fragments: 0, forced_cuts: 0 };
  #video: Rendition | null = null;
  #audio: Rendition | null = null;
  #run: Run | null = null;
  #marks: readonly Mark[] = [];
  #ended = false;
  #version = 0;

  constructor(options: PackagerOptions) {
    this.#options = options;
    this.started_at = options.started_at;
    this.target_duration = Math.ceil((options.segment_duration * 1.5) / 1000);
    // Rounded down: a part that is just as long as it should be must not be too short.
    this.part_target = Math.floor(options.part_duration / LEAST_PART);
    this.#limits = { least: this.part_target * LEAST_PART, most: this.part_target };
  }

  /** Picture; `null` before a run with picture was opened. */
  get video(): Rendition | null {
    return this.#video;
  }

  /** Sound; `null` before a run with sound was opened. */
  get audio(): Rendition | null {
    return this.#audio;
  }

  /** {@link end} was called. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Counts up with each change: what was rendered for a version stays right for it. */
  get version(): number {
    return this.#version;
  }

  /**
   * The first keyframe is there, with sound if there is sound: a viewer who comes now gets a picture within a segment's
   * length, since a playlist that is asked for waits until the stream is `playable`.
   */
  get begun(): boolean {
    const { main } = this;
    if (!main?.begun) return false;
    const other = this.#video && this.#audio;
    return !other || other.begun || main.segments.length > LEAST_SEGMENTS;
  }

  /** A viewer who comes now gets a picture at once, and sound if there is sound (that doesn't stay away for seconds). */
  get playable(): boolean {
    const { main } = this;
    if (!main?.playable) return false;
    const other = this.#video && this.#audio;
    return !other || other.playable || main.segments.length > LEAST_SEGMENTS;
  }

  /** Picture, or sound where there is no picture. */
  get main(): Rendition | null {
    return this.#video ?? this.#audio;
  }

  /** ms; how long segments are planned to be. */
  get segment_duration(): number {
    return this.#options.segment_duration;
  }

  /** s that are kept, where their bytes allow it. */
  get window_seconds(): number {
    return this.#options.window.seconds;
  }

  /** The run that is open, and the tracks that were announced for it; `null` between two runs. */
  get open_run(): { readonly run: number; readonly tracks: readonly TrackKind[] } | null {
    return this.#run && { run: this.#run.run, tracks: [...this.#run.readers.keys()] };
  }

  /** Named stretches of the stream's clock, in the order of their coming. */
  get marks(): readonly Mark[] {
    return this.#marks;
  }

  /** Takes all marks anew; also after the end, when a task ends with its stream. */
  setMarks(marks: readonly Mark[]): void {
    this.#marks = marks;
    this.#changed();
  }

  /** Totals since the beginning. */
  stats(): PackagerStats {
    return { ...this.#stats };
  }

  /** Calls `listener` after each part, segment and end. Gives the function that ends this. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Begins a run; one that is still open is closed. A discontinuity, if it isn't the first. */
  openRun(run: number, tracks: readonly TrackKind[]): void {
    if (this.#ended) return;
    if (this.#run) this.closeRun(this.#run.run);
    if (tracks.includes("video")) this.#video ??= new Rendition("video", this.#limits);
    if (tracks.includes("audio")) this.#audio ??= new Rendition("audio", this.#limits);
    const leading = tracks.includes("video") ? this.#video : this.#audio;
    const following = leading === this.#video ? this.#audio : this.#video;
    if (!leading) return;
    const place = { run, msn: this.#nextSequence(), discontinuity_sequence: this.#nextDiscontinuity(run) };
    const leader = new LeaderTrack(leading, place, this.#options.segment_duration, this.target_duration);
    const follower = following && new FollowerTrack(following, leader, this.target_duration);
    const readers = new Map<TrackKind, TrackReader>();
    for (const kind of tracks) {
      const rendition = kind === "video" ? this.#video : this.#audio;
      const fragment = (fragment: Fragment): void => this.#take(rendition === leading, fragment);
      readers.set(kind, new TrackReader(run, { init: (init) => rendition?.addInit(init), fragment }));
    }
    this.#run = { run, readers, leader, follower };
  }

  /**
   * Takes the next piece of FFmpeg's output for one track; pieces for a run that isn't open are ignored.
   * Parts are views of it where they can be: don't reuse the buffer.
   * @throws FlyBrowserError `ffmpeg_failed` on a malformed stream.
   */
  write(run: number, kind: TrackKind, bytes: Uint8Array): void {
    if (this.#run?.run !== run) return;
    const before = this.#progress();
    this.#run.readers.get(kind)?.write(bytes);
    if (this.#progress() !== before) this.#changed();
  }

  /** Finishes the segment being made, with the sound that belongs to it. Idempotent. */
  closeRun(run: number): void {
    if (this.#run?.run !== run) return;
    const { leader, follower } = this.#run;
    this.#run = null;
    leader.finish();
    follower?.finish();
    this.#count(leader, follower);
    this.#trim();
    this.#changed();
  }

  /** Ends the stream for good. Idempotent. */
  end(): void {
    if (this.#ended) return;
    if (this.#run) this.closeRun(this.#run.run);
    this.#ended = true;
    this.#changed();
  }

  /** Which part comes next, as far as can be known: what EXT-X-PRELOAD-HINT names. */
  nextPart(rendition: Rendition): Position | null {
    const { last } = rendition;
    if (!last || this.#ended) return null;
    const due = last.complete || last.duration >= LeaderTrack.earliestCut(this.#options.segment_duration);
    return due ? { msn: last.msn + 1, part: 0 } : { msn: last.msn, part: last.parts.length };
  }

  #nextSequence(): number {
    const last = Math.max(this.#video?.last?.msn ?? -1, this.#audio?.last?.msn ?? -1);
    return last < 0 ? (this.#options.first_sequence ?? 0) : last + 1;
  }

  /** A segment has at most one discontinuity, so a new host's first number is above all of the old one's too. */
  #nextDiscontinuity(run: number): number {
    const last = this.main?.last;
    if (!last) return this.#options.first_sequence ?? 0;
    return last.discontinuity_sequence + (last.run === run ? 0 : 1);
  }

  #take(leads: boolean, fragment: Fragment): void {
    if (!this.#run) return;
    const { leader, follower } = this.#run;
    if (fragment.start < 0) this.#stats.dropped_fragments++;
    else if (leads) this.#lead(leader, fragment);
    else follower?.take(fragment);
    follower?.release();
    this.#count(leader, follower);
  }

  #lead(leader: LeaderTrack, fragment: Fragment): void {
    const segments = leader.finished;
    leader.take(fragment);
    if (leader.finished !== segments) this.#trim();
    this.#stats.frames += fragment.frames;
    this.#stats.last_media_time = fragment.start + fragment.duration;
  }

  #count(leader: LeaderTrack, follower: FollowerTrack | null): void {
    const tracks = follower ? [leader, follower] : [leader];
    for (const track of tracks) {
      const { bytes, dropped } = track.takeCounts();
      this.#stats.bytes += bytes;
      this.#stats.dropped_fragments += dropped;
    }
    this.#stats.forced_cuts += leader.takeForcedCuts();
  }

  /** Keeps the window; both renditions let go of the same sequence numbers. */
  #trim(): void {
    const { main } = this;
    if (!main) return;
    const renditions = [this.#video, this.#audio].filter((rendition) => rendition !== null);
    const whole = main.listed.filter((segment) => segment.complete);
    let seconds = whole.reduce((sum, segment) => sum + segment.duration, 0) / 1000;
    for (const segment of whole.slice(0, -LEAST_SEGMENTS)) {
      seconds -= segment.duration / 1000;
      if (seconds < this.#options.window.seconds) break;
      for (const rendition of renditions) rendition.unlistBefore(segment.msn + 1);
    }
    let bytes = renditions.reduce((sum, rendition) => sum + rendition.bytes, 0);
    for (const segment of main.segments.slice(0, -LEAST_SEGMENTS)) {
      if (bytes <= this.#options.window.bytes) break;
      bytes -= renditions.reduce((sum, rendition) => sum + (rendition.segment(segment.msn)?.bytes ?? 0), 0);
      for (const rendition of renditions) rendition.dropBefore(segment.msn + 1);
    }
  }

  /** A number that moves when a part or a segment was finished. */
  #progress(): number {
    let progress = 0;
    for (const rendition of [this.#video, this.#audio]) progress += rendition?.finished ?? 0;
    return progress;
  }

  #changed(): void {
    this.#version++;
    for (const listener of this.#listeners) listener();
  }
}
