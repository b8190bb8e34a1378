// The packager: media units in, for each rendition a bounded window of segments and parts in memory out, all renditions with
// the same media sequence numbers.
import { Emitter } from "../../protocol/emitter.ts";
import type { InitSegment } from "../media/init-segment.ts";
import { isSource } from "../media/rendition.ts";
import type { MediaRun, MediaSink } from "../media/sink.ts";
import type { StreamClock } from "../media/stream-clock.ts";
import type { MediaUnit } from "../media/unit.ts";
import { FollowerTrack } from "./follower-track.ts";
import { LeaderTrack } from "./leader-track.ts";
import type { Mark } from "./mark.ts";
import type { PartLimits } from "./segment.ts";
import { type Position, SegmentStore } from "./segment-store.ts";

/** What a {@link Packager} needs to know. */
export interface PackagerOptions {
  /** ms; a segment ends at the first keyframe about there. */
  segment_duration: number;
  /** ms; least length of a part. */
  part_duration: number;
  /** Players may be nearer to the end, as EXT-X-TARGETDURATION says: a keyframe may be half a second late, no more. */
  near?: boolean;
  /** Media come as they are captured: players may be as near to their end as can be. Left out: they may not. */
  eager?: boolean;
  /** What is kept: so many seconds, or fewer if they are more bytes than that (no less than three segments). */
  window: { seconds: number; bytes: number };
  /** ms since 1970 of media time 0. Media from before it are dropped. */
  started_at: number;
  /** Gives the wall time of media; left out: it goes with media time. */
  clock?: Pick<StreamClock, "ahead" | "wall">;
  /** First media sequence number; a host that takes over a stream begins higher than the old one stopped. */
  first_sequence?: number;
  /** ms that were missing between the runs that the host before had; left out: nothing. */
  missing?: number;
}

/** A part that viewers can fetch now. */
export interface ReadyPart {
  readonly rendition_id: string;
  /** ms on the stream's clock at which it begins. */
  readonly start: number;
}

/** A part may be this share of PART-TARGET or more (RFC 8216bis 4.4.4.9). */
const LEAST_PART = 0.85;
/** Segments that stay whatever the window says: fewer than three can't be played. */
const LEAST_SEGMENTS = 3;

/** ms that the last frame before a gap in the media lasts. */
const LONGEST_FRAME = 200;

interface OpenRun {
  readonly run: number;
  /** The ids that it was opened with. */
  readonly announced: readonly string[];
  readonly main: SegmentStore;
  readonly leader: LeaderTrack;
  /** By rendition id. */
  readonly followers: Map<string, FollowerTrack>;
}

/** The packager of one stream. */
export class Packager implements MediaSink {
  readonly name = "packager";
  readonly started_at: number;
  /** s; EXT-X-TARGETDURATION. Leaves room for a late keyframe, since it must never change. */
  readonly target_duration: number;
  /** ms; PART-TARGET. */
  readonly part_target: number;
  /** Players may be as near to the end as can be. */
  readonly eager: boolean;
  readonly #options: PackagerOptions;
  readonly #limits: PartLimits;
  /** ms; a gap in the media from which on they go on as after a discontinuity: no segment may be so long. */
  readonly #gap: number;
  readonly #changes = new Emitter();
  readonly #growth = new Emitter();
  readonly #parts = new Emitter<ReadyPart>();
  /** By id, in the order in which they came. */
  readonly #stores = new Map<string, SegmentStore>();
  /** By run, the rungs that can be made of it. */
  readonly #rungs = new Map<number, readonly InitSegment[]>();
  #run: OpenRun | null = null;
  #marks: readonly Mark[] = [];
  #ended = false;
  #version = 0;
  #dropped = 0;

  constructor(options: PackagerOptions) {
    this.#options = options;
    this.started_at = options.started_at;
    this.eager = options.eager ?? false;
    const room = options.near ? 1 : 1.5;
    this.target_duration = Math.max(2, Math.ceil((options.segment_duration * room) / 1000));
    this.#gap = (this.target_duration + 0.5) * 1000; // it would round to more than the target duration
    // Rounded down: a part that is just as long as it should be must not be too short.
    this.part_target = Math.floor(options.part_duration / LEAST_PART);
    this.#limits = { least: this.part_target * LEAST_PART, most: this.part_target };
  }

  /** The segments of every rendition: of the video first, the source in front of its rungs. */
  get renditions(): readonly SegmentStore[] {
    const all = [...this.#stores.values()];
    return [...all.filter(({ rendition }) => rendition.type === "video"), ...all.filter(isAudio)];
  }

  /** The segments of a rendition; `undefined`: there is none of this id. */
  find(rendition_id: string): SegmentStore | undefined {
    return this.#stores.get(rendition_id);
  }

  /** The rendition that decides where segments begin: the source's video, or audio where there is no video. */
  get main(): SegmentStore | null {
    return this.renditions[0] ?? null;
  }

  /** ms that are missing of the leading rendition so far, between runs. */
  get missing(): number {
    return this.main?.last?.missing ?? this.#options.missing ?? 0;
  }

  /** {@link end} was called. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Counts up with each change: what was rendered for a version stays right for it. */
  get version(): number {
    return this.#version;
  }

  /** Units that had no place: from before media time 0, before the first keyframe, or far too late. */
  get dropped_units(): number {
    return [...(this.#run?.followers.values() ?? [])].reduce((sum, { dropped }) => sum + dropped, this.#dropped);
  }

  /**
   * The first keyframe is there, with audio if there is audio: a viewer who comes now gets a picture within a segment's length,
   * since a playlist that is asked for waits until the stream is `playable`.
   */
  get begun(): boolean {
    return this.#sourcesHave((store) => store.begun);
  }

  /** A viewer who comes now gets a picture at once, and audio if there is audio (that doesn't stay away for seconds). */
  get playable(): boolean {
    return this.#sourcesHave((store) => store.playable);
  }

  /** ms; how long segments are planned to be. */
  get segment_duration(): number {
    return this.#options.segment_duration;
  }

  /** s that are kept, where their bytes allow it. */
  get window_seconds(): number {
    return this.#options.window.seconds;
  }

  /** The run that is open, and the ids of the renditions that it was opened with; `null` between two runs. */
  get open_run(): { readonly run: number; readonly announced: readonly string[] } | null {
    return this.#run;
  }

  /** Named stretches of the stream's clock, in the order of their coming. */
  get marks(): readonly Mark[] {
    return this.#marks;
  }

  /** The wall time (epoch ms) of a moment of media time (ms): what is said of one doesn't change. */
  wall(at: number): number {
    const moment = this.started_at + at;
    return this.#options.clock?.wall(moment) ?? moment;
  }

  /** The rungs of the newest run that has any: what viewers are told of, whether they are being made or not. */
  get rungs(): readonly InitSegment[] {
    return [...this.#rungs.values()].at(-1) ?? [];
  }

  /** The rungs of a run. */
  rungsOf(run: number): readonly InitSegment[] {
    return this.#rungs.get(run) ?? [];
  }

  /** These rungs can be made of a run's source, and are told to viewers from now on. */
  offer(run: number, rungs: readonly InitSegment[]): void {
    this.#rungs.set(run, rungs);
    for (const rung of rungs) this.#stores.get(rung.rendition.id)?.addInit(rung);
    this.#changed();
  }

  /** A rung is made from now on; what was before can be {@link fill}ed in. `null`: it isn't offered. Twice is once. */
  join(rung_id: string): SegmentStore | null {
    const known = this.#stores.get(rung_id);
    const rung = this.rungs.find(({ rendition }) => rendition.id === rung_id);
    const { main } = this;
    if (known || !rung || !main) return known ?? null;
    const store = this.#store(rung.rendition);
    for (const inits of this.#rungs.values()) {
      const init = inits.find(({ rendition }) => rendition.id === rung_id);
      if (init) store.addInit(init);
    }
    store.adopt(main);
    if (this.#run) this.#follow(this.#run, store);
    this.#changed();
    return store;
  }

  /** A rung is no longer made; what there was of it is forgotten. */
  leave(rung_id: string): void {
    if (!this.#stores.delete(rung_id)) return;
    this.#run?.followers.delete(rung_id);
    this.#changed();
  }

  /** Gives a segment of a rung its media that was left to be made. */
  fill(rung_id: string, msn: number, units: readonly MediaUnit[]): void {
    if (this.#stores.get(rung_id)?.fill(msn, units)) this.#changed();
  }

  /** Takes all marks anew; also after the end, when a task ends with its stream. */
  setMarks(marks: readonly Mark[]): void {
    this.#marks = marks;
    this.#changed();
  }

  /** Calls `listener` after each part, segment and end. Gives the function that ends this. */
  onChange(listener: () => void): () => void {
    return this.#changes.on(listener);
  }

  /** Calls `listener` after each unit too. Gives the function that ends this. */
  onGrowth(listener: () => void): () => void {
    return this.#growth.on(listener);
  }

  /** Calls `listener` with each part that is ready. Gives the function that ends this. */
  onPart(listener: (part: ReadyPart) => void): () => void {
    return this.#parts.on(listener);
  }

  /** Begins a run; one that is still open is closed. A discontinuity, if it isn't the first. */
  openRun({ run, inits }: MediaRun): void {
    if (this.#ended) return;
    this.closeRun();
    for (const init of inits) this.#store(init.rendition).addInit(init);
    const leading = inits.find(({ rendition }) => rendition.type === "video") ?? inits[0];
    if (!leading) return;
    const announced = inits.map(({ rendition }) => rendition.id);
    this.#run = this.#begin({ run, announced, main: this.#store(leading.rendition) });
  }

  /** Begins with the next segment, after a discontinuity. */
  #begin(source: Pick<OpenRun, "run" | "announced" | "main">): OpenRun {
    const { run, main } = source;
    const place = {
      ...{ run, msn: this.#nextSequence(), discontinuity_sequence: this.#nextDiscontinuity() },
      wall_ahead: this.#options.clock?.ahead ?? 0,
    };
    const leader = new LeaderTrack(main, place, this.#options.segment_duration, this.target_duration);
    const begun = { ...source, leader, followers: new Map<string, FollowerTrack>() };
    // Whatever this run lacks has gaps in it: every playlist goes on.
    for (const store of this.#stores.values()) this.#follow(begun, store);
    return begun;
  }

  /** Goes on with the same run behind a gap in its media. */
  #skipGap(before: OpenRun): OpenRun {
    before.leader.finish();
    const waiting = [...before.followers].map(([id, follower]) => [id, follower.finish()] as const);
    this.#dropped = this.dropped_units;
    const run = this.#begin(before);
    for (const [id, units] of waiting) for (const unit of units) run.followers.get(id)?.take(unit);
    this.#run = run;
    return run;
  }

  /** Takes the next unit; those of a run that isn't open are ignored. */
  write(unit: MediaUnit): void {
    let run = this.#run;
    if (run?.run !== unit.run) return;
    const store = this.#store(unit.rendition);
    if (store.initOf(unit.run) !== unit.init) store.addInit(unit.init);
    const fitting = unit.duration < this.#gap ? unit : unit.shortened(LONGEST_FRAME);
    if (fitting.duration >= this.#gap) {
      this.#dropped++;
      return;
    }
    if (store === run.main && Math.abs(unit.dts - run.leader.end) >= this.#gap && run.leader.begun)
      run = this.#skipGap(run);
    this.#follow(run, store);
    const stores = [...this.#stores.values()];
    const before = stores.map(({ last, finished }) => ({ segment: last, parts: last?.parts.length ?? 0, finished }));
    this.#place(run, store, fitting);
    this.#growth.emit();
    if (stores.every(({ finished }, index) => finished === before[index]?.finished)) return;
    this.#tellParts(stores, before);
    this.#changed();
  }

  /** Finishes the segments being made, with what belongs to them. Idempotent. */
  closeRun(): void {
    if (!this.#run) return;
    const { leader, followers } = this.#run;
    leader.finish();
    for (const follower of followers.values()) this.#dropped += follower.finish().length;
    this.#dropped = this.dropped_units;
    this.#run = null;
    this.#trim();
    this.#changed();
  }

  /** Ends the stream for good. Idempotent. */
  end(): void {
    if (this.#ended) return;
    this.closeRun();
    this.#ended = true;
    this.#changed();
  }

  /** Which part comes next: what EXT-X-PRELOAD-HINT names. `null`: that can't be known yet, or none comes. */
  nextPart(store: SegmentStore): Position | null {
    const { last } = store;
    if (!last || this.#ended) return null;
    const first = { msn: last.msn + 1, part: 0 };
    if (last.complete) return first;
    const next = { msn: last.msn, part: last.parts.length };
    const follower = this.#run?.followers.get(store.id);
    if (follower) return follower.endsInside(last) ? next : null;
    if (last.pending) return next;
    return last.duration >= LeaderTrack.earliestCut(this.#options.segment_duration) ? first : next;
  }

  #store(rendition: SegmentStore["rendition"]): SegmentStore {
    const known = this.#stores.get(rendition.id) ?? new SegmentStore(rendition, this.#limits, this.#options.missing);
    this.#stores.set(rendition.id, known);
    return known;
  }

  #follow(run: OpenRun, store: SegmentStore): void {
    if (store === run.main || run.followers.has(store.id)) return;
    const source = this.rungs.some(({ rendition }) => rendition.id === store.id) ? run.main : null;
    run.followers.set(store.id, new FollowerTrack(store, run.leader, this.target_duration, source));
  }

  #sourcesHave(test: (store: SegmentStore) => boolean): boolean {
    const { main, renditions } = this;
    if (!main || !test(main)) return false;
    const all = renditions.map(({ rendition }) => rendition);
    const sources = renditions.filter(({ rendition }) => isSource(rendition, all));
    return sources.every(test) || main.segments.length > LEAST_SEGMENTS;
  }

  #nextSequence(): number {
    const last = Math.max(-1, ...[...this.#stores.values()].map((store) => store.last?.msn ?? -1));
    return last < 0 ? (this.#options.first_sequence ?? 0) : last + 1;
  }

  /** A segment has at most one discontinuity, so a new host's first number is above all of the old one's too. */
  #nextDiscontinuity(): number {
    const last = Math.max(-1, ...[...this.#stores.values()].map((store) => store.last?.discontinuity_sequence ?? -1));
    return last < 0 ? (this.#options.first_sequence ?? 0) : last + 1;
  }

  #place({ leader, main, followers }: OpenRun, store: SegmentStore, unit: MediaUnit): void {
    if (unit.dts < 0) this.#dropped++;
    else if (store !== main) followers.get(store.id)?.take(unit);
    else {
      const segments = leader.finished;
      if (!leader.take(unit)) this.#dropped++;
      if (leader.finished !== segments) this.#trim();
    }
    for (const follower of followers.values()) follower.release();
  }

  /** Keeps the window; all renditions let go of the same sequence numbers. */
  #trim(): void {
    const { main } = this;
    if (!main) return;
    const stores = [...this.#stores.values()];
    const whole = main.listed.filter((segment) => segment.complete);
    let seconds = whole.reduce((sum, segment) => sum + segment.duration, 0) / 1000;
    for (const segment of whole.slice(0, -LEAST_SEGMENTS)) {
      seconds -= segment.duration / 1000;
      if (seconds < this.#options.window.seconds) break;
      for (const store of stores) store.unlistBefore(segment.msn + 1);
    }
    for (const run of this.#rungs.keys()) {
      if (run !== this.#run?.run && !main.segments.some((segment) => segment.run === run)) this.#rungs.delete(run);
    }
    let bytes = stores.reduce((sum, store) => sum + store.bytes, 0);
    for (const segment of main.segments.slice(0, -LEAST_SEGMENTS)) {
      if (bytes <= this.#options.window.bytes) break;
      bytes -= stores.reduce((sum, store) => sum + (store.segment(segment.msn)?.bytes ?? 0), 0);
      for (const store of stores) store.dropBefore(segment.msn + 1);
    }
  }

  #tellParts(
    stores: readonly SegmentStore[],
    before: readonly { segment: SegmentStore["last"]; parts: number }[],
  ): void {
    if (this.#parts.size === 0) return;
    stores.forEach((store, index) => {
      const { segment = store.segments[0], parts = 0 } = before[index] ?? {};
      const since = segment ? store.segments.filter(({ msn }) => msn >= segment.msn) : [];
      for (const each of since) {
        let start = each.start;
        each.parts.forEach(({ duration }, part) => {
          if (each !== segment || part >= parts) this.#parts.emit({ rendition_id: store.id, start });
          start += duration;
        });
      }
    });
  }

  #changed(): void {
    this.#version++;
    this.#growth.emit();
    this.#changes.emit();
  }
}

function isAudio({ rendition }: SegmentStore): boolean {
  return rendition.type === "audio";
}
