// A media playlist (RFC 8216bis 4.4.2 to 4.4.5) as text: low-latency, and playable by who ignores that.
import { daterangeTag } from "./hls-dateranges.ts";
import { initName, partName, playlistName, segmentName } from "./hls-names.ts";
import { marksWithin } from "./mark.ts";
import type { Packager } from "./packager.ts";
import type { Segment } from "./segment.ts";
import type { Position, SegmentStore } from "./segment-store.ts";

/** Parts are listed for segments that end within so many target durations of the end (RFC: three). */
const PARTS_WITHIN = 3;
/** PART-HOLD-BACK in part targets: what RFC 8216bis 4.4.3.8 recommends, and the least that it allows, for media that come as captured. */
const HOLD_BACK = { usual: 3, eager: 2 } as const;
/** CAN-SKIP-UNTIL in target durations; the RFC's least. */
const SKIP_UNTIL = 6;

/**
 * Rounded down, and so that no float makes it shorter than it is: a player that counts durations must not expect media
 * beyond those that it has. hls.js 1.7.4 would wait for them, up to the end of the playlist's parts.
 */
const seconds = (ms: number) => (Math.floor(ms * 100 + 1e-6) / 100_000).toFixed(5);

/** Text of the media playlist of a rendition. `skip`: as a delta update, where that leaves anything out. */
export function renderMediaPlaylist(packager: Packager, store: SegmentStore, skip = false): string {
  const listed = listedOf(packager, store);
  const fromEnd = distances(listed);
  const boundary = packager.target_duration * SKIP_UNTIL * 1000;
  const skipped = skip && !packager.ended ? fromEnd.filter((distance) => distance > boundary).length : 0;
  const lines = header(packager, listed[0]);
  if (store.rendition.type === packager.main?.rendition.type) lines.push(...dateranges(packager, listed));
  if (skipped > 0) lines.push(`#EXT-X-SKIP:SKIPPED-SEGMENTS=${skipped}`);
  let run: number | null = null;
  for (let index = skipped; index < listed.length; index++) {
    const segment = listed[index] as Segment;
    if (!segment.complete && segment.parts.length === 0) break;
    if (segment.discontinuity) lines.push("#EXT-X-DISCONTINUITY");
    if ((segment.run !== run || segment.discontinuity) && store.initOf(segment.run))
      lines.push(`#EXT-X-MAP:URI="${initName(store.id, segment.run)}"`);
    run = segment.run;
    const withParts = !packager.ended && (fromEnd[index] ?? 0) <= packager.target_duration * PARTS_WITHIN * 1000;
    lines.push(segmentText(packager, store, segment, withParts));
  }
  lines.push(...footer(packager, store), "");
  return lines.join("\n");
}

/** What stands in the playlist. Of an ended stream a last segment without media (another rendition was longer) says nothing. */
function listedOf(packager: Packager, { listed }: SegmentStore): readonly Segment[] {
  return packager.ended ? listed.slice(0, listed.findLastIndex((segment) => !segment.gap) + 1) : listed;
}

/**
 * Tags of the marks that touch what is listed, or come after it. Delta updates hold them all,
 * since none is ever skipped (that would be CAN-SKIP-DATERANGES).
 */
function dateranges(packager: Packager, listed: readonly Segment[]): string[] {
  const [first] = listed;
  if (!first) return [];
  // The newest marks are a little ahead of the media that show them: players get them in time.
  const marks = marksWithin(packager.marks, first.start, Number.POSITIVE_INFINITY);
  return marks.map((mark) => daterangeTag(mark, packager.wall(mark.start)));
}

/** For each segment the ms from its beginning to the end of the playlist. */
function distances(listed: readonly Segment[]): number[] {
  let distance = 0;
  return listed.map((_, index) => (distance += listed[listed.length - 1 - index]?.duration ?? 0)).reverse();
}

function header(packager: Packager, first: Segment | undefined): string[] {
  const part = packager.part_target / 1000;
  const control = [
    "CAN-BLOCK-RELOAD=YES",
    `PART-HOLD-BACK=${(part * HOLD_BACK[packager.eager ? "eager" : "usual"]).toFixed(3)}`,
    `HOLD-BACK=${packager.target_duration * 3}`,
    `CAN-SKIP-UNTIL=${packager.target_duration * SKIP_UNTIL}`,
  ];
  // The number is that of the first segment before its own tag is counted.
  const discontinuities = first ? first.discontinuity_sequence - (first.discontinuity ? 1 : 0) : 0;
  return [
    "#EXTM3U",
    "#EXT-X-VERSION:9",
    `#EXT-X-TARGETDURATION:${packager.target_duration}`,
    `#EXT-X-SERVER-CONTROL:${control.join(",")}`,
    `#EXT-X-PART-INF:PART-TARGET=${part.toFixed(3)}`,
    `#EXT-X-MEDIA-SEQUENCE:${first?.msn ?? 0}`,
    `#EXT-X-DISCONTINUITY-SEQUENCE:${discontinuities}`,
    "#EXT-X-INDEPENDENT-SEGMENTS",
  ];
}

/** What stands of a segment in playlists, while it is the same: of a whole one it is asked for with each part that comes after it. */
const texts = new WeakMap<Segment, { readonly withParts: boolean; readonly leads: boolean; readonly text: string }>();

function segmentText(packager: Packager, store: SegmentStore, segment: Segment, withParts: boolean): string {
  const leads = store.rendition.type === packager.main?.rendition.type;
  const known = texts.get(segment);
  if (known?.withParts === withParts && known.leads === leads) return known.text;
  const text = segmentLines(packager, store, segment, withParts, leads).join("\n");
  if (segment.complete && !segment.deferred) texts.set(segment, { withParts, leads, text });
  return text;
}

function segmentLines(
  packager: Packager,
  { id }: SegmentStore,
  segment: Segment,
  withParts: boolean,
  leads: boolean,
): string[] {
  const wall = packager.started_at + segment.start + segment.wall_ahead;
  // A player that places the sound beside the picture by these dates, of whole ms, expects it rather too early than too late.
  const date = new Date(leads ? Math.ceil(wall) : Math.floor(wall));
  const lines = [`#EXT-X-PROGRAM-DATE-TIME:${date.toISOString()}`];
  if (withParts) {
    segment.parts.forEach((part, index) => {
      const independent = part.independent ? ",INDEPENDENT=YES" : "";
      lines.push(
        `#EXT-X-PART:DURATION=${seconds(part.duration)},URI="${partName(id, segment.msn, index)}"${independent}`,
      );
    });
  }
  if (!segment.complete) return lines;
  if (segment.gap) lines.push("#EXT-X-GAP");
  lines.push(`#EXTINF:${seconds(segment.duration)},`, segmentName(id, segment.msn));
  return lines;
}

function footer(packager: Packager, store: SegmentStore): string[] {
  if (packager.ended) return ["#EXT-X-ENDLIST"];
  const lines: string[] = [];
  const next = packager.nextPart(store);
  if (next) lines.push(`#EXT-X-PRELOAD-HINT:TYPE=PART,URI="${partName(store.id, next.msn, next.part)}"`);
  for (const other of packager.renditions) {
    if (other !== store && other.position) lines.push(renditionReport(other, other.position));
  }
  return lines;
}

function renditionReport(other: SegmentStore, at: Position): string {
  // A segment of which no part is there yet: the last one before it.
  const place =
    at.part >= 0 || at.msn === 0 ? at : { msn: at.msn - 1, part: (other.segment(at.msn - 1)?.parts.length ?? 0) - 1 };
  const part = place.part >= 0 ? `,LAST-PART=${place.part}` : "";
  return `#EXT-X-RENDITION-REPORT:URI="${playlistName(other.id)}",LAST-MSN=${place.msn}${part}`;
}
