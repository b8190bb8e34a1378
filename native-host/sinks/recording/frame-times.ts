// Mends how long the frames of a recorded file last, in place: the last one, whose end nobody has told FFmpeg (it writes one
// tick), and those that came at the same time as another. Editors take their frame rate from these times.
import { open } from "node:fs/promises";
import { raiseDurations } from "../../media/sample-durations.ts";
import { FileReader, fragmentsOf } from "./file-fragments.ts";
import { type ScannedTrack, scanTrack } from "./track-scan.ts";

/** ms. No screen shows frames that are shorter. */
const LEAST_FRAME = 4;
/** ms that the last frame may last: the sound may go on for longer over a page that stands still. */
const LONGEST_LAST_FRAME = 1_000;

/**
 * ms that the last frame of a track is to last: until the sound ends (it was on the screen), at least as long as the frames did on
 * average; `null`: as it is.
 */
export function lastFrameOf(
  { start, end, frames, last_frame }: Pick<ScannedTrack, "start" | "end" | "frames" | "last_frame">,
  sound_end: number | null,
): number | null {
  if (frames < 2) return null;
  const average = (end - last_frame - start) / (frames - 1);
  if (last_frame >= average / 2) return null;
  const until_sound_ends = (sound_end ?? 0) - (end - last_frame);
  return Math.max(last_frame, Math.min(LONGEST_LAST_FRAME, Math.max(average, until_sound_ends)));
}

/** Mends a file of video; gives what it is then. `sound_end`: ms on the stream's clock; `null`: there is no sound after the last frame. */
export async function mendFrameTimes(
  track: ScannedTrack,
  { is_last, sound_end }: { is_last: boolean; sound_end: number | null },
): Promise<ScannedTrack> {
  const last = is_last ? lastFrameOf(track, sound_end) : null;
  const file = await open(track.path, "r+");
  try {
    const reader = new FileReader(file);
    for await (const { init, moof, mdat } of fragmentsOf(reader, track.whole_bytes)) {
      const bytes = Buffer.from(await reader.read(moof.at, moof.size));
      const ticks = (ms: number): number => Math.round((ms * init.timescale) / 1000);
      const ends = mdat.at + mdat.size === track.whole_bytes;
      const changed = raiseDurations(bytes, ticks(LEAST_FRAME), ends && last !== null ? ticks(last) : undefined);
      if (changed) await file.write(bytes, 0, bytes.length, moof.at);
    }
  } finally {
    await file.close();
  }
  return (await scanTrack(track.path)) ?? track;
}
