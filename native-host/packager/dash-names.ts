// The file names of the DASH side, relative to the MPD: made and read here only. Init segments are those of HLS.
import { RENDITION_ID } from "../media/rendition.ts";

/** The MPD. */
export const MANIFEST = "manifest.mpd";
/** Where the host tells the time of the stream's clock, for UTCTiming; the response's own Date is that of the machine. */
export const CLOCK = "time";

/** A segment by its time: what the place $Time$ of {@link segmentTemplate} stands for. */
export interface TimedSegment {
  readonly rendition_id: string;
  readonly run: number;
  /** Ticks of the rendition in that run. */
  readonly time: number;
}

/** The template of the segments of a run. The run is in it, since each run has a timescale of its own. */
export const segmentTemplate = (id: string, run: number) => `${id}-${run}-t$Time$.m4s`;

const NAME = new RegExp(`^(?<id>${RENDITION_ID})-(?<run>\\d{1,9})-t(?<time>\\d{1,15})\\.m4s$`);

/** Reads a name; `null`: it is none of ours. */
export function parseTimedSegment(name: string): TimedSegment | null {
  const groups = NAME.exec(name)?.groups;
  if (!groups?.id) return null;
  return { rendition_id: groups.id, run: Number(groups.run), time: Number(groups.time) };
}
