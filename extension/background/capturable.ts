// Which pages Chrome lets an extension capture, by their address, and why not the others.
import { type Sentence, sentence } from "../../protocol/sentence.ts";

const REASONS: Record<string, Sentence> = {
  "chrome:": sentence("capture.chrome_pages"),
  "chrome-untrusted:": sentence("capture.chrome_pages"),
  "edge:": sentence("capture.edge_pages"),
  "brave:": sentence("capture.brave_pages"),
  "chrome-extension:": sentence("capture.extension_page"),
  "chrome-search:": sentence("capture.chrome_pages"),
  "devtools:": sentence("capture.devtools"),
  "view-source:": sentence("capture.source_view"),
};

const STORES = [
  { host: "chromewebstore.google.com", path: "/" },
  { host: "chrome.google.com", path: "/webstore" },
  { host: "microsoftedge.microsoft.com", path: "/addons" },
];

/** `null` when a tab with this address can be captured; else the reason. */
export function whyNotCapturable(address: string): Sentence | null {
  // A tab that has not navigated yet, or about:blank, can be captured: it will show something.
  if (address === "") return null;
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    return sentence("capture.no_address");
  }
  const reason = REASONS[url.protocol];
  if (reason !== undefined) return reason;
  if (STORES.some(({ host, path }) => url.hostname === host && url.pathname.startsWith(path))) {
    return sentence("capture.store");
  }
  return null;
}
