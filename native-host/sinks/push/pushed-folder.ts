// The files of one stream in a store: puts segments before the playlists that name them, the multivariant playlist last, and removes
// what has left the playlists.

import { renderMultivariant } from "../../packager/hls-multivariant.ts";
import { MULTIVARIANT, playlistName } from "../../packager/hls-names.ts";
import type { Packager } from "../../packager/packager.ts";
import type { SegmentGroup } from "./group-queue.ts";
import type { ObjectStore, StoredFile } from "./object-store.ts";
import { type PlaylistKind, type PushedGroup, pushedSegment, readPushed, renderPushed } from "./pushed-list.ts";

/** s of media that the playlists list. */
const LISTED = 30;
/** s for which a segment stays after it has left them: a player may have an old one (RFC 8216, 6.2.2). */
const LINGERS = 30;
/** ms between two changes of the multivariant playlist, and two safe copies of all that is kept. */
const RARELY = 30_000;
/** Files that are removed at a time. */
const REMOVED_AT_ONCE = 8;

/** A name always means the same bytes. */
const FOREVER = "public, max-age=31536000, immutable";
/** As long as a playlist is right: half of what comes next. */
const SHORTLY = "public, max-age=1";
const PLAYLIST = "application/vnd.apple.mpegurl";

/** Name of the safe copy of all that is kept of a rendition, for a host that takes over. */
const keptName = (id: string) => `all-${playlistName(id)}`;

/** The files of one stream. */
export class PushedFolder {
  readonly #store: ObjectStore;
  readonly #packager: Packager;
  readonly #keep: boolean;
  /** Listed, and those that linger or are kept, oldest first. */
  #groups: PushedGroup[] = [];
  readonly #inits = new Set<string>();
  #listedFrom = 0;
  #bytes = 0;
  #multivariant: { text: string; at: number } | null = null;
  #safeAt = performance.now();
  /** Names of segments that are to be removed. */
  #leaving: string[] = [];
  #removing: Promise<void> | null = null;
  #ended = false;

  constructor(store: ObjectStore, packager: Packager, keep: boolean) {
    this.#store = store;
    this.#packager = packager;
    this.#keep = keep;
  }

  /** Bytes that were put. */
  get bytes_sent(): number {
    return this.#bytes;
  }

  /** A viewer finds all that it needs. */
  get complete(): boolean {
    return this.#multivariant !== null;
  }

  /** Its playlists are there, and say that more comes. */
  get open(): boolean {
    return !this.#ended && this.#multivariant !== null;
  }

  /** Goes on with what another host has left. @throws FlyBrowserError `destination_unreachable` */
  async recall(): Promise<void> {
    const texts = new Map<string, string>();
    for (const id of ["video", "audio"]) {
      const kept = this.#keep ? await this.#store.read(keptName(id)) : null;
      const listed = await this.#store.read(playlistName(id));
      const groups = [kept, listed].flatMap((text) => (text === null ? [] : [text]));
      if (groups.length > 0) texts.set(id, groups.join("\n"));
    }
    this.#groups = readPushed(texts);
    this.#relist();
  }

  /** Puts segments, and the init segments that they need. @throws FlyBrowserError as `ObjectStore.put` */
  async add(groups: readonly SegmentGroup[]): Promise<void> {
    const files: StoredFile[] = [];
    const inits = new Set<string>();
    for (const { segments } of groups) {
      for (const [id, segment] of segments) {
        const store = this.#packager.find(id);
        const type = store?.rendition.type === "audio" ? "audio/mp4" : "video/mp4";
        const { name, init, gap } = pushedSegment(id, segment);
        const data = store?.initOf(segment.run)?.data;
        if (data && !this.#inits.has(init) && !inits.has(init)) {
          inits.add(init);
          files.push({ name: init, body: data, type, cache: FOREVER });
        }
        if (!gap) {
          const body = Buffer.concat(segment.parts.map((part) => part.data));
          files.push({ name, body, type, cache: FOREVER });
        }
      }
    }
    await Promise.all(files.map((file) => this.#put(file)));
    for (const init of inits) this.#inits.add(init);
    for (const group of groups) this.#list(group);
    this.#relist();
  }

  /** Puts the playlists, the multivariant one last and when it has changed; then removes what has left them. */
  async publish(): Promise<void> {
    await this.#putPlaylists("live");
    const now = performance.now();
    if (this.#keep && now - this.#safeAt > RARELY) {
      this.#safeAt = now;
      await this.#each((id) => this.#playlist(keptName(id), id, this.#groups, "ended"));
    }
    if (!this.#multivariant || now - this.#multivariant.at > RARELY) await this.#putMultivariant();
    this.#remove();
  }

  /** The playlists say that this was all; of what is kept they list all. Idempotent. */
  async end(): Promise<void> {
    if (this.#ended) return;
    await this.#putPlaylists(this.#keep ? "on_demand" : "ended");
    await this.#putMultivariant();
    this.#ended = true;
    if (this.#keep) await this.#each((id) => this.#store.remove(keptName(id)));
    this.#remove();
    await this.#removing;
  }

  #list({ msn, segments, after_loss }: SegmentGroup): void {
    const last = this.#groups.at(-1);
    const [first] = segments.values();
    if (!first) return;
    const pushed = new Map([...segments].map(([id, segment]) => [id, pushedSegment(id, segment)]));
    const before = last?.discontinuities ?? 0;
    this.#groups.push({
      msn,
      number: last ? last.number + 1 : msn,
      // The first one of a host that has taken over has another host's before it.
      discontinuity: last !== undefined && (after_loss || first.discontinuity || msn !== last.msn + 1),
      discontinuities: last?.discontinuity ? before + 1 : before,
      date: new Date(this.#packager.started_at + first.start + first.wall_ahead).toISOString(),
      segments: pushed,
    });
  }

  /** Which ones are listed, which ones linger, which ones go. */
  #relist(): void {
    let seconds = 0;
    let at = this.#groups.length;
    while (at > 0 && seconds < LISTED) seconds += lengthOf(this.#groups[--at]);
    this.#listedFrom = at;
    if (this.#keep) return;
    let linger = 0;
    while (at > 0 && linger < LINGERS) linger += lengthOf(this.#groups[--at]);
    const gone = this.#groups.splice(0, at);
    this.#listedFrom -= at;
    this.#leaving.push(...gone.flatMap(({ segments }) => [...segments.values()].map(({ name }) => name)));
  }

  async #putPlaylists(kind: PlaylistKind): Promise<void> {
    const groups = kind === "on_demand" ? this.#groups : this.#groups.slice(this.#listedFrom);
    await this.#each((id) => this.#playlist(playlistName(id), id, groups, kind));
  }

  async #putMultivariant(): Promise<void> {
    const text = renderMultivariant(this.#packager);
    if (text === null) return;
    if (text !== this.#multivariant?.text) {
      await this.#put({ name: MULTIVARIANT, body: Buffer.from(text), type: PLAYLIST, cache: SHORTLY });
    }
    this.#multivariant = { text, at: performance.now() };
  }

  async #playlist(name: string, id: string, groups: readonly PushedGroup[], kind: PlaylistKind): Promise<void> {
    const body = Buffer.from(renderPushed(id, groups, this.#packager.target_duration, kind));
    const over = kind === "on_demand" ? FOREVER.replace(", immutable", "") : SHORTLY;
    await this.#put({ name, body, type: PLAYLIST, cache: over });
  }

  async #each(work: (id: string) => Promise<void>): Promise<void> {
    await Promise.all(this.#packager.renditions.map(({ id }) => work(id)));
  }

  async #put(file: StoredFile): Promise<void> {
    await this.#store.put(file);
    this.#bytes += file.body.length;
  }

  /** One after another, beside what is put; what can't be removed now is tried again with the next. */
  #remove(): void {
    if (this.#leaving.length === 0) return;
    this.#removing ??= this.#removeSome().finally(() => {
      this.#removing = null;
    });
  }

  async #removeSome(): Promise<void> {
    const names = this.#leaving.splice(0, REMOVED_AT_ONCE);
    const results = await Promise.allSettled(names.map((name) => this.#store.remove(name)));
    this.#leaving.push(...names.filter((_, index) => results[index]?.status === "rejected"));
    this.#leaving.splice(0, Math.max(0, this.#leaving.length - MOST_LEAVING));
  }
}

/** Names that may wait to be removed. */
const MOST_LEAVING = 4_096;

/** s */
function lengthOf(group: PushedGroup | undefined): number {
  return Math.max(0, ...[...(group?.segments.values() ?? [])].map(({ duration }) => duration));
}
