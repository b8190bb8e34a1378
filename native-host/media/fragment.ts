// One fragment (moof + mdat): when it is, how long, how many frames, whether it starts with a keyframe.
// Never decides to which part it belongs.
import probe from "mux.js/lib/mp4/probe.js";
import parseTfdt from "mux.js/lib/tools/parse-tfdt.js";
import parseTfhd from "mux.js/lib/tools/parse-tfhd.js";
import parseTrun from "mux.js/lib/tools/parse-trun.js";
import { malformed } from "./box-splitter.ts";
import type { InitSegment } from "./init-segment.ts";

/** A fragment of one track. */
export interface Fragment {
  /** ms on the stream's clock. */
  readonly start: number;
  /** ms */
  readonly duration: number;
  readonly frames: number;
  /** A decoder can start here. */
  readonly keyframe: boolean;
  readonly pieces: readonly Uint8Array[];
  readonly bytes: number;
}

/** `sample_is_non_sync_sample` of the sample flags, ISO 14496-12. */
const NON_SYNC = 0x10000;

/** What the moof says. */
export type FragmentHeader = Omit<Fragment, "pieces" | "bytes">;

/**
 * Reads a moof box (header included).
 * @throws FlyBrowserError `ffmpeg_failed` when it isn't the moof of one track with its time.
 */
export function readFragmentHeader(moof: Uint8Array, init: InitSegment): FragmentHeader {
  try {
    const trafs = probe.findBox(moof, ["moof", "traf"]);
    const [traf] = trafs;
    if (!traf || trafs.length > 1) throw malformed(`a moof of ${trafs.length} tracks`);
    const [tfhd] = probe.findBox(traf, ["tfhd"]);
    const [tfdt] = probe.findBox(traf, ["tfdt"]);
    if (!tfhd || !tfdt) throw malformed("a moof without tfhd or tfdt");
    return summarize(traf, parseTfhd(tfhd), decodeTime(tfdt), init);
  } catch (thrown) {
    throw thrown instanceof RangeError ? malformed("a box is too short", thrown) : thrown;
  }
}

/** Ticks. A time before 0 (AAC's priming at the very start) stands in an unsigned field, wrapped. */
function decodeTime(tfdt: Uint8Array): number {
  return Number(BigInt.asIntN(64, BigInt(parseTfdt(tfdt).baseMediaDecodeTime)));
}

function summarize(
  traf: Uint8Array,
  defaults: ReturnType<typeof parseTfhd>,
  time: number,
  init: InitSegment,
): FragmentHeader {
  const defaultDuration = defaults.defaultSampleDuration ?? init.default_duration;
  const defaultFlags = defaults.defaultSampleFlags ?? init.default_flags;
  let ticks = 0;
  let frames = 0;
  let keyframe = false;
  for (const trun of probe.findBox(traf, ["trun"])) {
    for (const sample of parseTrun(trun).samples) {
      if (frames++ === 0)
        keyframe = sample.flags ? sample.flags.isNonSyncSample === 0 : (defaultFlags & NON_SYNC) === 0;
      ticks += sample.duration ?? defaultDuration;
    }
  }
  return { start: (time * 1000) / init.timescale, duration: (ticks * 1000) / init.timescale, frames, keyframe };
}
