// The media unit: one fragment (moof and mdat) of one rendition. Parsed once, when it comes out of FFmpeg; every sink gets the
// same object.
import inspector from "mux.js/lib/tools/mp4-inspector.js";
import { sentence } from "../../protocol/sentence.ts";
import type { InitSegment } from "./init-segment.ts";
import { malformed, reading } from "./mp4.ts";
import type { MediaType, Rendition } from "./rendition.ts";
import { limitDurations, setTimes } from "./sample-durations.ts";

/** A frame of video, or of AAC. */
export interface Sample {
  /** ms on the stream's clock. */
  readonly dts: number;
  /** ms on the stream's clock. */
  readonly pts: number;
  /** A decoder can start here. */
  readonly keyframe: boolean;
  /** A view of the unit's bytes. */
  readonly data: Uint8Array;
}

/** A sample as its place in the fragment says it; times in ticks. */
interface Entry {
  readonly dts: number;
  readonly composition: number;
  /** Bytes from the beginning of the fragment. */
  readonly at: number;
  readonly size: number;
  readonly keyframe: boolean;
}

/** `sample_is_non_sync_sample` of the sample flags, ISO 14496-12, 8.8.3.1. */
const NON_SYNC = 0x10000;
/** Samples of a fragment that are believed; a fragment has a second of video at most. */
const MAX_SAMPLES = 4_096;
/** ms on the stream's clock that are believed, two hundred years: dates far beyond can't be written into a playlist. */
const LATEST = 200 * 366 * 86_400_000;
/** Bytes of a box's header. */
const HEADER = 8;

/** One fragment. */
export class MediaUnit {
  readonly init: InitSegment;
  /** ms on the stream's clock. */
  readonly dts: number;
  /** ms */
  readonly duration: number;
  /** It begins with a sample that a decoder can start with; audio always does. */
  readonly keyframe: boolean;
  /** moof and mdat. Don't write to it. */
  readonly bytes: Uint8Array;
  readonly #entries: readonly Entry[];
  readonly #moofBytes: number;

  private constructor(
    init: InitSegment,
    { entries, ticks }: { entries: readonly Entry[]; ticks: number },
    bytes: Uint8Array,
    moof_bytes: number,
  ) {
    const ms = 1000 / init.timescale;
    this.init = init;
    this.dts = (entries[0]?.dts ?? 0) * ms;
    this.duration = ticks * ms;
    this.keyframe = entries[0]?.keyframe ?? false;
    this.bytes = bytes;
    this.#entries = entries;
    this.#moofBytes = moof_bytes;
  }

  /**
   * Reads a fragment; `moof_bytes`: where its mdat begins. `null`: it has no sample.
   * @throws FlyBrowserError `ffmpeg_failed` when it isn't a fragment of one track with its time
   */
  static read(init: InitSegment, bytes: Uint8Array, moof_bytes: number): MediaUnit | null {
    const facts = reading(() => readMoof(init, bytes.subarray(0, moof_bytes), moof_bytes + HEADER));
    if (facts.entries.length === 0) return null;
    const unit = new MediaUnit(init, facts, bytes, moof_bytes);
    if (Math.abs(unit.dts) > LATEST || unit.duration > LATEST) throw malformed(sentence("mp4.impossible_time"));
    return unit;
  }

  /** The same with no sample longer than `longest` ms, what comes after a gap left where it is. A copy. */
  shortened(longest: number): MediaUnit {
    return this.#changed((moof) => limitDurations(moof, Math.round((longest * this.init.timescale) / 1000)));
  }

  /** The same from `dts` for `duration`, ms, each sample for its equal share, to the tick. A copy. */
  retimed(dts: number, duration: number): MediaUnit {
    const ticks = (ms: number) => Math.round((ms * this.init.timescale) / 1000);
    const each = Math.max(1, Math.floor((ticks(dts + duration) - ticks(dts)) / this.frames));
    return this.#changed((moof) => setTimes(moof, ticks(dts), each));
  }

  #changed(change: (moof: Uint8Array) => void): MediaUnit {
    const bytes = Uint8Array.from(this.bytes);
    const moof = bytes.subarray(0, this.#moofBytes);
    change(moof);
    return new MediaUnit(this.init, readMoof(this.init, moof, this.#moofBytes + HEADER), bytes, this.#moofBytes);
  }

  get rendition(): Rendition {
    return this.init.rendition;
  }

  get kind(): MediaType {
    return this.init.rendition.type;
  }

  get run(): number {
    return this.init.run;
  }

  /** ms on the stream's clock. */
  get end(): number {
    return this.dts + this.duration;
  }

  /** Samples in it: frames of video, AAC frames of audio. */
  get frames(): number {
    return this.#entries.length;
  }

  /**
   * Its samples, in decoding order; made anew at each call, for whoever needs more than the whole.
   * @throws FlyBrowserError `ffmpeg_failed` when one lies outside of the fragment
   */
  samples(): Sample[] {
    const ms = 1000 / this.init.timescale;
    return this.#entries.map(({ dts, composition, at, size, keyframe }) => {
      if (at < 0 || at + size > this.bytes.length) throw malformed(sentence("mp4.sample_outside"));
      return { dts: dts * ms, pts: (dts + composition) * ms, keyframe, data: this.bytes.subarray(at, at + size) };
    });
  }
}

/** What a fragment says of itself; for those who read a file and not a stream. Times in ms on the stream's clock. */
export interface FragmentFacts {
  readonly dts: number;
  readonly duration: number;
  /** It begins with a sample that a decoder can start with. */
  readonly keyframe: boolean;
  /** Samples in it. */
  readonly frames: number;
  /** How long its last sample lasts. */
  readonly last_frame: number;
}

/**
 * Reads a moof (header included) without its mdat.
 * @throws FlyBrowserError `ffmpeg_failed` when it isn't the moof of one track with its time
 */
export function readFragment(
  track: Pick<InitSegment, "timescale" | "default_duration" | "default_flags">,
  moof: Uint8Array,
): FragmentFacts {
  const { entries, ticks } = reading(() => readMoof(track, moof, moof.length + HEADER));
  const ms = 1000 / track.timescale;
  const [first, last] = [entries[0], entries.at(-1)];
  const dts = (first?.dts ?? 0) * ms;
  const duration = ticks * ms;
  const last_frame = last ? dts + duration - last.dts * ms : 0;
  return { dts, duration, keyframe: first?.keyframe ?? false, frames: entries.length, last_frame };
}

/** `media_at`: where the first sample is, where the trun doesn't say it (`default-base-is-moof`). */
function readMoof(
  track: Pick<InitSegment, "default_duration" | "default_flags">,
  moof: Uint8Array,
  media_at: number,
): { entries: Entry[]; ticks: number } {
  const trafs = inspector.findBox(moof, ["moof", "traf"]);
  const [traf] = trafs;
  if (!traf || trafs.length > 1) throw malformed(sentence("mp4.many_tracks", { count: trafs.length }));
  const [tfhdBox] = inspector.findBox(traf, ["tfhd"]);
  const [tfdtBox] = inspector.findBox(traf, ["tfdt"]);
  if (!tfhdBox || !tfdtBox) throw malformed(sentence("mp4.no_tfhd"));
  const tfhd = inspector.parseTfhd(tfhdBox);
  const duration = tfhd.defaultSampleDuration ?? track.default_duration;
  const defaultKeyframe = ((tfhd.defaultSampleFlags ?? track.default_flags) & NON_SYNC) === 0;
  // A time before 0 (AAC's priming at the very start) stands in an unsigned field, wrapped.
  const start = Number(BigInt.asIntN(64, BigInt(inspector.parseTfdt(tfdtBox).baseMediaDecodeTime)));
  const entries: Entry[] = [];
  let [ticks, at] = [0, media_at];
  for (const box of inspector.findBox(traf, ["trun"])) {
    const count = new DataView(box.buffer, box.byteOffset, box.byteLength).getUint32(4);
    if (entries.length + count > MAX_SAMPLES) throw malformed(sentence("mp4.many_samples", { count }));
    const trun = inspector.parseTrun(box);
    if (trun.dataOffset !== undefined) at = trun.dataOffset;
    for (const sample of trun.samples) {
      const size = sample.size ?? tfhd.defaultSampleSize ?? 0;
      const keyframe = sample.flags ? sample.flags.isNonSyncSample === 0 : defaultKeyframe;
      entries.push({ dts: start + ticks, composition: sample.compositionTimeOffset ?? 0, at, size, keyframe });
      ticks += sample.duration ?? duration;
      at += size;
    }
  }
  return { entries, ticks };
}
