// Whether what viewers are told is valid at a moment: the HLS playlists against RFC 8216bis and against what they said before, the
// MPD by a parser.
import { Parser } from "m3u8-parser";
import { parse } from "mpd-parser";

/** What a media playlist said. */
export interface PlaylistState {
  readonly first: number;
  readonly discontinuities: number;
  /** Number of the segment that comes next, and parts of it that are there. */
  readonly next: number;
  readonly parts: number;
  /** URI by number, of whole segments. */
  readonly uris: ReadonlyMap<number, string>;
}

/** Rounding of durations in playlists, s. */
const ROUNDING = 0.001;

/** Reads a media playlist; problems with it, and with what it says after `before`, are added. */
export function readPlaylist(text: string, before: PlaylistState | null, problems: string[]): PlaylistState {
  if (!text.startsWith("#EXTM3U\n")) problems.push("doesn't begin with #EXTM3U");
  const parser = new Parser();
  parser.push(text);
  parser.end();
  const { manifest } = parser;
  const first = manifest.mediaSequence;
  const target = manifest.targetDuration;
  const uris = new Map<number, string>();
  for (const [index, { duration, uri }] of manifest.segments.entries()) {
    if (uri === undefined || duration === undefined) continue; // the one that is being made
    uris.set(first + index, uri);
    if (!(Math.round(duration) <= target)) problems.push(`EXTINF ${duration} with TARGETDURATION ${target}`);
    if (!(duration > 0)) problems.push(`EXTINF ${duration}`);
  }
  const lines = text.split("\n");
  const partTarget = Number(/^#EXT-X-PART-INF:PART-TARGET=([\d.]+)/m.exec(text)?.[1] ?? Number.NaN);
  const last = lines.findLastIndex((line) => line !== "" && !line.startsWith("#"));
  const parts = lines.slice(last + 1).filter((line) => line.startsWith("#EXT-X-PART:")).length;
  for (const line of lines) {
    const part = Number(/^#EXT-X-PART:.*DURATION=([\d.]+)/.exec(line)?.[1] ?? 0);
    if (part > partTarget + ROUNDING) problems.push(`part of ${part} s, target ${partTarget}`);
  }
  const state = { first, discontinuities: manifest.discontinuitySequence ?? 0, next: first + uris.size, parts, uris };
  if (before) {
    if (state.first < before.first) problems.push(`MEDIA-SEQUENCE ${state.first} after ${before.first}`);
    if (state.next < before.next) problems.push(`segment ${before.next - 1} has gone, ${state.next - 1} is the last`);
    if (state.discontinuities < before.discontinuities) problems.push("DISCONTINUITY-SEQUENCE went back");
    for (const [number, uri] of uris) {
      const was = before.uris.get(number);
      if (was !== undefined && was !== uri) problems.push(`segment ${number} was ${was}, is ${uri}`);
    }
  }
  return state;
}

/** Problems with an MPD. */
export function mpdProblems(text: string): string[] {
  try {
    const { playlists } = parse(text, { manifestUri: "http://127.0.0.1/manifest.mpd" }) as { playlists?: unknown[] };
    return playlists && playlists.length > 0 ? [] : ["no representation"];
  } catch (thrown) {
    return [thrown instanceof Error ? thrown.message : String(thrown)];
  }
}
