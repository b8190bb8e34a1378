// The file names of the HLS side, relative to the playlists: made and read here only.
// Never knows what is behind a name.
import type { TrackKind } from "../media/track-kind.ts";

/** The multivariant playlist. */
export const MULTIVARIANT = "index.m3u8";

/** What a file name of a stream stands for. */
export type MediaName =
  | { type: "playlist"; kind: TrackKind }
  | { type: "init"; kind: TrackKind; run: number }
  | { type: "segment"; kind: TrackKind; msn: number }
  | { type: "part"; kind: TrackKind; msn: number; part: number };

/** Name of a media playlist. */
export const playlistName = (kind: TrackKind) => `${kind}.m3u8`;
/** Name of the init segment of a run. */
export const initName = (kind: TrackKind, run: number) => `init-${kind}-${run}.mp4`;
/** Name of a segment. */
export const segmentName = (kind: TrackKind, msn: number) => `${kind}-${msn}.m4s`;
/** Name of a part. */
export const partName = (kind: TrackKind, msn: number, part: number) => `${kind}-${msn}.${part}.m4s`;

const NAME =
  /^(?:(?<list>video|audio)\.m3u8|init-(?<init>video|audio)-(?<run>\d{1,9})\.mp4|(?<kind>video|audio)-(?<msn>\d{1,15})(?:\.(?<part>\d{1,6}))?\.m4s)$/;

/** Reads a name; `null`: it is none of ours. */
export function parseMediaName(name: string): MediaName | null {
  const groups = NAME.exec(name)?.groups;
  if (!groups) return null;
  if (groups.list) return { type: "playlist", kind: groups.list as TrackKind };
  if (groups.init) return { type: "init", kind: groups.init as TrackKind, run: Number(groups.run) };
  const place = { kind: groups.kind as TrackKind, msn: Number(groups.msn) };
  return groups.part === undefined
    ? { type: "segment", ...place }
    : { type: "part", ...place, part: Number(groups.part) };
}
