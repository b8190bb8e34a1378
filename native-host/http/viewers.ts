// Counts who is watching one stream. Never identifies anybody across streams, and keeps nothing on disk.
import { MediaReader } from "./media-reader.ts";

/** Clients remembered at once; above it the oldest is forgotten. */
const MAX_CLIENTS = 10_000;

/** How many watch, by the way in which they do; `unknown`: a player page that hasn't fetched anything yet. */
export type ViewersByWay = Readonly<Record<"hls" | "dash" | "webrtc" | "unknown", number>>;

/** Nobody. */
export const NO_VIEWERS: ViewersByWay = { hls: 0, dash: 0, webrtc: 0, unknown: 0 };

/** What a {@link Viewers} needs. */
export interface ViewersOptions {
  /** ms for which a client that isn't known well yet may be quiet: as often as players look for something new. */
  readonly patience: number;
  /** Gives ms of any steady clock. */
  readonly now?: () => number;
}

/**
 * Viewers of one stream: every open player page (it holds an event connection), and every other client, told apart by
 * address and User-Agent, that watches by WebRTC or reads media (see {@link MediaReader} for how long). So two VLCs of the same
 * version on one machine count as one, and another player beside an open player page in the same browser is not counted.
 */
export class Viewers {
  readonly #pages = new Map<string, number>();
  readonly #readers = new Map<string, MediaReader>();
  readonly #now: () => number;
  readonly #patience: number;

  constructor({ patience, now = () => performance.now() }: ViewersOptions) {
    this.#patience = patience;
    this.#now = now;
  }

  /** A player page of this client opened; gives the function that says it is gone. */
  join(client: string): () => void {
    this.#pages.set(client, (this.#pages.get(client) ?? 0) + 1);
    return once(() => {
      const left = (this.#pages.get(client) ?? 1) - 1;
      if (left > 0) this.#pages.set(client, left);
      else this.#pages.delete(client);
      this.#readers.delete(client);
    });
  }

  /**
   * A client asks for media; gives the function that says it has been answered, or has gone. `way`: by which; `null`: that
   * can't be told from this file.
   */
  visit(client: string, way: "hls" | "dash" | null = null): () => void {
    const now = this.#now();
    const reader = this.#readers.get(client) ?? new MediaReader(now, this.#patience);
    reader.asks(now);
    reader.way = way ?? reader.way;
    this.#readers.delete(client);
    this.#readers.set(client, reader);
    if (this.#readers.size > MAX_CLIENTS) {
      for (const [oldest] of this.#readers) {
        this.#readers.delete(oldest);
        break;
      }
    }
    return once(() => reader.answered(this.#now()));
  }

  /** How many are watching, those by WebRTC too: a client for each; one with a player page open is that page. */
  byWay(webrtc: readonly string[]): ViewersByWay {
    const now = this.#now();
    for (const [client, reader] of this.#readers) if (reader.gone(now)) this.#readers.delete(client);
    const connected = new Map<string, number>();
    for (const client of webrtc) connected.set(client, (connected.get(client) ?? 0) + 1);
    const ways = { ...NO_VIEWERS, webrtc: webrtc.length };
    for (const [client, pages] of this.#pages) {
      ways[this.#readers.get(client)?.way ?? "unknown"] += Math.max(0, pages - (connected.get(client) ?? 0));
    }
    for (const [client, reader] of this.#readers) {
      if (reader.reads(now) && !this.#pages.has(client) && !connected.has(client)) ways[reader.way]++;
    }
    return ways;
  }
}

function once(act: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    act();
  };
}
