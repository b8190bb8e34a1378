// The low-latency HLS reader of the section "still": blocking reload of both playlists, and every part of them.
import { sleep } from "../../protocol/async.ts";
import { blockingUrl, parseMedia, parseMultivariant, partsAfter } from "./playlist.ts";

const TIMEOUT = 10_000;
/** ms before another try after an error. */
const PAUSE = 500;

async function get(url: string): Promise<Buffer> {
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT) });
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}

/** Reads one stream from its live edge on until it is closed. */
export class PartReader {
  readonly #url: string;
  readonly #followers: Promise<void>[] = [];
  #open = true;
  /** Parts that were read. */
  parts = 0;

  constructor(hlsUrl: string) {
    this.#url = hlsUrl;
  }

  /** Begins to read. @throws Error when the multivariant playlist can't be had. */
  async start(): Promise<void> {
    const { video, audio } = parseMultivariant((await get(this.#url)).toString(), this.#url);
    for (const url of audio ? [video, audio] : [video]) this.#followers.push(this.#follow(url));
  }

  /** Stops. Idempotent. */
  async close(): Promise<void> {
    this.#open = false;
    await Promise.all(this.#followers);
  }

  async #follow(url: string): Promise<void> {
    let known: { msn: number; index: number } | null = null;
    while (this.#open) {
      try {
        const text: string = (await get(known ? blockingUrl(url, known, false) : url)).toString();
        const { parts, ended } = parseMedia(text, url);
        for (const part of known ? partsAfter(parts, known) : parts.slice(-1)) {
          await get(part.url);
          known = part;
          this.parts++;
        }
        if (ended) return;
      } catch {
        await sleep(PAUSE);
      }
    }
  }
}
