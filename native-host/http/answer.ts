// Writes an answer straight to Node's response: no copy of the media, no stream in between, HEAD and Range.
// Never decides what is answered.
import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import type { TrackKind } from "../media/track-kind.ts";

/** What goes out. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: readonly Uint8Array[];
  /** What follows the body piece by piece as it comes: sent in chunks, its length unknown until its end. */
  readonly rest?: AsyncIterable<Uint8Array>;
}

/** Headers that let a player of any origin read the media. */
export const CORS = {
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Expose-Headers": "Content-Length, Content-Range, Date",
} as const;

/** For answers that change. */
export const NO_STORE = { "Cache-Control": "no-store" } as const;
/** For names that always mean the same bytes; private, since the address holds the token. */
export const IMMUTABLE = { "Cache-Control": "private, max-age=3600, immutable" } as const;

/** For init segments and segments. */
export const MEDIA: Record<TrackKind, Answer["headers"]> = {
  video: { "Content-Type": "video/mp4", ...IMMUTABLE, ...CORS },
  audio: { "Content-Type": "audio/mp4", ...IMMUTABLE, ...CORS },
};

const length = (body: readonly Uint8Array[]) => body.reduce((bytes, piece) => bytes + piece.length, 0);

/** Makes an answer of plain text. */
export function textAnswer(status: number, text: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return {
    status,
    headers: { "Content-Type": "text/plain; charset=utf-8", ...NO_STORE, ...headers },
    body: [Buffer.from(`${text}\n`)],
  };
}

/** For a stream that has no picture yet. */
export const TOO_EARLY: Answer = textAnswer(503, "Nothing to play yet. Try again in a moment.", {
  "Retry-After": "1",
  ...CORS,
});

/** The one answer for a wrong token, no stream, and no such file: byte for byte the same. */
export const NOT_FOUND: Answer = textAnswer(404, "Nothing here. A stream that has ended is no longer here.");

/** Cuts the answer down to the one range that was asked for; several ranges or nonsense give the whole (RFC 9110 14.2),
 * and so does a range of what is still growing. */
export function ranged(answer: Answer, range: string | undefined): Answer {
  if (answer.rest) return answer;
  const headers = { ...answer.headers, "Accept-Ranges": "bytes" };
  const match = range === undefined ? null : /^bytes=(\d{0,15})-(\d{0,15})$/.exec(range);
  if (!match || (match[1] === "" && match[2] === "")) return { ...answer, headers };
  const total = length(answer.body);
  const from = match[1] === "" ? Math.max(0, total - Number(match[2])) : Number(match[1]);
  const to = match[1] === "" || match[2] === "" ? total - 1 : Math.min(Number(match[2]), total - 1);
  if (from > to) return { status: 416, headers: { ...headers, "Content-Range": `bytes */${total}` }, body: [] };
  return {
    status: 206,
    headers: { ...headers, "Content-Range": `bytes ${from}-${to}/${total}` },
    body: slice(answer.body, from, to + 1),
  };
}

function slice(body: readonly Uint8Array[], from: number, to: number): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let at = 0;
  for (const piece of body) {
    const view = piece.subarray(Math.max(0, from - at), Math.max(0, to - at));
    if (view.length > 0) pieces.push(view);
    at += piece.length;
  }
  return pieces;
}

/** Sends an answer; gives what a hono handler returns then. */
export function send(incoming: IncomingMessage, outgoing: ServerResponse, answer: Answer): Response {
  if (outgoing.destroyed) return RESPONSE_ALREADY_SENT;
  if (answer.rest) return sendGrowing(incoming, outgoing, answer, answer.rest);
  outgoing.writeHead(answer.status, {
    ...answer.headers,
    // A 204 must not have one (RFC 9110 8.6).
    ...(answer.status === 204 ? {} : { "Content-Length": length(answer.body) }),
    "X-Content-Type-Options": "nosniff",
  });
  if (incoming.method !== "HEAD") {
    outgoing.cork();
    for (const piece of answer.body) outgoing.write(piece);
    process.nextTick(() => outgoing.uncork());
  }
  outgoing.end();
  return RESPONSE_ALREADY_SENT;
}

/** Each piece goes out as it comes, no sooner than the reader has taken the ones before. Broken off, it ends broken. */
function sendGrowing(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  answer: Answer,
  rest: AsyncIterable<Uint8Array>,
): Response {
  outgoing.writeHead(answer.status, { ...answer.headers, "X-Content-Type-Options": "nosniff" });
  if (incoming.method === "HEAD") outgoing.end();
  // pipeline() destroys the connection on any failure; a reader that has gone is none to be told of.
  else pipeline(Readable.from(rest, { highWaterMark: 1 }), outgoing).catch(() => {});
  return RESPONSE_ALREADY_SENT;
}
