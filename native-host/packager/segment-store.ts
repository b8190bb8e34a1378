// The segments of one rendition: its init segments and its sliding window of segments, and what was measured of them.
import type { InitSegment } from "../media/init-segment.ts";
import type { Rendition } from "../media/rendition.ts";
import type { MediaUnit } from "../media/unit.ts";
import { AHEAD, type Part, type PartLimits, Segment, type SegmentPlace } from "./segment.ts";

/** Segments that have left the playlist but may still be fetched by who has an old one (RFC 8216bis 6.2.2). */
const LINGERING = 3;

/** A place in a rendition: media sequence number and part. */
export interface Position {
  readonly msn: number;
  /** -1: no part of it is there yet. */
  readonly part: number;
}

/** A shorter segment, ms, says little of the peak: the last one of a run may be a single frame. */
const LEAST_MEASURED = 500;

/** What the whole segments of a rendition say of it, over all its life. */
export interface Measured {
  /** bit/s; 0 before the first segment. */
  readonly average_bitrate: number;
  /** bit/s of the segment that had most; no less than the average. */
  readonly peak_bitrate: number;
  /** Frames a second; 0 before the first segment. */
  readonly frame_rate: number;
}

/** Pictures in a row that may come too late for their parts. */
const LATE_IN_A_ROW = 2;

/** ms; less is the rounding of a timescale. */
const LEAST_MOVE = 0.2;

/** The segments of one rendition. */
export class SegmentStore {
  readonly rendition: Rendition;
  /** Counts up with each finished part or segment. */
  finished = 0;
  /** The newest unit, as it stands in its segment; `null` before the first. */
  placed: MediaUnit | null = null;
  readonly #limits: PartLimits;
  readonly #missingBefore: number;
  #totals = { bits: 0, seconds: 0, frames: 0, peak: 0 };
  #segments: Segment[] = [];
  #inits = new Map<number, InitSegment>();
  #current: InitSegment | null = null;
  /** Media sequence number of the first segment of the playlist. */
  #listedFrom = 0;
  /** ms by which the newest unit ends before it was meant to, so that its part isn't too long. */
  #early = 0;
  /** Pictures in a row, up to the newest one, that are too long for a part. */
  #late = 0;

  /** `missing`: ms that were missing between the runs of the host before. */
  constructor(rendition: Rendition, limits: PartLimits, missing = 0) {
    this.rendition = rendition;
    this.#limits = limits;
    this.#missingBefore = missing;
  }

  /** The rendition's id. */
  get id(): string {
    return this.rendition.id;
  }

  /** Bitrates and frame rate so far. */
  get measured(): Measured {
    const { bits, seconds, frames, peak } = this.#totals;
    const average_bitrate = seconds > 0 ? Math.round(bits / seconds) : 0;
    const frame_rate = seconds > 0 ? frames / seconds : 0;
    return { average_bitrate, peak_bitrate: Math.max(Math.round(peak), average_bitrate), frame_rate };
  }

  /** The init segment of the newest run; `null` before the first. */
  get init(): InitSegment | null {
    return this.#current;
  }

  /** Everything that can be fetched, the segment being made last. */
  get segments(): readonly Segment[] {
    return this.#segments;
  }

  /** What stands in the playlist, the segment being made last. */
  get listed(): readonly Segment[] {
    const from = this.#segments.findIndex((segment) => segment.msn >= this.#listedFrom);
    return from <= 0 ? this.#segments.slice(from < 0 ? this.#segments.length : 0) : this.#segments.slice(from);
  }

  /** The newest segment, whole or being made. */
  get last(): Segment | undefined {
    return this.#segments.at(-1);
  }

  /** Place of the newest finished part; `null` before the first. */
  get position(): Position | null {
    const last = this.last;
    return last ? { msn: last.msn, part: last.parts.length - 1 } : null;
  }

  /** Bytes held. */
  get bytes(): number {
    let bytes = 0;
    for (const segment of this.#segments) bytes += segment.bytes;
    return bytes;
  }

  /** Media are there, if only the first part of a segment. */
  get begun(): boolean {
    return this.#segments.some((segment) => !segment.gap && (segment.complete || segment.parts.length > 0));
  }

  /** Whole segments that have media. */
  get playable(): boolean {
    return this.#segments.some((segment) => segment.complete && !segment.gap);
  }

  /** The segment of this number, if it is held. */
  segment(msn: number): Segment | undefined {
    const first = this.#segments[0];
    return first && this.#segments[msn - first.msn];
  }

  /** A finished part; `undefined`: not there (yet). */
  part(msn: number, index: number): Part | undefined {
    return this.segment(msn)?.parts[index];
  }

  /** The init segment of a run, as long as one of its segments is held. */
  initOf(run: number): InitSegment | undefined {
    return this.#inits.get(run);
  }

  /** True once a playlist holds this segment whole (`part` left out) or this part, or what follows it. */
  reached(msn: number, part?: number): boolean {
    const last = this.last;
    if (!last) return false;
    if (last.msn !== msn) {
      // A part past the end of a whole segment means the first part of the next one (RFC 8216bis 6.2.5.2).
      if (last.msn < msn || part === undefined || last.msn > msn + 1) return last.msn > msn;
      return part < (this.segment(msn)?.parts.length ?? 0) || last.parts.length > 0 || last.complete;
    }
    return part === undefined ? last.complete : part < last.parts.length;
  }

  /** Takes the init segment of a run. */
  addInit(init: InitSegment): void {
    this.#inits.set(init.run, init);
    const before = this.#current?.rendition.bitrate ?? init.rendition.bitrate;
    if (before !== init.rendition.bitrate) this.#totals = { bits: 0, seconds: 0, frames: 0, peak: 0 }; // another quality
    if (!this.#current || init.run >= this.#current.run) this.#current = init;
  }

  /**
   * Begins where the source is, with all its whole segments, to be made when they are asked for: a rung that joins. Those of a run
   * that it has no init segment of are gaps.
   */
  adopt(source: SegmentStore): void {
    this.#segments = source.segments
      .filter(({ complete }) => complete)
      .map((segment) => Segment.deferredFrom(segment, this.#limits, this.#inits.has(segment.run)));
    this.#listedFrom = source.listed[0]?.msn ?? 0;
  }

  /** Gives a deferred segment its media; `false`: it is not there, or has them. */
  fill(msn: number, units: readonly MediaUnit[]): boolean {
    const segment = this.segment(msn);
    if (!segment?.deferred || units.length === 0) return false;
    segment.fill(units);
    this.#measure(segment);
    this.finished++;
    return true;
  }

  /** Begins a segment; the one before it must be finished. `like`: the source's, if this is a rung. */
  begin(place: Omit<SegmentPlace, "discontinuity" | "missing">, like: Segment | null = null): Segment {
    const last = this.last;
    const discontinuity = last !== undefined && last.discontinuity_sequence !== place.discontinuity_sequence;
    if (discontinuity) this.#early = this.#late = 0;
    const missing = (last?.missing ?? this.#missingBefore) + (discontinuity ? place.start - last.end : 0);
    const segment = new Segment({ ...place, discontinuity, missing }, this.#limits, like);
    if (!last) this.#listedFrom = place.msn;
    this.#segments.push(segment);
    return segment;
  }

  /** The unit as it follows the newest one: it begins where that one ends. */
  following(unit: MediaUnit): MediaUnit {
    return this.#early > 0 ? unit.retimed(unit.dts - this.#early, unit.duration + this.#early) : unit;
  }

  /** ms that a unit takes in its segment at most: what is missing comes out of the next ones. */
  lengthOf(unit: MediaUnit): number {
    return Math.min(unit.duration, Math.max(this.#limits.most, unit.duration - this.#ahead(unit)));
  }

  /** Adds media to the segment being made. */
  append(unit: MediaUnit): void {
    const { last } = this;
    if (!last) return;
    const parts = last.parts.length;
    const [ahead, late] = [this.#ahead(unit), this.#lateWith(unit)];
    const placed = last.append(unit, ahead);
    this.#late = late;
    this.placed = placed;
    const early = unit.end - placed.end;
    this.#early = early >= LEAST_MOVE ? early : 0;
    this.finished += last.parts.length - parts;
  }

  /**
   * ms by which a unit may end early. The second of two that come late may do so by as much as the first; who is further ahead gets no
   * further, since pictures that are all too long would be ahead for ever.
   */
  #ahead(unit: MediaUnit): number {
    const { most } = this.#limits;
    const early = this.#early;
    const late = this.#lateWith(unit);
    if (early === 0) return AHEAD;
    if (late > 0 && late <= LATE_IN_A_ROW) return early + AHEAD;
    return late > 0 && early > AHEAD ? Math.max(AHEAD, early - most) : Math.max(early, most);
  }

  /** Pictures in a row that are too long, this one included. */
  #lateWith(unit: MediaUnit): number {
    return unit.duration - this.#early > this.#limits.most ? this.#late + 1 : 0;
  }

  /** Ends the segment being made. `duration`, ms: how long it is if it got no media. */
  finish(duration: number): void {
    const { last } = this;
    if (!last) return;
    last.finish(duration);
    this.finished++;
    if (!last.gap) this.#measure(last);
  }

  /** Takes segments before `msn` out of the playlist; they linger for a moment. */
  unlistBefore(msn: number): void {
    this.#listedFrom = Math.max(this.#listedFrom, msn);
    this.dropBefore(this.#listedFrom - LINGERING);
  }

  /** Lets go of segments before `msn`, and of init segments that no segment needs. */
  dropBefore(msn: number): void {
    const first = this.#segments[0];
    if (!first || first.msn >= msn) return;
    this.#segments = this.#segments.filter((segment) => segment.msn >= msn);
    this.#listedFrom = Math.max(this.#listedFrom, msn);
    const needed = new Set(this.#segments.map((segment) => segment.run));
    for (const run of this.#inits.keys()) {
      if (!needed.has(run) && run !== this.#current?.run) this.#inits.delete(run);
    }
  }

  #measure({ bytes, duration, frames }: Segment): void {
    const seconds = duration / 1000;
    this.#totals.bits += bytes * 8;
    this.#totals.seconds += seconds;
    this.#totals.frames += frames;
    if (duration >= LEAST_MEASURED) this.#totals.peak = Math.max(this.#totals.peak, (bytes * 8) / seconds);
  }
}
