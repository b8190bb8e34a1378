// The plain HTTP reader of the cost section: polls the playlists, fetches every segment of video and sound (no parts, no blocking
// reload), and writes the video to a file.
import { once } from "node:events";
import { createWriteStream, type WriteStream } from "node:fs";
import { sleep } from "../../protocol/async.ts";
import { type MediaPlaylist, parseMedia, parseMultivariant } from "./playlist.ts";

const TIMEOUT = 10_000;

async function get(url: string): Promise<Buffer> {
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT) });
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}

/** Reads one HLS stream from its live edge on until it is closed. */
export class PlainReader {
  readonly #url: string;
  readonly #file: WriteStream;
  readonly #followers: Promise<void>[] = [];
  #open = true;
  /** What went wrong, newest last; at most 20 are kept. */
  readonly errors: string[] = [];

  constructor(hlsUrl: string, file: string) {
    this.#url = hlsUrl;
    this.#file = createWriteStream(file);
  }

  /** Begins to read. @throws Error when the multivariant playlist can't be had. */
  async start(): Promise<void> {
    const { video, audio } = parseMultivariant((await get(this.#url)).toString(), this.#url);
    this.#followers.push(this.#follow(video, (data) => this.#file.write(data)));
    if (audio) this.#followers.push(this.#follow(audio, () => true));
  }

  /** Stops and closes the file. Idempotent. */
  async close(): Promise<void> {
    this.#open = false;
    if (this.#file.closed) return;
    await Promise.all(this.#followers);
    this.#file.end();
    await once(this.#file, "close");
  }

  async #follow(url: string, take: (data: Buffer) => boolean): Promise<void> {
    let last = -1;
    let init: string | null = null;
    while (this.#open) {
      let playlist: MediaPlaylist | null = null;
      try {
        playlist = parseMedia((await get(url)).toString(), url);
        if (playlist.init !== null && playlist.init !== init) {
          init = playlist.init;
          take(await get(init));
        }
        for (const segment of playlist.segments.filter(({ msn }) => msn > last).slice(last < 0 ? -1 : 0)) {
          take(await get(segment.url));
          last = segment.msn;
        }
      } catch (error) {
        if (this.errors.length < 20) this.errors.push(error instanceof Error ? error.message : String(error));
      }
      if (playlist?.ended) return;
      await sleep(((playlist?.target_duration ?? 1) * 1000) / 2);
    }
  }
}
