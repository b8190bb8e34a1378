// The timeline: how far back one can seek, and where a seek ends up.
import type { EnginePosition } from "./engines/engine.ts";

/** What the timeline shows, in seconds of the video element's own time. */
export interface TimelineWindow {
  readonly oldest: number;
  readonly edge: number;
  readonly position: number;
  /** ms since 1970, by the host's clock, of time 0; `null`: the media don't say. */
  readonly date_zero: number | null;
}

/** s to stay clear of the oldest media, which may be gone by the time they are requested. */
const MARGIN = 0.1;

/** The timeline with the video element at `position`, s; `null`: the engine doesn't know it (yet). */
export function timelineOf(
  { live_edge, oldest, playing_date }: EnginePosition,
  position: number,
): TimelineWindow | null {
  if (live_edge === null || oldest === null) return null;
  const date_zero = playing_date === null ? null : playing_date - position * 1000;
  return { oldest: Math.min(oldest, position), edge: live_edge, position, date_zero };
}

/** The position nearest to `wanted` that can be played, at least `behind` s before the edge if the timeline is that long. */
export function seekTarget({ oldest, edge }: TimelineWindow, wanted: number, behind: number): number {
  const first = oldest + MARGIN;
  return Math.min(Math.max(wanted, first), Math.max(edge - behind, first));
}
