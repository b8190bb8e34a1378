// What of a result or an error a web page gets to see. Never leaves out a figure: only links that others made,
// and places on the user's disk.
import { type ErrorCode, FlyBrowserError, toFlyBrowserError } from "../../protocol/errors.ts";
import type { StreamInfo } from "../../protocol/results.ts";

/** A status as a page may see it: without places on the disk, and `mine` or without links. */
export function forPage(info: StreamInfo, mine: boolean): StreamInfo {
  const recording = info.recording && { ...info.recording, file_path: nameOnly(info.recording.file_path) };
  return { ...(mine ? info : withoutLinks(info)), recording };
}

/** A status without the links by which the stream could be watched: they are a secret of whoever started it. */
export function withoutLinks(info: StreamInfo): StreamInfo {
  const nowhere = new URL("/", info.player_url).href;
  return {
    ...info,
    hls_url: null,
    dash_url: null,
    whep_url: null,
    rtmp_url: null,
    player_url: nowhere,
    stream_url: nowhere,
  };
}

/** A file's name without its folders, which may hold the user's. */
export function nameOnly(path: string): string {
  return path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
}

/** Errors whose reasons may name files, folders or programs of this computer. */
const TELLING: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "internal",
  "invalid_message",
  "ffmpeg_not_found",
  "ffmpeg_failed",
  "host_lost",
  "not_built",
  "stream_ended",
  "recording_path_unusable",
  "recording_failed",
  "disk_full",
]);

/** The error as a page gets it: what happened and what to do, without a look at the computer. */
export function pageError(thrown: unknown): FlyBrowserError {
  const error = toFlyBrowserError(thrown);
  if (!TELLING.has(error.code)) return error;
  const hidden = Object.keys(error.details).map((name) => [name, "(shown to the user only)"]);
  return new FlyBrowserError(error.code, Object.fromEntries(hidden));
}
