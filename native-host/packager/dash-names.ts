// The file names of the DASH side, relative to the MPD: made and read here only. Init segments are those of HLS.
// Never knows what is behind a name.
import type { TrackKind } from "../media/track-kind.ts";

/** The MPD. */
export const MANIFEST = "manifest.mpd";
/** Where the host tells its time, for UTCTiming. */
export const CLOCK = "time";

/** A segment by its time: what the place $Time$ of {@link segmentTemplate} stands for. */
export interface TimedSegment {
  /** Of the plain MPD: a joined segment (see dash-plain.ts). */
  readonly plain: boolean;
  readonly kind: TrackKind;
  readonly run: number;
  /** Ticks of the track of that run. */
  readonly time: number;
}

/** The template of the segments of a run. The run is in it, since each run has a timescale of its own. */
export const segmentTemplate = (kind: TrackKind, run: number, plain: boolean) =>
  `${kind}-${run}-${plain ? "p" : "t"}$Time$.m4s`;

const NAME = /^(?<kind>video|audio)-(?<run>\d{1,9})-(?<form>[tp])(?<time>\d{1,15})\.m4s$/;

/** Reads a name; `null`: it is none of ours. */
export function parseTimedSegment(name: string): TimedSegment | null {
  const groups = NAME.exec(name)?.groups;
  if (!groups) return null;
  const { kind, run, form, time } = groups;
  return { plain: form === "p", kind: kind as TrackKind, run: Number(run), time: Number(time) };
}
