// Who may ask: the Host header (DNS rebinding) and the view token. Never says which of stream and token was wrong.
import { timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { hostname } from "node:os";
import { urlHost } from "../../protocol/node/view-addresses.ts";
import type { ViewAccess } from "./view-access.ts";
import type { StreamLookup, ViewableStream } from "./viewing.ts";

const LOCAL_HOST = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/i;

/** True when the Host header names this machine, with any port. */
export function isLocalHost(host: string | undefined): boolean {
  return host !== undefined && LOCAL_HOST.test(host);
}

/**
 * Says whether a Host header names this machine as viewers from elsewhere may name it: by one of the addresses or the
 * machine's own name, where they are served at all, or by the public name; with any port.
 */
export function isViewersHost({ addresses, public_origin }: ViewAccess): (host: string | undefined) => boolean {
  const own = hostname().toLowerCase();
  const names = new Set(addresses.length > 0 ? [own, `${own}.local`] : []);
  for (const address of addresses) names.add(urlHost(address).toLowerCase());
  if (public_origin) names.add(new URL(public_origin).hostname);
  return (host) => host !== undefined && names.has(host.toLowerCase().replace(/:\d{1,5}$/, ""));
}

/** True when a proxy says that it hands the request on for somebody else (RFC 7239, RFC 9110 7.6.3, and older ways). */
export function isForwarded(headers: IncomingHttpHeaders): boolean {
  return ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip"].some((name) => name in headers);
}

/** Stands in for the token of a stream that isn't there; as long as a real one. */
const NO_TOKEN = Buffer.alloc(22);

/**
 * The stream, if id and token fit. Compared in constant time, also where there is no stream; only the length of a
 * token, which is no secret, shows.
 */
export function findStream(lookup: StreamLookup, stream_id: string, token: string): ViewableStream | undefined {
  const stream = lookup.get(stream_id);
  const expected = stream ? Buffer.from(stream.view_token) : NO_TOKEN;
  const given = Buffer.from(token);
  const comparable = given.length === expected.length;
  const same = timingSafeEqual(comparable ? given : expected, expected);
  return same && comparable ? stream : undefined;
}
