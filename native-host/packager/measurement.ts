// What the whole segments of a rendition say of its bitrate and frame rate. Never keeps a segment.
import type { Segment } from "./segment.ts";

/** A shorter segment, ms, says little of the peak: the last one of a run may be a single frame. */
const LEAST_DURATION = 500;

/** Totals and peaks over the life of a rendition. */
export class Measurement {
  #bits = 0;
  #seconds = 0;
  #frames = 0;
  #peak = 0;

  /** Takes a finished segment into account. */
  add(segment: Segment): void {
    const seconds = segment.duration / 1000;
    this.#bits += segment.bytes * 8;
    this.#seconds += seconds;
    this.#frames += segment.frames;
    if (segment.duration >= LEAST_DURATION) this.#peak = Math.max(this.#peak, (segment.bytes * 8) / seconds);
  }

  /** bit/s; 0 before the first segment. */
  get average_bitrate(): number {
    return this.#seconds > 0 ? Math.round(this.#bits / this.#seconds) : 0;
  }

  /** bit/s of the segment that had most; never less than the average. */
  get peak_bitrate(): number {
    return Math.max(Math.round(this.#peak), this.average_bitrate);
  }

  /** Frames a second; 0 before the first segment. */
  get frame_rate(): number {
    return this.#seconds > 0 ? this.#frames / this.#seconds : 0;
  }
}
