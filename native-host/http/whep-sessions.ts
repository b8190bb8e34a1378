// The viewers by WebRTC of all streams: who is there, how many there may be. Their connections live in the extension, which tells
// who came and went; so viewers outlive this host, and their ids with them.
import { createHash, randomBytes } from "node:crypto";
import { FlyBrowserError } from "../../protocol/errors.ts";
import type { Candidate, IceServer, Viewer } from "../../protocol/native-messages.ts";
import { partLogger } from "../logging.ts";
import type { Asked } from "./open-responses.ts";
import { ufragOf } from "./whep-sdp.ts";
import type { WhepSettings } from "./whep-settings.ts";

/** What the extension does for viewers. */
export interface ViewerBackend {
  /** Resolves when a viewer can be opened; gives whether it will share the encoder of the others. */
  ready(stream_id: string): Promise<boolean>;
  openViewer(params: {
    stream_id: string;
    viewer: Viewer;
    offer: string;
    ice_servers: IceServer[];
    address?: string | undefined;
  }): Promise<{ answer: string }>;
  addViewerCandidates(params: { stream_id: string; viewer_id: string; candidates: Candidate[] }): Promise<object>;
  closeViewer(params: { stream_id: string; viewer_id: string }): Promise<object>;
}

/** A viewer that was let in. */
export interface OpenedViewer {
  readonly viewer_id: string;
  readonly answer: string;
  /** Names its ICE session: changes with the connection, never during it. */
  readonly tag: string;
}

const log = partLogger("whep");

/** The viewers by WebRTC. */
export class WhepSessions {
  readonly settings: WhepSettings;
  readonly #backend: ViewerBackend;
  /** By stream, then by viewer; as the extension told last. */
  readonly #viewers = new Map<string, ReadonlyMap<string, Viewer>>();
  /** Let in, but not yet told by the extension. */
  readonly #coming = new Map<string, { stream_id: string; viewer: Viewer }>();
  /** ETag, and ICE user name of the viewer's side, of those that this host let in. */
  readonly #ice = new Map<string, { readonly tag: string; readonly ufrag: string | null }>();

  constructor(backend: ViewerBackend, settings: WhepSettings) {
    this.#backend = backend;
    this.settings = settings;
  }

  /** Whether there is viewing by WebRTC at all. */
  get offered(): boolean {
    return this.settings.limits.shared > 0;
  }

  /** The extension tells who watches a stream. */
  changed(stream_id: string, viewers: readonly Viewer[]): void {
    const before = this.#viewers.get(stream_id);
    const now = new Map(viewers.map((viewer) => [viewer.viewer_id, viewer]));
    for (const id of now.keys()) this.#coming.delete(id);
    for (const id of before?.keys() ?? []) if (!now.has(id)) this.#ice.delete(id);
    if (now.size > 0) this.#viewers.set(stream_id, now);
    else this.#viewers.delete(stream_id);
    log.info("{stream_id} has {count} viewers by WebRTC", { stream_id, count: now.size });
  }

  /** The client of each viewer of a stream (see `watcherOf`). */
  clients(stream_id: string): string[] {
    return this.#all(stream_id).map(({ client }) => client);
  }

  /** The same by the id of their link; those that a host of another version let in under "". */
  clientsByLink(stream_id: string): Map<string, string[]> {
    const byLink = new Map<string, string[]>();
    for (const { link_id = "", client } of this.#all(stream_id)) {
      byLink.set(link_id, [...(byLink.get(link_id) ?? []), client]);
    }
    return byLink;
  }

  /** Ends the viewers of a stream of which `isOver` says so. */
  end(stream_id: string, isOver: (asked: Asked) => boolean): void {
    for (const { viewer_id, link_id = "", from = "this-computer" } of this.#all(stream_id)) {
      if (isOver({ link_id, from })) void this.close(stream_id, viewer_id);
    }
  }

  #all(stream_id: string): Viewer[] {
    const coming = [...this.#coming.values()].filter((one) => one.stream_id === stream_id);
    return [...coming.map(({ viewer }) => viewer), ...(this.#viewers.get(stream_id)?.values() ?? [])];
  }

  /** Whether the stream has this viewer. */
  has(stream_id: string, viewer_id: string): boolean {
    return this.#viewers.get(stream_id)?.has(viewer_id) === true;
  }

  /**
   * Lets a viewer in, who came by a link and a way. `address`: the one of this machine that it came to. `streams`: the ids of all that
   * can be watched.
   * @throws FlyBrowserError `viewers_full`, `webrtc_offer_invalid`, `no_active_stream`; `timeout`, `host_lost`
   */
  async open(
    stream_id: string,
    { client, address, ...asked }: Asked & { readonly client: string; readonly address?: string | undefined },
    offer: string,
    streams: readonly string[] = [],
  ): Promise<OpenedViewer> {
    const { limits, ice_servers } = this.settings;
    this.#assertPlace(stream_id, limits.shared, streams);
    const shared = await this.#backend.ready(stream_id);
    this.#assertPlace(stream_id, shared ? limits.shared : limits.own, streams); // others may have come meanwhile
    const viewer = { viewer_id: `viewer_${randomBytes(18).toString("base64url")}`, client, ...asked };
    const { viewer_id } = viewer;
    this.#coming.set(viewer_id, { stream_id, viewer });
    try {
      const { answer } = await this.#backend.openViewer({
        ...{ stream_id, viewer, offer, ice_servers: [...ice_servers] },
        ...(address === undefined || ice_servers.length > 0 ? {} : { address }),
      });
      const tag = createHash("sha256").update(answer).digest("base64url").slice(0, 22);
      if (this.has(stream_id, viewer_id)) this.#ice.set(viewer_id, { tag, ufrag: ufragOf(offer) });
      return { viewer_id, answer, tag };
    } catch (error) {
      // It may have been let in all the same, when only the answer was late.
      void this.close(stream_id, viewer_id);
      throw error;
    } finally {
      this.#coming.delete(viewer_id);
    }
  }

  /** A stream that has viewers leaves a place to each that has none. @throws FlyBrowserError `viewers_full` */
  #assertPlace(stream_id: string, limit: number, streams: readonly string[]): void {
    const without = streams.filter((id) => id !== stream_id && this.#all(id).length === 0).length;
    const kept = this.#all(stream_id).length > 0 ? without : 0;
    if (this.#count + kept >= limit) throw new FlyBrowserError("viewers_full", { limit });
  }

  /** Whether `ufrag` begins another ICE session than the viewer's: a restart. */
  restarts(viewer_id: string, ufrag: string | null): boolean {
    const known = this.#ice.get(viewer_id)?.ufrag ?? null;
    return known !== null && ufrag !== null && known !== ufrag;
  }

  /**
   * Whether `tags`, the value of If-Match, fits the viewer's ICE session. That of a viewer from before this host isn't known: all
   * fit. The draft's own example of a restart has the asterisk in quotes.
   */
  matches(viewer_id: string, tags: string): boolean {
    const tag = this.#ice.get(viewer_id)?.tag;
    return (
      tag === undefined || /^\s*(?:\*|"\*")\s*$/.test(tags) || tags.split(",").some((one) => one.trim() === `"${tag}"`)
    );
  }

  /** Hands on candidates. @throws FlyBrowserError `timeout`, `host_lost` */
  async addCandidates(stream_id: string, viewer_id: string, candidates: readonly Candidate[]): Promise<void> {
    await this.#backend.addViewerCandidates({ stream_id, viewer_id, candidates: [...candidates] });
  }

  /** Ends a viewer; the extension tells when it is gone. Idempotent. */
  async close(stream_id: string, viewer_id: string): Promise<void> {
    await this.#backend.closeViewer({ stream_id, viewer_id }).catch((error: unknown) => {
      log.warning("a viewer could not be ended, its connection ends by itself: {error}", { error });
    });
  }

  get #count(): number {
    let count = this.#coming.size;
    for (const viewers of this.#viewers.values()) count += viewers.size;
    return count;
  }
}
