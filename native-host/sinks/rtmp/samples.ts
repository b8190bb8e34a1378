// Takes a fragment (one or more moof + mdat of one track) apart into its samples. Copies no media.
// Never knows RTMP.
import probe from "mux.js/lib/mp4/probe.js";
import parseTfdt from "mux.js/lib/tools/parse-tfdt.js";
import parseTfhd from "mux.js/lib/tools/parse-tfhd.js";
import parseTrun from "mux.js/lib/tools/parse-trun.js";
import { FlyBrowserError } from "../../../protocol/errors.ts";
import type { InitSegment } from "../../media/init-segment.ts";

/** A frame of video, or a packet of sound. */
export interface Sample {
  /** ms in the track's own time: when it is decoded, and when it is shown. */
  readonly dts: number;
  readonly pts: number;
  readonly keyframe: boolean;
  /** A view into the fragment. */
  readonly data: Uint8Array;
}

/** `sample_is_non_sync_sample` of the sample flags, ISO 14496-12. */
const NON_SYNC = 0x10000;

/**
 * The samples of a fragment, in its order.
 * @throws FlyBrowserError `ffmpeg_failed` when it can't be read.
 */
export function readSamples(init: InitSegment, fragment: Uint8Array): Sample[] {
  const samples: Sample[] = [];
  const view = Buffer.from(fragment.buffer, fragment.byteOffset, fragment.byteLength);
  try {
    for (let at = 0; at < view.length; ) {
      const size = view.readUInt32BE(at);
      if (size < 8 || at + size > view.length) throw broken("a box that is cut off");
      if (view.toString("latin1", at + 4, at + 8) === "moof") readMoof(init, view.subarray(at), size, samples);
      at += size;
    }
  } catch (thrown) {
    throw thrown instanceof RangeError ? broken("a box that is too short", thrown) : thrown;
  }
  return samples;
}

/** @param from begins with the moof: the offsets in it count from there (`default-base-is-moof`). */
function readMoof(init: InitSegment, from: Buffer, size: number, samples: Sample[]): void {
  const [traf] = probe.findBox(from.subarray(0, size), ["moof", "traf"]);
  const [tfhdBox] = traf ? probe.findBox(traf, ["tfhd"]) : [];
  const [tfdtBox] = traf ? probe.findBox(traf, ["tfdt"]) : [];
  if (!traf || !tfhdBox || !tfdtBox) throw broken("a moof without tfhd or tfdt");
  const tfhd = parseTfhd(tfhdBox);
  const toMs = (ticks: number) => (ticks * 1000) / init.timescale;
  // Time before 0 (AAC's priming) comes as a wrapped number.
  let ticks = Number(BigInt.asIntN(64, BigInt(parseTfdt(tfdtBox).baseMediaDecodeTime)));
  let at = size + 8;
  for (const trun of probe.findBox(traf, ["trun"])) {
    if ((trun[3] ?? 0) & 1) at = Buffer.from(trun.buffer, trun.byteOffset, trun.byteLength).readInt32BE(8);
    for (const { duration, size: bytes, flags, compositionTimeOffset = 0 } of parseTrun(trun).samples) {
      const length = bytes ?? tfhd.defaultSampleSize;
      if (length === undefined || at + length > from.length) throw broken("a sample without its bytes");
      const defaultFlags = tfhd.defaultSampleFlags ?? init.default_flags;
      const keyframe = flags ? flags.isNonSyncSample === 0 : (defaultFlags & NON_SYNC) === 0;
      const pts = toMs(ticks + compositionTimeOffset);
      samples.push({ dts: toMs(ticks), pts, keyframe, data: from.subarray(at, at + length) });
      at += length;
      ticks += duration ?? tfhd.defaultSampleDuration ?? init.default_duration;
    }
  }
}

function broken(reason: string, cause?: unknown): FlyBrowserError {
  return new FlyBrowserError("ffmpeg_failed", { reason: `a fragment with ${reason}` }, { cause });
}
