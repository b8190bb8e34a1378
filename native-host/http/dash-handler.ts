// The DASH side of one stream: the MPD, rendered once for each change and shared by all who ask, and segments by their time; the
// one being made is sent as it grows.
import { DashManifest } from "../packager/dash-manifest.ts";
import { MANIFEST, parseTimedSegment, type TimedSegment } from "../packager/dash-names.ts";
import { findSegment } from "../packager/dash-timeline.ts";
import { MULTIVARIANT } from "../packager/hls-names.ts";
import type { Packager } from "../packager/packager.ts";
import type { Segment } from "../packager/segment.ts";
import type { SegmentStore } from "../packager/segment-store.ts";
import { BlockedRequests, PLAYABLE_WITHIN } from "./blocked-requests.ts";
import type { Rungs } from "./live-streams.ts";
import { type HttpResponse, mediaResponse, NO_ROOM, NO_STORE, NOT_FOUND, TOO_EARLY } from "./response.ts";

/**
 * FFmpeg's HTTP client, by itself and in mpv, VLC, GStreamer: by DASH they freeze where a Period follows another one, and never end. They
 * play HLS through all of it (docs/decisions/programs.md).
 */
const PLAYS_ONE_PERIOD = /^(?:Lavf\/|libmpv|VLC\/|GStreamer)/;
const BY_HLS: HttpResponse = {
  status: 302,
  headers: { Location: MULTIVARIANT, Vary: "User-Agent", ...NO_STORE },
  body: [],
};

/** Instead of a segment that was foreseen and will never be, since its run is over: a box that says nothing. dash.js gives up on 404s. */
const NO_MEDIA = Buffer.from([0, 0, 0, 8, ...Buffer.from("free")]);

const HEADERS = { "Content-Type": "application/dash+xml", Vary: "User-Agent", ...NO_STORE };

/** The DASH side of one stream. */
export class DashHandler {
  readonly #packager: Packager;
  readonly #rungs: Rungs | null;
  readonly #manifest: DashManifest;
  readonly #blocked: BlockedRequests;
  readonly #growth: BlockedRequests;
  #rendered: { version: number; response: HttpResponse } | null = null;

  constructor(packager: Packager, rungs: Rungs | null = null) {
    this.#packager = packager;
    this.#rungs = rungs;
    this.#manifest = new DashManifest(packager);
    this.#blocked = new BlockedRequests(packager);
    this.#growth = new BlockedRequests(packager, true);
  }

  /**
   * The response for a file name; `null` when the name is none of DASH (init segments are HLS's). `user_agent`: what the
   * client says it is.
   */
  respond(name: string, user_agent: string): Promise<HttpResponse> | HttpResponse | null {
    if (name === MANIFEST) return PLAYS_ONE_PERIOD.test(user_agent) ? BY_HLS : this.#mpd();
    const asked = parseTimedSegment(name);
    if (!asked) return null;
    if (this.#rungs?.read(asked.rendition_id) === false) return NO_ROOM;
    const store = this.#packager.find(asked.rendition_id);
    if (!store) return NOT_FOUND;
    return this.#segment(store, asked);
  }

  async #mpd(): Promise<HttpResponse> {
    await this.#blocked.until("playable", () => this.#packager.playable || this.#packager.ended, PLAYABLE_WITHIN);
    await this.#rungs?.known();
    const ready = () => (this.#packager.playable && this.#render() !== null) || this.#packager.ended;
    await this.#blocked.until("manifest", ready, PLAYABLE_WITHIN);
    return (ready() ? this.#render() : null) ?? TOO_EARLY;
  }

  #render(): HttpResponse | null {
    const { version } = this.#packager;
    if (this.#rendered?.version === version) return this.#rendered.response;
    const text = this.#manifest.render();
    if (text === null) return null;
    const response = { status: 200, headers: HEADERS, body: [Buffer.from(text)], compressible: true };
    this.#rendered = { version, response };
    return response;
  }

  /**
   * The next segments are listed before they begin, and asked for when the one before has ended: they come when they come.
   */
  async #segment(store: SegmentStore, { run, time }: TimedSegment): Promise<HttpResponse> {
    const find = () => findSegment(store, run, time, this.#packager.segment_duration, this.#listedAs(store, run));
    const waits = find() === "later" && !this.#isOver(run);
    const settled = () => find() !== "later" || this.#isOver(run) || this.#isGone(store);
    if (waits) await this.#growth.until(`${store.id} ${run} ${time}`, settled);
    if (this.#isGone(store)) return NO_ROOM;
    const segment = find();
    if (segment === "later" && waits && this.#isOver(run)) return noMedia(store);
    if (!segment || segment === "later") return NOT_FOUND;
    if (segment.deferred) await this.#rungs?.make(store.id, segment.msn);
    if (segment.deferred) return this.#isGone(store) ? NO_ROOM : NOT_FOUND;
    const body = segment.complete ? segment.data : this.#growing(store, segment);
    return mediaResponse(store.rendition.type, body);
  }

  #isOver(run: number): boolean {
    return this.#packager.open_run?.run !== run;
  }

  /** Whose segments stand in the MPD for this rendition. */
  #listedAs(store: SegmentStore, run: number): SegmentStore {
    const isRung = this.#packager.rungsOf(run).some(({ rendition }) => rendition.id === store.id);
    return (isRung && this.#packager.main) || store;
  }

  /** A rung that is no longer made. */
  #isGone(store: SegmentStore): boolean {
    return this.#packager.find(store.id) !== store;
  }

  /**
   * What there is of a segment that is still being made, unit by unit as it comes, until it is complete.
   * @throws Error when one takes too long or none will come: the client must not take what came for all of it
   */
  async *#growing(store: SegmentStore, segment: Segment): AsyncGenerator<Uint8Array, void, void> {
    for (let sent = 0; ; ) {
      const there = () => lengthOf(segment.settled) > sent || segment.complete || this.#isGone(store);
      const key = `${store.id} ${segment.run} grows ${segment.msn} ${sent}`;
      if (!(await this.#growth.until(key, there))) throw new Error("the segment stopped growing");
      const bytes = after(segment.settled, sent);
      if (bytes.length === 0 && !segment.complete) throw new Error("the rendition is no longer made");
      if (bytes.length === 0) return;
      for (const each of bytes) yield each;
      sent += lengthOf(bytes);
    }
  }
}

const lengthOf = (bytes: readonly Uint8Array[]) => bytes.reduce((sum, { length }) => sum + length, 0);

/** What comes behind the first so many bytes. */
function after(all: readonly Uint8Array[], bytes: number): Uint8Array[] {
  let before = bytes;
  const rest: Uint8Array[] = [];
  for (const each of all) {
    if (each.length > before) rest.push(each.subarray(before));
    before = Math.max(0, before - each.length);
  }
  return rest;
}

function noMedia({ rendition }: SegmentStore): HttpResponse {
  const { status, headers } = mediaResponse(rendition.type, []);
  return { status, headers: { ...headers, ...NO_STORE }, body: [NO_MEDIA] };
}
