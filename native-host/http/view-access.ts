// What the environment says about who may view, beside this machine: addresses of it, and a public name in front of it.
// Never reads the environment by itself, and never opens a port.
import { isIP } from "node:net";
import { urlHost, VIEW_ADDRESS, VIEW_ADDRESS_ALLOWED, viewAddresses } from "../../protocol/node/view-addresses.ts";
import { partLogger } from "../logging.ts";

/** The environment variable with the address under which a tunnel or a reverse proxy makes the host known. */
export const PUBLIC_URL = "FLYBROWSER_PUBLIC_URL";

const log = partLogger("http");

/** Where viewers come from, beside 127.0.0.1. */
export interface ViewAccess {
  /** Addresses of this machine. */
  readonly addresses: readonly string[];
  /** What a tunnel or a reverse proxy is known as: scheme, name and port; `null`: there is none. */
  readonly public_origin: string | null;
}

/** Nobody but this machine. */
export const LOCAL_ONLY: ViewAccess = { addresses: [], public_origin: null };

/** Reads FLYBROWSER_VIEW_ADDRESS and FLYBROWSER_PUBLIC_URL. What can't be is left out, and told in the log. */
export function viewAccess(environment: NodeJS.ProcessEnv): ViewAccess {
  return { addresses: addressesOf(environment[VIEW_ADDRESS]), public_origin: originOf(environment[PUBLIC_URL]) };
}

/** Beginning of every viewing address, without a slash at the end. */
export function viewOrigin({ addresses, public_origin }: ViewAccess, port: number): string {
  return public_origin ?? `http://${urlHost(addresses[0] ?? "127.0.0.1")}:${port}`;
}

function addressesOf(wish = ""): readonly string[] {
  const addresses = viewAddresses(wish);
  if (addresses?.length === 0 && isIP(wish) !== 0 && !wish.startsWith("127."))
    log.warning("{name}={wish}: this machine has no such address now", { name: VIEW_ADDRESS, wish });
  if (addresses) return addresses;
  log.warning("{name}={wish} is not {allowed}", { name: VIEW_ADDRESS, wish, allowed: VIEW_ADDRESS_ALLOWED });
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
