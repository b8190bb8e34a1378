// Looks through a media file of a recording: when it begins and ends, whether it has gaps, how much of it is whole.
import { type FileHandle, open } from "node:fs/promises";
import { sizeInBand } from "../../media/h264-size.ts";
import type { TrackFacts } from "../../media/init-segment.ts";
import { readFragment } from "../../media/unit.ts";
import { vp9Size } from "../../media/vp9-size.ts";
import { BOX_HEADER, FileReader, fragmentsOf } from "./file-fragments.ts";

/** A media file of a recording. Times in ms on the stream's clock. */
export interface ScannedTrack {
  readonly path: string;
  readonly init: TrackFacts;
  readonly start: number;
  readonly end: number;
  /** Frames of video, or of AAC. */
  readonly frames: number;
  /** ms that the last one lasts. */
  readonly last_frame: number;
  /** Between two fragments nothing is heard or seen, for a moment that can be noticed. */
  readonly has_gaps: boolean;
  /** H.264 or VP9 that goes on in another size than its init segment says, somewhere in the file. */
  readonly has_other_sizes: boolean;
  /** Bytes up to the end of the last whole fragment. */
  readonly whole_bytes: number;
  /** Bytes of the file. */
  readonly bytes: number;
}

/** Bytes of a keyframe that are looked at: its parameter sets stand before the picture. */
const PARAMETER_SETS = 2 * 1024;
/** ms between two fragments that are a gap. */
const GAP = 60;

/** Looks through a file; `null`: there is not one whole fragment in it. */
export async function scanTrack(path: string): Promise<ScannedTrack | null> {
  const file = await open(path, "r").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  if (!file) return null;
  try {
    return await scan(path, file);
  } finally {
    await file.close();
  }
}

async function scan(path: string, file: FileHandle): Promise<ScannedTrack | null> {
  const { size: bytes } = await file.stat();
  const reader = new FileReader(file);
  let found: TrackFacts | null = null;
  let start: number | null = null;
  let [end, has_gaps, has_other_sizes, whole_bytes] = [0, false, false, 0];
  let [frames, last_frame] = [0, 0];
  for await (const { init, moof, mdat } of fragmentsOf(reader, bytes)) {
    const fragment = readFragment(init, await reader.read(moof.at, moof.size));
    const { dts, duration, keyframe } = fragment;
    if (keyframe && !has_other_sizes && /^(avc|vp09)/.test(init.codec)) {
      const sample = await reader.read(mdat.at + BOX_HEADER, Math.min(mdat.size - BOX_HEADER, PARAMETER_SETS));
      const size = init.codec.startsWith("avc") ? sizeInBand(sample, init.config) : vp9Size(sample);
      has_other_sizes = size !== null && (size.width !== init.width || size.height !== init.height);
    }
    if (start !== null && dts - end > GAP) has_gaps = true;
    start ??= dts;
    end = dts + duration;
    frames += fragment.frames;
    last_frame = fragment.last_frame;
    whole_bytes = mdat.at + mdat.size;
    found = init;
  }
  if (!found || start === null) return null;
  return { path, init: found, start, end, frames, last_frame, has_gaps, has_other_sizes, whole_bytes, bytes };
}
