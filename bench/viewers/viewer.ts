// One simulated viewer of one rendition: blocking reload, then each new part, as hls.js does, without decoding.
import { type MediaPlaylist, type Part, partsAfter } from "../hls/playlist.ts";
import type { Connection } from "./connection.ts";
import type { Ledger } from "./ledger.ts";
import type { PlaylistReader } from "./playlist-reader.ts";

/** What a viewer counts. */
export interface Tally {
  requests: number;
  errors: number;
  /** The first of the errors, in words. */
  error: string | null;
}

/** Takes each part as it comes. */
export type PartSink = (part: Part, body: Buffer, playlist: Buffer) => void;

/** Paths by address: all viewers of a process ask for the same. */
const paths = new Map<string, string>();
const MOST_PATHS = 1_000;

function pathOf(url: string): string {
  const known = paths.get(url);
  if (known !== undefined) return known;
  const { pathname, search } = new URL(url);
  if (paths.size >= MOST_PATHS) paths.clear();
  paths.set(url, pathname + search);
  return pathname + search;
}

/** The path of a blocking reload that waits for the part after `known` (RFC 8216bis, 6.2.5.2). */
function blockingPath(playlist: string, known: { msn: number; index: number }, skip: boolean): string {
  const path = pathOf(playlist);
  // One past the last part of a finished segment means the first part of the next one.
  const next = `_HLS_msn=${known.msn}&_HLS_part=${known.index + 1}${skip ? "&_HLS_skip=YES" : ""}`;
  return `${path}${path.includes("?") ? "&" : "?"}${next}`;
}

/** Follows a media playlist until `until` (ms, performance.now()). What happens before `countFrom` isn't counted. */
export class LiveViewer {
  readonly #playlistUrl: string;
  readonly #connection: Connection;
  readonly #playlists: PlaylistReader;
  readonly #ledger: Ledger;
  readonly #tally: Tally;
  readonly #sink: PartSink | null;

  constructor(
    playlistUrl: string,
    connection: Connection,
    playlists: PlaylistReader,
    ledger: Ledger,
    tally: Tally,
    sink: PartSink | null = null,
  ) {
    this.#playlistUrl = playlistUrl;
    this.#connection = connection;
    this.#playlists = playlists;
    this.#ledger = ledger;
    this.#tally = tally;
    this.#sink = sink;
  }

  async run(countFrom: number, until: number): Promise<void> {
    let known: { msn: number; index: number } | null = null;
    let base: { can_skip: boolean; part_target: number; hold_back: number } | null = null;
    while (performance.now() < until) {
      try {
        const path: string = known
          ? blockingPath(this.#playlistUrl, known, base?.can_skip ?? false)
          : pathOf(this.#playlistUrl);
        const body = await this.#get(path);
        const playlist = this.#playlists.read(body, this.#playlistUrl);
        base ??= this.#baseOf(playlist);
        const now = performance.now();
        const fresh: Part[] = known ? partsAfter(playlist.parts, known) : playlist.parts.slice(-1);
        for (const part of fresh)
          if (now >= countFrom) this.#ledger.announce(this.#playlistUrl, part.url, part.duration, now);
        for (const part of fresh) {
          known = part;
          await this.#take(part, base, body, now >= countFrom);
        }
        if (playlist.ended) throw new Error("the stream ended");
      } catch (error) {
        this.#tally.errors++;
        this.#tally.error ??= error instanceof Error ? error.message : String(error);
        return; // its connection is gone: the viewer has left
      }
    }
  }

  #baseOf(playlist: MediaPlaylist) {
    const { part_target, part_hold_back, can_block, can_skip } = playlist;
    if (part_target === null || !can_block) throw new Error("the playlist is not a low-latency one");
    return { can_skip, part_target, hold_back: part_hold_back ?? part_target * 3 };
  }

  async #take(
    part: Part,
    base: { part_target: number; hold_back: number },
    playlist: Buffer,
    counts: boolean,
  ): Promise<void> {
    try {
      const body = await this.#get(pathOf(part.url));
      if (counts) this.#ledger.arrive(part.url, { ...base, duration: part.duration }, performance.now());
      this.#sink?.(part, body, playlist);
    } catch (error) {
      if (counts) this.#ledger.lose();
      throw error;
    }
  }

  async #get(path: string): Promise<Buffer> {
    this.#tally.requests++;
    const { status, body } = await this.#connection.get(path);
    if (status !== 200) throw new Error(`${status} for ${path}`);
    return body;
  }
}
