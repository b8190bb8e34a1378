// Which pages Chrome lets an extension capture, by their address, and in words why not the others.

const REASONS: Record<string, string> = {
  "chrome:": "Chrome protects its own pages",
  "chrome-untrusted:": "Chrome protects its own pages",
  "edge:": "Edge protects its own pages",
  "brave:": "Brave protects its own pages",
  "chrome-extension:": "it belongs to an extension",
  "chrome-search:": "Chrome protects its own pages",
  "devtools:": "it is a DevTools window",
  "view-source:": "Chrome protects the view of a page's source",
};

const STORES = [
  { host: "chromewebstore.google.com", path: "/" },
  { host: "chrome.google.com", path: "/webstore" },
  { host: "microsoftedge.microsoft.com", path: "/addons" },
];

/** `null` when a tab with this address can be captured; else the reason, as the end of a sentence. */
export function whyNotCapturable(address: string): string | null {
  // A tab that has not navigated yet, or about:blank, can be captured: it will show something.
  if (address === "") return null;
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    return "it has no address that Chrome could capture";
  }
  const reason = REASONS[url.protocol];
  if (reason !== undefined) return reason;
  if (STORES.some(({ host, path }) => url.hostname === host && url.pathname.startsWith(path))) {
    return "browsers protect their extension stores";
  }
  return null;
}
