// Counts who is watching one stream by one link. Nobody is told apart across streams, and nothing is kept on disk.

/** Clients remembered at once; above that the oldest is forgotten. */
const MAX_CLIENTS = 10_000;
/** ms: a client is known well enough, by the pauses between its requests, once it has been here that long. */
const KNOWN_AFTER = 10_000;
/** A client has left when it is quiet for so many times the longest of its recent pauses… */
const PAUSES = 1.25;
/** …but not before that many ms, and after that many in any case. */
const LEAST_PATIENCE = 1_500;
const MOST_PATIENCE = 10_000;

/** How many watch, by protocol; `unknown`: a player page that hasn't fetched anything yet. */
export type ViewerCounts = Readonly<Record<"hls" | "dash" | "webrtc" | "live" | "unknown", number>>;

/** Nobody. */
export const NO_VIEWERS: ViewerCounts = { hls: 0, dash: 0, webrtc: 0, live: 0, unknown: 0 };

/** Those of two links together. */
export function sumOf(one: ViewerCounts, two: ViewerCounts): ViewerCounts {
  const [hls, dash, webrtc] = [one.hls + two.hls, one.dash + two.dash, one.webrtc + two.webrtc];
  return { hls, dash, webrtc, live: one.live + two.live, unknown: one.unknown + two.unknown };
}

/** All of them. */
export function totalOf(counts: ViewerCounts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** What a {@link Viewers} needs. */
export interface ViewersOptions {
  /** ms for which a client that isn't known well yet may be quiet: as often as players look for something new. */
  readonly patience: number;
  /** ms of any steady clock. */
  readonly now?: () => number;
}

/** What follows the client in the id of somebody whose player says who it is: see {@link personOf}. */
const PERSON = "\n";

/** The id of a viewer: what its client is told apart by, and what its player calls the person, if it does. */
export function personOf(client: string, person: string | undefined): string {
  return person !== undefined && /^[\w-]{8,64}$/.test(person) ? `${client}${PERSON}${person}` : client;
}

const clientIn = (id: string): string => id.split(PERSON, 1)[0] ?? id;

/**
 * Viewers by one link of a stream: people, not sockets. Our player says which browser it is (a random name, kept there), so that two windows are
 * one viewer, and two people of one house are two. Every other client is told apart by address and User-Agent, however many connections
 * it has: it watches while a player page is open (an event connection), by WebRTC, or while it fetches media (see {@link Client} for how
 * long). So two VLCs of the same version on one machine count as one, and another player beside an open player page in the same browser
 * is not counted.
 */
export class Viewers {
  readonly #pages = new Map<string, number>();
  readonly #clients = new Map<string, Client>();
  readonly #now: () => number;
  readonly #patience: number;

  constructor({ patience, now = () => performance.now() }: ViewersOptions) {
    this.#patience = patience;
    this.#now = now;
  }

  /** A player page has opened; gives the function that says it is gone. `id`: see {@link personOf}. */
  join(id: string): () => void {
    this.#pages.set(id, (this.#pages.get(id) ?? 0) + 1);
    return once(() => {
      const left = (this.#pages.get(id) ?? 1) - 1;
      if (left > 0) this.#pages.set(id, left);
      else this.#pages.delete(id);
      this.#clients.delete(clientIn(id));
    });
  }

  /**
   * A client asks for media; gives the function that says it has its response, or has gone. `protocol`: `null` where the file
   * doesn't tell.
   */
  visit(id: string, protocol: "hls" | "dash" | null = null): () => void {
    const now = this.#now();
    const client = this.#clients.get(id) ?? new Client(now, this.#patience);
    client.begin(now);
    client.protocol = protocol ?? client.protocol;
    this.#clients.delete(id);
    this.#clients.set(id, client);
    const [oldest] = this.#clients.keys();
    if (this.#clients.size > MAX_CLIENTS && oldest !== undefined) this.#clients.delete(oldest);
    return once(() => client.finish(this.#now()));
  }

  /** How many are watching. `webrtc`, `live`: the id of each viewer by WebRTC or the live engine; one with a player page open is that page. */
  count(webrtc: readonly string[], live: readonly string[] = []): ViewerCounts {
    const now = this.#now();
    for (const [id, client] of this.#clients) if (client.isForgotten(now)) this.#clients.delete(id);
    const byWebRtc = new Set(webrtc);
    const byLive = new Set(live.filter((id) => !byWebRtc.has(id)));
    const connected = new Set([...byWebRtc, ...byLive]);
    const counts = { ...NO_VIEWERS, webrtc: byWebRtc.size, live: byLive.size };
    for (const id of this.#pages.keys()) {
      if (!connected.has(id)) counts[this.#clients.get(clientIn(id))?.protocol ?? "unknown"]++;
    }
    const seen = new Set([...connected, ...this.#pages.keys()].map(clientIn));
    for (const [id, client] of this.#clients) {
      if (client.isWatching(now) && !seen.has(id)) counts[client.protocol]++;
    }
    return counts;
  }
}

/** One client that fetches media: whether it is still there, by how long it usually pauses. All times in ms of one clock. */
class Client {
  protocol: "hls" | "dash" | "unknown" = "unknown";
  readonly #since: number;
  /** For which it may be quiet while it isn't known well yet. */
  readonly #patience: number;
  /** Requests under way. */
  #open = 0;
  /** When the last response ended. */
  #quietSince: number;
  /** The longest pause of this stretch of {@link KNOWN_AFTER}, and of the one before it. */
  #pause = 0;
  #pauseBefore = 0;
  #stretchEnds = 0;

  constructor(now: number, patience: number) {
    this.#since = now;
    this.#quietSince = now;
    this.#patience = patience;
  }

  /** A request begins. */
  begin(now: number): void {
    if (this.#open++ > 0) return;
    if (now > this.#stretchEnds) {
      this.#pauseBefore = this.#pause;
      this.#pause = 0;
      this.#stretchEnds = now + KNOWN_AFTER;
    }
    this.#pause = Math.max(this.#pause, now - this.#quietSince);
  }

  /** A request has its response, or was given up. */
  finish(now: number): void {
    this.#open--;
    this.#quietSince = now;
  }

  /** A request is under way, or the last one has ended not much longer ago than it usually pauses. */
  isWatching(now: number): boolean {
    const usual = PAUSES * Math.max(this.#pause, this.#pauseBefore);
    const least = now - this.#since < KNOWN_AFTER ? this.#patience : LEAST_PATIENCE;
    return this.#quiet(now) <= Math.min(MOST_PATIENCE, Math.max(least, usual));
  }

  /** It has been away for so long that it is of no use to remember it. */
  isForgotten(now: number): boolean {
    return this.#quiet(now) > MOST_PATIENCE;
  }

  #quiet(now: number): number {
    return this.#open > 0 ? 0 : now - this.#quietSince;
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
