// Over which addresses and names the host is reached: 127.0.0.1, what FLYBROWSER_VIEW_ADDRESS and FLYBROWSER_PUBLIC_URL add for
// viewers, and which Host headers are right for either (DNS rebinding).
import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";
import { hostname } from "node:os";
import { urlHost, VIEW_ADDRESS, viewAddresses } from "../../protocol/node/view-addresses.ts";
import { say, sentence } from "../../protocol/sentence.ts";
import { partLogger } from "../logging.ts";

/** The environment variable with the URL under which a tunnel or a reverse proxy makes the host known. */
const PUBLIC_URL = "FLYBROWSER_PUBLIC_URL";

const LOCAL_HOST = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/i;

const log = partLogger("http");

/** Where viewers come from, besides 127.0.0.1. */
export interface NetworkAccess {
  /** Addresses of this machine. */
  readonly addresses: readonly string[];
  /** What a tunnel or a reverse proxy is known as: scheme, name and port; `null`: there is none. */
  readonly public_origin: string | null;
}

/** Nobody but this machine. */
export const LOCAL_ONLY: NetworkAccess = { addresses: [], public_origin: null };

/** Reads FLYBROWSER_VIEW_ADDRESS and FLYBROWSER_PUBLIC_URL. What is unusable is left out, with a warning in the log. */
export function networkAccess(environment: NodeJS.ProcessEnv): NetworkAccess {
  return { addresses: addressesOf(environment[VIEW_ADDRESS]), public_origin: originOf(environment[PUBLIC_URL]) };
}

/** What every viewing URL begins with, without a slash at the end. */
export function viewOrigin({ addresses, public_origin }: NetworkAccess, port: number): string {
  return public_origin ?? `http://${urlHost(addresses[0] ?? "127.0.0.1")}:${port}`;
}

/** Whether a Host header names this machine, with any port. */
export function isLocalHost(host: string | undefined): boolean {
  return host !== undefined && LOCAL_HOST.test(host);
}

/**
 * Tells whether a Host header names this machine as viewers from elsewhere may name it: by one of the addresses or the machine's
 * own name, where they are served at all, or by the public name; with any port.
 */
export function isViewersHost({ addresses, public_origin }: NetworkAccess): (host: string | undefined) => boolean {
  const own = hostname().toLowerCase();
  const names = new Set(addresses.length > 0 ? [own, `${own}.local`] : []);
  for (const address of addresses) names.add(urlHost(address).toLowerCase());
  if (public_origin) names.add(new URL(public_origin).hostname);
  return (host) => host !== undefined && names.has(host.toLowerCase().replace(/:\d{1,5}$/, ""));
}

/** Whether a proxy says that it forwards the request for somebody else (RFC 7239, RFC 9110 7.6.3, and older headers). */
export function isForwarded(headers: IncomingHttpHeaders): boolean {
  return ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip"].some((name) => name in headers);
}

function addressesOf(wish = ""): readonly string[] {
  const addresses = viewAddresses(wish);
  if (addresses?.length === 0 && isIP(wish) !== 0 && !wish.startsWith("127."))
    log.warning("{name}={wish}: this machine has no such address now", { name: VIEW_ADDRESS, wish });
  if (addresses) return addresses;
  log.warning("{name}={wish} is not {allowed}", {
    name: VIEW_ADDRESS,
    wish,
    allowed: say(sentence("allowed.host_address")),
  });
  return [];
}

function originOf(text: string | undefined): string | null {
  if (!text) return null;
  const url = URL.canParse(text) ? new URL(text) : null;
  const plain = url && /^https?:$/.test(url.protocol) && url.pathname === "/" && !url.username && !url.search;
  if (plain) return url.origin;
  log.warning("{name} is not of the form https://name; it is left out", { name: PUBLIC_URL }); // it may hold a password
  return null;
}
