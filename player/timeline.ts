// The timeline: from where to where one can go, and to which place a wish leads. Pure; never moves the video.
import type { EnginePosition } from "./engines/engine.ts";
import type { TimelineWindow } from "./snapshot.ts";

/** Seconds kept from the oldest media, which may be gone by the time they are asked for. */
const MARGIN = 0.1;

/** The timeline when the video element is at `position`, s; `null`: the engine doesn't know it (yet). */
export function timelineOf(
  { live_edge, oldest, playing_date }: EnginePosition,
  position: number,
): TimelineWindow | null {
  if (live_edge === null || oldest === null) return null;
  const date_zero = playing_date === null ? null : playing_date - position * 1000;
  return { oldest: Math.min(oldest, position), edge: live_edge, position, date_zero };
}

/** The place nearest to `wish` that can be played, at least `behind` seconds before the edge where there is so much. */
export function placeOn({ oldest, edge }: TimelineWindow, wish: number, behind: number): number {
  const first = oldest + MARGIN;
  return Math.min(Math.max(wish, first), Math.max(edge - behind, first));
}
