// HTTP responses as plain values, and how they are sent: straight to Node's response, without a copy of the media, with HEAD
// and Range.
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { gzipSync } from "node:zlib";
import type { HttpBindings } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import type { Share } from "../../protocol/options.ts";
import type { MediaType } from "../media/rendition.ts";

/** The environment of every route of the server. `from`: the way by which the request came. */
export type ServerEnv = { Bindings: HttpBindings & { readonly from: Share } };

type Headers = Readonly<Record<string, string>>;

/** A response that is still to be sent. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: Headers;
  /** All of it, in pieces; or what comes piece by piece until it is complete, sent in chunks without a length. */
  readonly body: readonly Uint8Array[] | AsyncIterable<Uint8Array>;
  /** It is text of some length: sent compressed to those who take that. Playlists would else be half of what a slow line carries. */
  readonly compressible?: boolean;
}

/** Bytes; compressing less gains nothing. */
const WORTH_IT = 500;
/** What was compressed once for everybody. */
const compressed = new WeakMap<HttpResponse["body"], Uint8Array>();

const takesGzip = (accepts: string | undefined) => accepts !== undefined && /\bgzip\b/.test(accepts);

/** The same, compressed, if it is to be and the client takes it. */
function encoded(response: HttpResponse, accepts: string | undefined): HttpResponse {
  const { compressible, body, status } = response;
  if (!compressible || !isWhole(body)) return response;
  const headers = { ...response.headers, Vary: [response.headers.Vary, "Accept-Encoding"].filter(Boolean).join(", ") };
  if (status !== 200 || !takesGzip(accepts)) return { ...response, headers };
  if (lengthOf(body) < WORTH_IT) return { ...response, headers };
  const bytes = compressed.get(body) ?? gzipSync(Buffer.concat(body), { level: 3 });
  compressed.set(body, bytes);
  return { ...response, headers: { ...headers, "Content-Encoding": "gzip" }, body: [bytes] };
}

/** Headers that let a player of any origin read what viewers are served, 404s too: without them it only sees a failed request. */
export const CORS = {
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Expose-Headers": "Content-Length, Content-Range, Date",
} as const;

/** For what changes. */
export const NO_STORE = { "Cache-Control": "no-store" } as const;
/** For names that always mean the same bytes; private, since the URL holds the token. */
const IMMUTABLE = { "Cache-Control": "private, max-age=3600, immutable" } as const;

const MEDIA: Readonly<Record<MediaType, Headers>> = {
  video: { "Content-Type": "video/mp4", ...IMMUTABLE },
  audio: { "Content-Type": "audio/mp4", ...IMMUTABLE },
};

/** An init segment, a segment or a part. */
export function mediaResponse(type: MediaType, body: HttpResponse["body"]): HttpResponse {
  return { status: 200, headers: MEDIA[type], body };
}

/** Plain text. */
export function textResponse(status: number, text: string, headers: Headers = {}): HttpResponse {
  return {
    status,
    headers: { "Content-Type": "text/plain; charset=utf-8", ...NO_STORE, ...headers },
    body: [Buffer.from(`${text}\n`)],
  };
}

/** For a stream that has no video yet. */
export const TOO_EARLY: HttpResponse = textResponse(503, "Nothing to play yet. Try again in a moment.", {
  "Retry-After": "1",
});

/** For a rung that this computer has no room for: players go on with another rendition. */
export const NO_ROOM: HttpResponse = textResponse(503, "This rendition is not being made: the computer is too busy.", {
  "Retry-After": "15",
});

/** For a wrong token, no stream, and no such file: byte for byte the same. */
export const NOT_FOUND: HttpResponse = textResponse(404, "Nothing here. A stream that has ended is no longer here.");

/** Whether all of a body is there. */
export function isWhole(body: HttpResponse["body"]): body is readonly Uint8Array[] {
  return Array.isArray(body);
}

const lengthOf = (body: readonly Uint8Array[]) => body.reduce((bytes, piece) => bytes + piece.length, 0);

/**
 * The one range of `total` bytes that a header asks for; `null`: all of it, also where several are asked for, or nonsense is
 * (RFC 9110 14.2).
 */
export function rangeOf(
  header: string | undefined,
  total: number,
): { readonly from: number; readonly to: number } | "unsatisfiable" | null {
  const match = header === undefined ? null : /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header);
  if (!match || (match[1] === "" && match[2] === "")) return null;
  const from = match[1] === "" ? Math.max(0, total - Number(match[2])) : Number(match[1]);
  const to = match[1] === "" || match[2] === "" ? total - 1 : Math.min(Number(match[2]), total - 1);
  return from > to ? "unsatisfiable" : { from, to };
}

/** Cuts a response down to the one range that was asked for; several ranges or nonsense give all of it (RFC 9110 14.2),
 * and so does a range of what has no length yet. */
export function withRange(response: HttpResponse, range: string | undefined): HttpResponse {
  const { body } = response;
  if (!isWhole(body)) return response;
  const headers = { ...response.headers, "Accept-Ranges": "bytes" };
  const total = lengthOf(body);
  const part = rangeOf(range, total);
  if (part === null) return { ...response, headers };
  if (part === "unsatisfiable")
    return { status: 416, headers: { ...headers, "Content-Range": `bytes */${total}` }, body: [] };
  const { from, to } = part;
  return {
    status: 206,
    headers: { ...headers, "Content-Range": `bytes ${from}-${to}/${total}` },
    body: slice(body, from, to + 1),
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

/** A response as it goes to many: its headers as Node takes them without another look, each piece of its body as a Buffer. */
interface PreparedResponse {
  readonly status: number;
  readonly headers: string[];
  readonly body: readonly Buffer[];
}

/** Of each response, plain and compressed: made once, whoever asks. */
const prepared = [
  new WeakMap<HttpResponse, PreparedResponse>(),
  new WeakMap<HttpResponse, PreparedResponse>(),
] as const;

function prepare(response: HttpResponse, accepts: string | undefined): PreparedResponse | null {
  const known = prepared[response.compressible && takesGzip(accepts) ? 1 : 0];
  const found = known.get(response);
  if (found) return found;
  const ranged = response.status === 200 ? withRange(response, undefined) : response;
  const { status, headers, body } = encoded(ranged, accepts);
  if (!isWhole(body)) return null;
  const all = { ...CORS, ...headers, "Content-Length": String(lengthOf(body)), "X-Content-Type-Options": "nosniff" };
  const pieces = body.map(({ buffer, byteOffset, length }) => Buffer.from(buffer, byteOffset, length));
  const made = { status, headers: Object.entries(all).flat(), body: pieces };
  known.set(response, made);
  return made;
}

/**
 * Sends a viewer a playlist, a manifest or media: what {@link send} and {@link CORS} make of it, but prepared once for all who get the
 * same response.
 */
export function sendToViewer(bindings: HttpBindings, response: HttpResponse): void {
  const { incoming, outgoing } = bindings;
  if (outgoing.destroyed) return;
  const { method, headers } = incoming;
  const ranged = headers.range !== undefined && response.status === 200;
  const ready = ranged ? null : prepare(response, headers["accept-encoding"]);
  if (!ready) {
    outgoing.setHeaders(new Map(Object.entries(CORS)));
    send(bindings, withRange(response, response.status === 200 ? headers.range : undefined));
    return;
  }
  outgoing.writeHead(ready.status, ready.headers);
  if (method === "HEAD") outgoing.end();
  else if (ready.body.length <= 1) outgoing.end(ready.body[0]);
  else writePieces(outgoing, ready.body);
}

/** In one go. */
function writePieces(outgoing: HttpBindings["outgoing"], pieces: readonly Uint8Array[]): void {
  outgoing.cork();
  for (const piece of pieces) outgoing.write(piece);
  process.nextTick(() => outgoing.uncork());
  outgoing.end();
}

/** Sends a response; gives what a handler of hono returns then. */
export function send({ incoming, outgoing }: HttpBindings, response: HttpResponse): Response {
  if (outgoing.destroyed) return RESPONSE_ALREADY_SENT;
  const { status, headers, body } = encoded(response, incoming.headers["accept-encoding"]);
  outgoing.writeHead(status, {
    ...headers,
    // A 204 must not have one (RFC 9110 8.6).
    ...(isWhole(body) && status !== 204 ? { "Content-Length": lengthOf(body) } : {}),
    // What comes piece by piece is of use only if a proxy hands it on so (nginx, and tunnels that do as it does).
    ...(isWhole(body) ? {} : { "X-Accel-Buffering": "no" }),
    "X-Content-Type-Options": "nosniff",
  });
  if (incoming.method === "HEAD") outgoing.end();
  else if (isWhole(body)) writePieces(outgoing, body);
  else {
    // A piece is asked for once the client has taken the one before. pipeline() destroys the connection on any failure; a client
    // that has gone needs no word of it.
    pipeline(Readable.from(body, { highWaterMark: 1 }), outgoing).catch(() => {});
  }
  return RESPONSE_ALREADY_SENT;
}
