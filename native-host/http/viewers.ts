// Counts who is watching one stream. Never identifies anybody across streams, and keeps nothing on disk.

/** ms for which somebody who fetched media counts as watching. */
const RECENT = 10_000;
/** Clients remembered at once; above it the oldest is forgotten. */
const MAX_CLIENTS = 10_000;

/** How many watch, by the way in which they do; `unknown`: a player page that hasn't fetched anything yet. */
export type ViewersByWay = Readonly<Record<"hls" | "dash" | "webrtc" | "unknown", number>>;

/** Nobody. */
export const NO_VIEWERS: ViewersByWay = { hls: 0, dash: 0, webrtc: 0, unknown: 0 };

type Fetched = "hls" | "dash" | "unknown";

/**
 * Viewers of one stream: every open player page (it holds an event connection), and every other client, told apart by
 * address and User-Agent, that watches by WebRTC or fetched media within the last 10 s. So two VLCs of the same version on one machine
 * count as one, and another player beside an open player page in the same browser is not counted.
 */
export class Viewers {
  readonly #pages = new Map<string, number>();
  readonly #seen = new Map<string, { readonly at: number; readonly way: Fetched }>();
  readonly #now: () => number;

  /** `now` gives ms of any steady clock. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** A player page of this client opened; gives the function that says it is gone. */
  join(client: string): () => void {
    this.#pages.set(client, (this.#pages.get(client) ?? 0) + 1);
    let open = true;
    return () => {
      if (!open) return;
      open = false;
      const left = (this.#pages.get(client) ?? 1) - 1;
      if (left > 0) this.#pages.set(client, left);
      else this.#pages.delete(client);
      this.#seen.delete(client);
    };
  }

  /** A client fetched media. `way`: by which; `null`: that can't be told from this file. */
  touch(client: string, way: "hls" | "dash" | null = null): void {
    const before = this.#seen.get(client)?.way ?? "unknown";
    this.#seen.delete(client);
    this.#seen.set(client, { at: this.#now(), way: way ?? before });
    if (this.#seen.size <= MAX_CLIENTS) return;
    for (const [oldest] of this.#seen) {
      this.#seen.delete(oldest);
      break;
    }
  }

  /** How many are watching, those by WebRTC too: a client for each; one with a player page open is that page. */
  byWay(webrtc: readonly string[]): ViewersByWay {
    const since = this.#now() - RECENT;
    for (const [client, { at }] of this.#seen) if (at < since) this.#seen.delete(client);
    const connected = new Map<string, number>();
    for (const client of webrtc) connected.set(client, (connected.get(client) ?? 0) + 1);
    const ways = { ...NO_VIEWERS, webrtc: webrtc.length };
    for (const [client, pages] of this.#pages) {
      ways[this.#seen.get(client)?.way ?? "unknown"] += Math.max(0, pages - (connected.get(client) ?? 0));
    }
    for (const [client, { way }] of this.#seen) {
      if (!this.#pages.has(client) && !connected.has(client)) ways[way]++;
    }
    return ways;
  }
}
