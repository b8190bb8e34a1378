// What an init segment (ftyp + moov) says of its one track. Never looks at media.
import probe from "mux.js/lib/mp4/probe.js";
import { malformed } from "./box-splitter.ts";
import { codecString } from "./codec-string.ts";

/** The init segment of one track of one run. */
export interface InitSegment {
  readonly run: number;
  readonly data: Uint8Array;
  /** Ticks a second. */
  readonly timescale: number;
  /** For CODECS, e.g. `avc1.42c01f`. */
  readonly codec: string;
  /** px; 0 for sound. */
  readonly width: number;
  /** px; 0 for sound. */
  readonly height: number;
  /** Samples a second; 0 for a picture. */
  readonly sample_rate: number;
  /** 0 for a picture. */
  readonly channels: number;
  /** From trex: for samples that say nothing of their own. */
  readonly default_duration: number;
  readonly default_flags: number;
}

/**
 * Reads an init segment.
 * @throws FlyBrowserError `ffmpeg_failed` when a needed box is missing.
 */
export function readInitSegment(run: number, data: Uint8Array): InitSegment {
  const find = (...path: string[]): Buffer => {
    const [found] = probe.findBox(data, path);
    if (!found) throw malformed(`there is no ${path.at(-1)} box`);
    return Buffer.from(found.buffer, found.byteOffset, found.byteLength);
  };
  try {
    const tkhd = find("moov", "trak", "tkhd");
    const id = tkhd.readUInt32BE(tkhd[0] === 1 ? 20 : 12);
    const timescale = probe.timescale(data)?.[id];
    if (!timescale) throw malformed("the track has no timescale");
    const entries = find("moov", "trak", "mdia", "minf", "stbl", "stsd").subarray(8);
    const name = entries.toString("latin1", 4, 8);
    const entry = entries.subarray(8);
    const visual = find("moov", "trak", "mdia", "hdlr").toString("latin1", 8, 12) === "vide";
    const trex = find("moov", "mvex", "trex");
    return {
      run,
      data,
      timescale,
      codec: codecString(name, entry),
      width: visual ? entry.readUInt16BE(24) : 0,
      height: visual ? entry.readUInt16BE(26) : 0,
      sample_rate: visual ? 0 : entry.readUInt16BE(24),
      channels: visual ? 0 : entry.readUInt16BE(16),
      default_duration: trex.readUInt32BE(12),
      default_flags: trex.readUInt32BE(20),
    };
  } catch (thrown) {
    throw thrown instanceof RangeError ? malformed("a box is too short", thrown) : thrown;
  }
}
