// Counts who is watching one stream. Never identifies anybody across streams, and keeps nothing on disk.

/** ms for which somebody who fetched media counts as watching. */
const RECENT = 10_000;
/** Clients remembered at once; above it the oldest is forgotten. */
const MAX_CLIENTS = 10_000;

/**
 * Viewers of one stream: every open player page (it holds an event connection), and every other client, told apart by
 * address and User-Agent, that watches by WebRTC or fetched media within the last 10 s. So two VLCs of the same version on one machine
 * count as one, and another player beside an open player page in the same browser is not counted.
 */
export class Viewers {
  readonly #pages = new Map<string, number>();
  readonly #seen = new Map<string, number>();
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

  /** A client fetched media. */
  touch(client: string): void {
    this.#seen.delete(client);
    this.#seen.set(client, this.#now());
    if (this.#seen.size <= MAX_CLIENTS) return;
    for (const [oldest] of this.#seen) {
      this.#seen.delete(oldest);
      break;
    }
  }

  /** How many are watching. */
  get count(): number {
    return this.countWith([]);
  }

  /** The same with those who watch by WebRTC, a client for each; one with a player page open is that page. */
  countWith(webrtc: readonly string[]): number {
    const since = this.#now() - RECENT;
    const held = new Map<string, number>();
    for (const client of webrtc) held.set(client, (held.get(client) ?? 0) + 1);
    for (const [client, pages] of this.#pages) held.set(client, Math.max(pages, held.get(client) ?? 0));
    let count = 0;
    for (const connections of held.values()) count += connections;
    for (const [client, at] of this.#seen) {
      if (at < since) this.#seen.delete(client);
      else if (!held.has(client)) count++;
    }
    return count;
  }
}
