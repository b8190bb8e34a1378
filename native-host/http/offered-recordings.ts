// The recording of a stream that has ended, for viewers whom its owner offers it: its address in the player's state, and the file.
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { PlayerState } from "../../protocol/player-messages.ts";
import type { RecordingInfo } from "../../protocol/results.ts";
import { type HttpResponse, NO_STORE, NOT_FOUND, rangeOf } from "./response.ts";

/** Name of the file beside the playlists. */
export const OFFERED = "recording";

/** A recording's file. */
export type OfferedRecording = Pick<RecordingInfo, "file_path" | "format">;

/** What viewers of a stream may have: a file, `null` while it is being made, `undefined` where none is offered. */
export type OfferedRecordings = (stream_id: string) => OfferedRecording | null | undefined;

/** What the player is told of it. */
export function offeredUrl(offered: ReturnType<OfferedRecordings>): Pick<PlayerState, "recording"> {
  return offered === undefined ? {} : { recording: offered === null ? null : OFFERED };
}

/** The file, or the one range of it that is asked for (RFC 9110 14.2); 404 where it has gone. */
export async function recordingResponse(
  { file_path, format }: OfferedRecording,
  range: string | undefined,
): Promise<HttpResponse> {
  const size = (await stat(file_path).catch(() => null))?.size;
  if (size === undefined) return NOT_FOUND;
  const part = rangeOf(range, size);
  const headers = { "Content-Type": `video/${format}`, "Accept-Ranges": "bytes", ...NO_STORE };
  if (part === "unsatisfiable")
    return { status: 416, headers: { ...headers, "Content-Range": `bytes */${size}` }, body: [] };
  const { from, to } = part ?? { from: 0, to: size - 1 };
  const length = { "Content-Length": String(to - from + 1) };
  const body = pieces(file_path, from, to);
  if (part === null) return { status: 200, headers: { ...headers, ...length }, body };
  return { status: 206, headers: { ...headers, ...length, "Content-Range": `bytes ${from}-${to}/${size}` }, body };
}

/** Read as the client takes it; opened only then, since a HEAD takes nothing. */
async function* pieces(path: string, start: number, end: number): AsyncGenerator<Uint8Array> {
  if (end >= start) yield* createReadStream(path, { start, end });
}
