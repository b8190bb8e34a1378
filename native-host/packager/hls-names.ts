// The file names of the HLS side, relative to the playlists: made and read here only.
import { RENDITION_ID } from "../media/rendition.ts";

/** The multivariant playlist. */
export const MULTIVARIANT = "index.m3u8";

/** What a file name of a stream stands for. */
export type MediaName = { readonly rendition_id: string } & (
  | { readonly type: "playlist" }
  | { readonly type: "init"; readonly run: number }
  | { readonly type: "segment"; readonly msn: number }
  | { readonly type: "part"; readonly msn: number; readonly part: number }
);

/** Name of a media playlist. */
export const playlistName = (id: string) => `${id}.m3u8`;
/** Name of the init segment of a run. */
export const initName = (id: string, run: number) => `init-${id}-${run}.mp4`;
/** Name of a segment. */
export const segmentName = (id: string, msn: number) => `${id}-${msn}.m4s`;
/** Name of a part. */
export const partName = (id: string, msn: number, part: number) => `${id}-${msn}.${part}.m4s`;

const NAMES = {
  playlist: new RegExp(`^(?<id>${RENDITION_ID})\\.m3u8$`),
  init: new RegExp(`^init-(?<id>${RENDITION_ID})-(?<run>\\d{1,9})\\.mp4$`),
  media: new RegExp(`^(?<id>${RENDITION_ID})-(?<msn>\\d{1,15})(?:\\.(?<part>\\d{1,6}))?\\.m4s$`),
} as const;

/** Reads a name; `null`: it is none of ours. */
export function parseMediaName(name: string): MediaName | null {
  const playlist = NAMES.playlist.exec(name)?.groups;
  if (playlist?.id) return { type: "playlist", rendition_id: playlist.id };
  const init = NAMES.init.exec(name)?.groups;
  if (init?.id) return { type: "init", rendition_id: init.id, run: Number(init.run) };
  const media = NAMES.media.exec(name)?.groups;
  if (!media?.id) return null;
  const place = { rendition_id: media.id, msn: Number(media.msn) };
  return media.part === undefined
    ? { type: "segment", ...place }
    : { type: "part", ...place, part: Number(media.part) };
}
