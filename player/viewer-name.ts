// The name by which the host counts people and not windows: random, of one stream, kept in this browser.
import { VIEWER } from "../protocol/player-messages.ts";

/** The address with the viewer's name in it. `base`: the folder of the stream, `/s/<stream_id>/<view_token>/`. */
export function withViewer(address: string | URL, base: URL): URL {
  const url = new URL(address, base);
  url.searchParams.set(VIEWER, viewerName(base));
  return url;
}

/** Where nothing can be kept (a frame of another site, a private window), the name is this page's. */
let unkept: string | null = null;

function viewerName(base: URL): string {
  const key = `${VIEWER} of ${base.pathname.split("/").at(-3) ?? ""}`; // not the token: nothing else on this origin is to find it
  try {
    const kept = localStorage.getItem(key) ?? randomName();
    localStorage.setItem(key, kept);
    return kept;
  } catch {
    unkept ??= randomName();
    return unkept;
  }
}

/** Not `randomUUID`, which plain HTTP on a local network doesn't have. */
function randomName(): string {
  return [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
