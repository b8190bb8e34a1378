// Who is at the other end of a connection, by what the browser says of it and not by what they say of themselves.
import { FlyBrowserError } from "../../protocol/errors.ts";
import { type Sentence, sentence } from "../../protocol/sentence.ts";

/** Who speaks to us: the top document of a tab; or another extension, of a tab. */
export interface Requester {
  /** Scheme, host and port, the host in ASCII. */
  readonly origin: string;
  /** The page's own; for an extension the one that it names, -1 for none. */
  readonly tab_id: number;
  readonly window_id: number | null;
  readonly incognito: boolean;
}

/** The part of Chrome's `MessageSender` that counts. */
export interface Sender {
  readonly id?: string | undefined;
  readonly origin?: string | undefined;
  readonly url?: string | undefined;
  readonly frameId?: number | undefined;
  readonly documentLifecycle?: string | undefined;
  readonly tab?:
    | { readonly id?: number | undefined; readonly windowId?: number; readonly incognito?: boolean }
    | undefined;
}

/** The origin of an address; `null` where it has none of its own (about:blank, data:, files). */
export function originOf(address: string): string | null {
  if (!URL.canParse(address)) return null;
  const { protocol, origin } = new URL(address);
  return (protocol === "https:" || protocol === "http:") && origin !== "null" ? origin : null;
}

/** Whether it is another extension that asks, not a site: it has no tab of its own, and names one. */
export function isExtension(origin: string): boolean {
  return origin.startsWith("chrome-extension://");
}

/** Whether nobody on the way can pretend to be this origin: https, or this very machine. */
export function isSecureOrigin(origin: string): boolean {
  const { protocol, hostname } = new URL(origin);
  if (protocol === "https:" || isExtension(origin)) return true;
  return (
    hostname === "localhost" ||
    hostname.endsWith(".localhost") ||
    hostname === "[::1]" ||
    /^127(\.\d+){3}$/.test(hostname)
  );
}

/**
 * Gives the page behind a port.
 * @throws FlyBrowserError `page_not_allowed`: a frame, a sandboxed page, one that isn't shown, one without an origin
 */
export function requesterOf(sender: Sender | undefined, extension_id: string): Requester {
  const refuse = (reason: Sentence) => new FlyBrowserError("page_not_allowed", { reason });
  if (sender?.id !== extension_id) throw refuse(sentence("page.no_content_script"));
  if (sender.tab?.id === undefined || sender.tab.id < 0) throw refuse(sentence("page.not_in_tab"));
  if (sender.frameId !== 0) throw refuse(sentence("page.frame"));
  if (sender.documentLifecycle !== undefined && sender.documentLifecycle !== "active") {
    throw refuse(sentence("page.not_shown"));
  }
  const origin = originOf(sender.origin ?? "");
  // A sandboxed document has an address with an origin, and none itself.
  if (origin === null || origin !== originOf(sender.url ?? "")) throw refuse(sentence("page.no_origin"));
  return {
    origin,
    tab_id: sender.tab.id,
    window_id: sender.tab.windowId ?? null,
    incognito: sender.tab.incognito ?? false,
  };
}
