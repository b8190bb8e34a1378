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
  "frame-ancestors 'self'",
].join("; ");

const PAGE_HEADERS = {
  "Content-Type": "text/html; charset=utf-8",
  "Content-Security-Policy": CONTENT_SECURITY_POLICY,
  // The URL holds the token.
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Opener-Policy": "same-origin",
  ...NO_STORE,
};

/** The files of the player. */
export class PlayerPage {
  readonly #directory: string;
  readonly #log: Logger;

  constructor(directory: string, log: Logger) {
    this.#directory = directory;
    this.#log = log;
  }

  /** The page itself; 503 with what to do when it was never built. */
  async page(): Promise<HttpResponse> {
    const body = await this.#read("index.html");
    if (body) return { status: 200, headers: PAGE_HEADERS, body: [body] };
    this.#log.error("There is no player page in {directory}: run `npm run build`.", { directory: this.#directory });
    return textResponse(
      503,
      "The player page was not built. Run `npm run build`; the stream itself plays in VLC at index.m3u8.",
    );
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
