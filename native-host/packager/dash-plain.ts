// The segments of a rendition for DASH clients that can't follow the live edge: whole ones only, joined in twos.
//
// FFmpeg's DASH demuxer (ffmpeg, ffplay, mpv) keeps its place in a live SegmentTimeline in whole seconds
// (refresh_manifest in libavformat/dashdec.c divides two integers): of segments shorter than a second it reads some
// twice, and what it foresees of the one being made makes it skip the next. Segments of two seconds it plays right.
// VLC takes what is foreseen of a segment for its length and goes on from there: half of the audio is never asked for.
import { ticks } from "./dash-timeline.ts";
import type { Packager } from "./packager.ts";
import type { Segment } from "./segment.ts";
import type { SegmentStore } from "./segment-store.ts";

/** Segments that are joined; all renditions have the same numbers, and so the same joints. */
const JOINED = 2;

/** Some segments in a row as one. */
export interface JoinedSegment {
  /** ms on the stream's clock. */
  readonly start: number;
  /** ms */
  readonly duration: number;
  /** Nothing more will be joined to it. */
  readonly complete: boolean;
  readonly segments: readonly Segment[];
}

/** The segments of a run, joined; those that aren't complete too. `segments`: those to take, in their order. */
export function joinedSegments(packager: Packager, segments: readonly Segment[], run: number): JoinedSegment[] {
  const groups = new Map<number, Segment[]>();
  for (const segment of segments) {
    if (segment.run !== run || (segment.parts.length === 0 && !segment.deferred)) continue;
    const group = Math.floor(segment.msn / JOINED);
    groups.set(group, [...(groups.get(group) ?? []), segment]);
  }
  const goesOn = packager.open_run?.run === run;
  const newest = segments.at(-1)?.msn ?? 0;
  return [...groups].map(([group, members]) => {
    const first = members[0] as Segment;
    const last = members.at(-1) as Segment;
    const whole = members.every((segment) => segment.complete);
    const noMore = !goesOn || last.msn % JOINED === JOINED - 1 || newest >= (group + 1) * JOINED;
    return {
      start: first.start,
      duration: last.end - first.start,
      complete: whole && noMore,
      segments: members,
    };
  });
}

/** The joined segment that begins exactly at `time` (ticks) and is complete; `null`: there is none. */
export function findJoined(packager: Packager, store: SegmentStore, run: number, time: number): JoinedSegment | null {
  const timescale = store.initOf(run)?.timescale;
  if (timescale === undefined) return null;
  const joined = joinedSegments(packager, store.segments, run);
  return joined.find(({ start, complete }) => complete && ticks(start, timescale) === time) ?? null;
}
