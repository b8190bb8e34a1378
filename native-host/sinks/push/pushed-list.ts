// What lies in a store, segment by segment, and the playlists that say so: plain HLS (RFC 8216), whole segments only.
import { initName, segmentName } from "../../packager/hls-names.ts";
import type { Segment } from "../../packager/segment.ts";

/** A segment of one rendition in the store. */
export interface PushedSegment {
  readonly name: string;
  /** Of its run. */
  readonly init: string;
  /** s */
  readonly duration: number;
  readonly gap: boolean;
}

/** The segments of all renditions for one stretch of time. */
export interface PushedGroup {
  readonly msn: number;
  /** EXT-X-MEDIA-SEQUENCE; without gaps, also where segments were left out. */
  readonly number: number;
  /** What was before it belongs to another run, or is missing. */
  readonly discontinuity: boolean;
  /** Discontinuities before its own tag. */
  readonly discontinuities: number;
  /** ISO 8601. */
  readonly date: string;
  /** By rendition id. */
  readonly segments: ReadonlyMap<string, PushedSegment>;
}

/** Kinds of playlists. */
export type PlaylistKind = "live" | "ended" | "on_demand";

/** The segment of a rendition as it is stored. */
export function pushedSegment(id: string, { msn, run, duration, gap }: Segment): PushedSegment {
  return { name: segmentName(id, msn), init: initName(id, run), duration: duration / 1000, gap };
}

/** Text of the playlist of a rendition. `target`: EXT-X-TARGETDURATION, s */
export function renderPushed(id: string, groups: readonly PushedGroup[], target: number, kind: PlaylistKind): string {
  const all = groups.filter(({ segments }) => segments.has(id));
  // Of an ended stream a last segment without media (another rendition was longer) says nothing.
  const having = kind === "live" ? all : all.slice(0, all.findLastIndex((each) => !each.segments.get(id)?.gap) + 1);
  const [first] = having;
  const lines = [
    "#EXTM3U",
    "#EXT-X-VERSION:8",
    `#EXT-X-TARGETDURATION:${target}`,
    `#EXT-X-MEDIA-SEQUENCE:${first?.number ?? 0}`,
    `#EXT-X-DISCONTINUITY-SEQUENCE:${first?.discontinuities ?? 0}`,
    ...(kind === "on_demand" ? ["#EXT-X-PLAYLIST-TYPE:VOD"] : []),
    "#EXT-X-INDEPENDENT-SEGMENTS",
  ];
  let init = "";
  for (const { segments, date, discontinuity } of having) {
    const segment = segments.get(id) as PushedSegment;
    if (discontinuity) lines.push("#EXT-X-DISCONTINUITY");
    if (segment.init !== init || discontinuity) lines.push(`#EXT-X-MAP:URI="${segment.init}"`);
    init = segment.init;
    lines.push(`#EXT-X-PROGRAM-DATE-TIME:${date}`);
    if (segment.gap) lines.push("#EXT-X-GAP");
    lines.push(`#EXTINF:${segment.duration.toFixed(5)},`, segment.name);
  }
  if (kind !== "live") lines.push("#EXT-X-ENDLIST");
  return [...lines, ""].join("\n");
}

/** Reads playlists of {@link renderPushed} back, by rendition id: what another host has left. What it can't read it leaves out. */
export function readPushed(texts: ReadonlyMap<string, string>): PushedGroup[] {
  const groups = new Map<number, PushedGroup & { segments: Map<string, PushedSegment> }>();
  for (const [id, text] of texts) {
    let [number, discontinuities] = [0, 0];
    let [discontinuity, gap, init, date, duration] = [false, false, "", "", 0];
    for (const line of text.split("\n")) {
      const value = line.slice(line.indexOf(":") + 1);
      if (line.startsWith("#EXT-X-MEDIA-SEQUENCE:")) number = Number.parseInt(value, 10) || 0;
      else if (line.startsWith("#EXT-X-DISCONTINUITY-SEQUENCE:")) discontinuities = Number.parseInt(value, 10) || 0;
      else if (line === "#EXT-X-DISCONTINUITY") discontinuity = true;
      else if (line === "#EXT-X-GAP") gap = true;
      else if (line.startsWith("#EXT-X-MAP:")) init = /URI="([\w.-]+)"/.exec(line)?.[1] ?? "";
      else if (line.startsWith("#EXT-X-PROGRAM-DATE-TIME:")) date = value;
      else if (line.startsWith("#EXTINF:")) duration = Number.parseFloat(value);
      const msn = new RegExp(`^${id}-(\\d{1,15})\\.m4s$`).exec(line)?.[1];
      if (msn === undefined) continue;
      const known = groups.get(Number(msn));
      const group = known ?? { msn: Number(msn), number, discontinuity, discontinuities, date, segments: new Map() };
      group.segments.set(id, { name: line, init, duration, gap });
      groups.set(group.msn, group);
      number++;
      if (discontinuity) discontinuities++;
      [discontinuity, gap] = [false, false];
    }
  }
  return [...groups.values()].sort((a, b) => a.msn - b.msn);
}
