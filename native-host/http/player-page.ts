// The player page and its assets, out of the folder that the build makes, and of nothing outside of it.
import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import type { Logger } from "@logtape/logtape";
import { type HttpResponse, NO_STORE, NOT_FOUND, textResponse } from "./response.ts";

const TYPES: Readonly<Record<string, string>> = {
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
  ".json": "application/json",
  ".map": "application/json",
};

/** Nothing from outside, no inline script; hls.js needs blob: for its worker and for the media source. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "media-src 'self' blob:",
  "connect-src 'self'",
  "worker-src 'self' blob:",
  "base-uri 'none'",
  "form-action 'none'",
];

/** The player is shown inside any page that is secure itself, and in those of this computer: it shows nothing but the stream. */
const PLAYER_POLICY = [
  ...CONTENT_SECURITY_POLICY,
  "frame-ancestors 'self' https: http://localhost:* http://127.0.0.1:*",
].join("; ");
const WALL_POLICY = [...CONTENT_SECURITY_POLICY, "frame-ancestors 'none'"].join("; ");

/** Where the page's files are, as seen from where it is shown. */
export const PLAYER_FILES = { from_stream: "../../../", from_root: "./", from_wall: "../../" } as const;

const PAGE_HEADERS = {
  "Content-Type": "text/html; charset=utf-8",
  // The URL holds the token.
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Opener-Policy": "same-origin",
  ...NO_STORE,
};

const NO_STREAM_HTML = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>No stream at this link</title>
<style>
:root { color-scheme: light dark; color: light-dark(#191b1e, #eceded); background: light-dark(#f7f7f5, #131416) }
body { display: grid; place-content: center; min-height: 100vh; margin: 0; padding: 1.5rem; box-sizing: border-box; text-align: center;
  font: 16px/1.5 Inter, "Segoe UI", system-ui, -apple-system, "DejaVu Sans", sans-serif }
h1 { margin: 0 0 .5rem; font-size: 1.4rem; font-weight: 600 }
p { max-width: 26rem; margin: 0; color: light-dark(#565a61, #a3a9b1) }
</style>
<main>
<h1>No stream at this link</h1>
<p>The stream has ended, or the link isn't complete. Ask whoever sent it to you for a new one.</p>
</main>
</html>
`;

/** What somebody who opens the player sees where there is no stream, or the token is wrong: byte for byte the same. */
export const NO_STREAM_PAGE: HttpResponse = {
  status: 404,
  headers: {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
    ...NO_STORE,
  },
  body: [Buffer.from(NO_STREAM_HTML)],
};

/** The page with the paths of its files as seen from where it is shown: a proxy may serve it under a prefix. */
function withFilesAt(page: Uint8Array, up: string, head = ""): Buffer {
  const html = Buffer.from(page).toString("utf8").replaceAll('"./assets/', `"${up}assets/`);
  return Buffer.from(html.replace("</head>", () => `${head}\n</head>`));
}

/** The files of the player. */
export class PlayerPage {
  readonly #directory: string;
  readonly #log: Logger;

  constructor(directory: string, log: Logger) {
    this.#directory = directory;
    this.#log = log;
  }

  /** The page itself, its files named as they are seen from /s/<stream_id>/<view_token>/player; 503 with what to do when it was never built. */
  async page(head: string): Promise<HttpResponse> {
    const body = await this.#read("index.html");
    const headers = { ...PAGE_HEADERS, "Content-Security-Policy": PLAYER_POLICY };
    if (body) return { status: 200, headers, body: [withFilesAt(body, PLAYER_FILES.from_stream, head)] };
    this.#log.error("There is no player page in {directory}: run `npm run build`.", { directory: this.#directory });
    return textResponse(
      503,
      "The player page was not built. Run `npm run build`; the stream itself plays in VLC at index.m3u8.",
    );
  }

  /** The page of all streams. `up`: where its files are. */
  async wall(up: string): Promise<HttpResponse> {
    const body = await this.#read("wall.html");
    const headers = { ...PAGE_HEADERS, "Content-Security-Policy": WALL_POLICY };
    return body ? { status: 200, headers, body: [withFilesAt(body, up)] } : NOT_FOUND;
  }

  /** A file of `assets/`; their names hold a hash of their content. */
  async asset(name: string): Promise<HttpResponse> {
    const type = TYPES[extname(name)];
    const body = type && /^[\w-][\w.-]*$/.test(name) ? await this.#read("assets", name) : null;
    if (!type || !body) return NOT_FOUND;
    return {
      status: 200,
      headers: { "Content-Type": type, "Cache-Control": "public, max-age=31536000, immutable" },
      body: [body],
    };
  }

  async #read(...path: string[]): Promise<Uint8Array | null> {
    try {
      return await readFile(join(this.#directory, ...path));
    } catch {
      return null; // no such file: what to say is up to the caller
    }
  }
}
