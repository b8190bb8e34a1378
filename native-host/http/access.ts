// Who may ask: the Host header (DNS rebinding) and the view token. Never says which of stream and token was wrong.
import { createHash, timingSafeEqual } from "node:crypto";
import type { StreamLookup, ViewableStream } from "./viewing.ts";

const LOCAL_HOST = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/i;

/** True when the Host header names this machine, with any port. */
export function isLocalHost(host: string | undefined): boolean {
  return host !== undefined && LOCAL_HOST.test(host);
}

const digest = (text: string) => createHash("sha256").update(text).digest();
const NO_TOKEN = digest("");

/** The stream, if id and token fit. Takes the same time for a wrong token and for no stream. */
export function findStream(lookup: StreamLookup, stream_id: string, token: string): ViewableStream | undefined {
  const stream = lookup.get(stream_id);
  const expected = stream ? digest(stream.view_token) : NO_TOKEN;
  const same = timingSafeEqual(digest(token), expected);
  return same ? stream : undefined;
}
