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

const HEADERS = { "Content-Type": "application/dash+xml", Vary: "User-Agent", ...NO_STORE };

/** The DASH side of one stream. */
export class DashHandler {
  readonly #packager: Packager;
  readonly #rungs: Rungs | null;
  readonly #manifest: DashManifest;
  readonly #blocked: BlockedRequests;
  #rendered: { version: number; response: HttpResponse } | null = null;

  constructor(packager: Packager, rungs: Rungs | null = null) {
    this.#packager = packager;
    this.#rungs = rungs;
    this.#manifest = new DashManifest(packager);
    this.#blocked = new BlockedRequests(packager);
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
   * Players that have reached the end of the timeline compute when the next segment begins, and ask for it before it does: they
   * get it when it comes.
   */
  async #segment(store: SegmentStore, { run, time }: TimedSegment): Promise<HttpResponse> {
    const find = () => findSegment(store, run, time, this.#packager.segment_duration);
    if (find() === "later" && !this.#isOver(run)) {
      await this.#blocked.until(`${store.id} ${run} ${time}`, () => find() !== "later" || this.#isOver(run));
    }
    const segment = find();
    if (!segment || segment === "later") return NOT_FOUND;
    if (segment.deferred) await this.#rungs?.make(store.id, segment.msn);
    if (segment.deferred) return NOT_FOUND;
    const body = segment.complete ? segment.data : this.#growing(store, segment);
    return mediaResponse(store.rendition.type, body);
  }

  #isOver(run: number): boolean {
    return this.#packager.open_run?.run !== run;
  }

  /**
   * The parts of a segment that is still being made, each once it is complete, until the segment is.
   * @throws Error when one takes too long: the client must not take what came for all of it
   */
  async *#growing(store: SegmentStore, segment: Segment): AsyncGenerator<Uint8Array, void, void> {
    for (let next = 0; ; next++) {
      const there = () => segment.parts.length > next || segment.complete;
      const key = `${store.id} ${segment.run} grows ${segment.msn} ${next}`;
      if (!(await this.#blocked.until(key, there))) throw new Error("the segment stopped growing");
      const part = segment.parts[next];
      if (!part) return;
      yield part.data;
    }
  }
}
