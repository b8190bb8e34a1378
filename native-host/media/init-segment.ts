// What an init segment (ftyp and moov) says of its one track.

import { sentence } from "../../protocol/sentence.ts";
import { boxAt, malformed, reading } from "./mp4.ts";
import type { Rendition } from "./rendition.ts";
import { type CodecFacts, readSampleEntry } from "./sample-entry.ts";

/** What stands in an init segment. */
export interface TrackFacts extends CodecFacts {
  readonly data: Uint8Array;
  /** Ticks a second. */
  readonly timescale: number;
  /** px; 0 for audio. */
  readonly width: number;
  /** px; 0 for audio. */
  readonly height: number;
  /** Samples a second; 0 for video. */
  readonly sample_rate: number;
  /** 0 for video. */
  readonly channels: number;
  /** From trex: for samples that say nothing of their own. */
  readonly default_duration: number;
  readonly default_flags: number;
}

/** The init segment of a rendition in one run. */
export interface InitSegment extends TrackFacts {
  readonly rendition: Rendition;
  readonly run: number;
}

/**
 * Reads an init segment.
 * @throws FlyBrowserError `ffmpeg_failed` when a box that is needed is missing
 */
export function readTrack(data: Uint8Array): TrackFacts {
  return reading(() => {
    const mdhd = boxAt(data, "moov", "trak", "mdia", "mdhd");
    const timescale = mdhd.readUInt32BE(mdhd[0] === 1 ? 20 : 12);
    if (timescale === 0) throw malformed(sentence("mp4.no_timescale"));
    const entries = boxAt(data, "moov", "trak", "mdia", "minf", "stbl", "stsd").subarray(8);
    const entry = entries.subarray(8);
    const is_video = boxAt(data, "moov", "trak", "mdia", "hdlr").toString("latin1", 8, 12) === "vide";
    const trex = boxAt(data, "moov", "mvex", "trex");
    return {
      data,
      timescale,
      ...readSampleEntry(entries.toString("latin1", 4, 8), entry),
      width: is_video ? entry.readUInt16BE(24) : 0,
      height: is_video ? entry.readUInt16BE(26) : 0,
      sample_rate: is_video ? 0 : entry.readUInt16BE(24),
      channels: is_video ? 0 : entry.readUInt16BE(16),
      default_duration: trex.readUInt32BE(12),
      default_flags: trex.readUInt32BE(20),
    };
  });
}
