// The SegmentTimeline of a rendition in one run: when each segment is, in ticks, the one being made and the next ones with the
// lengths that they are expected to get.
import type { Segment } from "./segment.ts";
import type { SegmentStore } from "./segment-store.ts";
import { element } from "./xml.ts";

/** Segments of the past by which the length of the one being made is foreseen. */
const REMEMBERED = 10;
/**
 * What is foreseen is a little more than what was seen: a player looks for the next segment just past the end of the
 * last one, and must not find that one again because it became longer than it was said to be.
 */
const MARGIN = 1.05;
/**
 * Segments that are listed before they begin, so that nobody needs another MPD to ask for the next one: dash.js loads it once a second
 * at most (5.2, `getManifestUpdatePeriod`), and would find each segment up to a second late.
 */
export const FORESEEN = 2;
/** What a timeline says of a segment; ms on the stream's clock. */
export type Timed = Pick<Segment, "start" | "duration" | "complete">;

/** ms on the stream's clock, in ticks. */
export const ticks = (ms: number, timescale: number) => Math.round((ms * timescale) / 1000);

/** The segments of a run that players may ask for: whole ones, and the one being made once its first part is there. */
export function dashSegments(store: SegmentStore, run: number): readonly Segment[] {
  return store.listed.filter((segment) => segment.run === run && segment.parts.length > 0);
}

/**
 * The segment that begins at `time` (ticks), or nearest to it: the length of the one before may have been foreseen a
 * little wrong. `"later"`: it hasn't begun. `null`: there is none, or none any more. `source`: whose segments the MPD lists for this
 * rendition; a rung is behind those, and has none yet where it has just begun.
 */
export function findSegment(
  store: SegmentStore,
  run: number,
  time: number,
  segmentDuration: number,
  source = store,
): Segment | "later" | null {
  const timescale = store.initOf(run)?.timescale;
  if (timescale === undefined) return null;
  const wanted = (time * 1000) / timescale;
  const segments = store.segments.filter((each) => each.run === run && (each.bytes > 0 || each.deferred));
  const distance = (segment: Segment) => Math.abs(segment.start - wanted);
  const nearest = segments.toSorted((a, b) => distance(a) - distance(b))[0];
  if (nearest && distance(nearest) < segmentDuration / 2) return nearest;
  const foreseen = withForeseen(dashSegments(source, run), segmentDuration).at(-1);
  // An MPD of a moment ago may have foreseen more than this one does.
  if (!foreseen || wanted >= foreseen.start + segmentDuration) return null;
  return wanted > (segments.at(-1)?.start ?? Number.NEGATIVE_INFINITY) ? "later" : null;
}

/** ms; how long the segment is, or is expected to get. */
function lengthOf(segment: Timed, before: readonly Timed[], segmentDuration: number): number {
  if (segment.complete) return segment.duration;
  const seen = before.slice(-REMEMBERED).map(({ duration }) => duration);
  return Math.max(segmentDuration, segment.duration, ...seen) * MARGIN;
}

/** The same with those that come next, one beginning where the other ends. */
function withForeseen(segments: readonly Timed[], segmentDuration: number): readonly Timed[] {
  const all = [...segments];
  for (let count = 0; count < FORESEEN; count++) {
    const last = all.at(-1);
    if (!last) break;
    const start = last.start + lengthOf(last, segments, segmentDuration);
    all.push({ start, duration: 0, complete: false });
  }
  return all;
}

/**
 * The element for these segments. `segmentDuration`: ms as planned; `goes_on`: more will come. Equal lengths in a row share one S.
 */
export function renderTimeline(
  listed: readonly Timed[],
  timescale: number,
  segmentDuration: number,
  goes_on: boolean,
): string[] {
  const segments = goes_on ? withForeseen(listed, segmentDuration) : listed;
  const runs: { t: number; d: number; r: number }[] = [];
  segments.forEach((segment, index) => {
    const t = ticks(segment.start, timescale);
    const next = segments[index + 1];
    const own = ticks(lengthOf(segment, segments.slice(0, index), segmentDuration), timescale);
    // Timestamps are rounded: the next one's beginning is the better end where the two meet.
    const step = next ? ticks(next.start, timescale) - t : own;
    const d = Math.abs(step - own) <= timescale / 20 ? step : Math.min(own, Math.max(step, 1));
    const last = runs.at(-1);
    if (last && last.d === d && last.t + last.d * (last.r + 1) === t) last.r++;
    else runs.push({ t, d, r: 0 });
  });
  return element(
    "SegmentTimeline",
    {},
    runs.map(({ t, d, r }) => element("S", { t, d, r: r > 0 ? r : null })),
  );
}
