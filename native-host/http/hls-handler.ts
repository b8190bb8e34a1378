// The HLS side of one stream: playlists, rendered once for each change and shared by all who ask, blocking reloads, segments and
// parts.
import { renderMediaPlaylist } from "../packager/hls-media-playlist.ts";
import { renderMultivariant } from "../packager/hls-multivariant.ts";
import { type MediaName, MULTIVARIANT, parseMediaName } from "../packager/hls-names.ts";
import type { Packager } from "../packager/packager.ts";
import type { Part } from "../packager/segment.ts";
import type { SegmentStore } from "../packager/segment-store.ts";
import { BlockedRequests, PLAYABLE_WITHIN } from "./blocked-requests.ts";
import { silenceOf, WAITS_OUT_HOLES, withoutHoles } from "./holes.ts";
import type { Rungs } from "./live-streams.ts";
import { type HttpResponse, mediaResponse, NO_ROOM, NO_STORE, NOT_FOUND, TOO_EARLY, textResponse } from "./response.ts";

/** A client may ask for so many segments past the last (RFC 8216bis 6.2.5.2). */
const MAX_AHEAD = 2;
/** ms of parts that may be asked for past the last one (the RFC's Advance Part Limit). */
const ADVANCE_PART_LIMIT = 3_000;

/**
 * FFmpeg's HLS reader, by itself and in mpv: it reads every variant that is listed, all the time, never goes to another one, and
 * gives up where one of them can't be had.
 */
const READS_ALL_VARIANTS = /^(?:Lavf\/|libmpv)/;

/**
 * VLC 3 fetches one EXT-X-MAP for a playlist and no other. It plays on where what follows a discontinuity has its init segment with it.
 */
const READS_ONE_MAP = /^VLC\/3\./;

const PLAYLIST = { "Content-Type": "application/vnd.apple.mpegurl", ...NO_STORE };

/** The delivery directives of a playlist request (RFC 8216bis 6.2.5), as they came. */
export type Directives = Readonly<Partial<Record<"_HLS_msn" | "_HLS_part" | "_HLS_skip", string>>>;

/** What a blocking reload waits for. */
interface Awaited {
  readonly msn: number;
  readonly part: number | undefined;
}

/** The HLS side of one stream. */
export class HlsHandler {
  readonly #packager: Packager;
  readonly #rungs: Rungs | null;
  readonly #blocked: BlockedRequests;
  readonly #rendered = new Map<string, { version: number; response: HttpResponse }>();
  /** One response for all who wait for the same, by what that is. */
  readonly #awaited = new Map<string, Promise<HttpResponse>>();
  /** As of a version of the packager. */
  #playableAs = { version: -1, playable: false };

  constructor(packager: Packager, rungs: Rungs | null = null) {
    this.#packager = packager;
    this.#rungs = rungs;
    this.#blocked = new BlockedRequests(packager);
  }

  /**
   * The response for a file name; `null` when the name is none of HLS. Takes three target durations at most. `user_agent`: what
   * the client says it is.
   */
  respond(name: string, directives: Directives, user_agent = ""): Promise<HttpResponse> | HttpResponse | null {
    if (name === MULTIVARIANT) return this.#multivariant(!READS_ALL_VARIANTS.test(user_agent));
    const media = parseMediaName(name);
    if (!media) return null;
    if (media.type === "playlist") return this.#playlist(media.rendition_id, directives);
    if (media.type === "init") return this.#init(media.rendition_id, media.run);
    if (this.#rungs?.read(media.rendition_id) === false) return NO_ROOM;
    const store = this.#packager.find(media.rendition_id);
    return store ? this.#media(store, media, user_agent) : NOT_FOUND;
  }

  #render(key: string, render: () => string | null): HttpResponse {
    const { version } = this.#packager;
    const known = this.#rendered.get(key);
    if (known?.version === version) return known.response;
    const text = render();
    if (text === null) return TOO_EARLY;
    const response = { status: 200, headers: PLAYLIST, body: [Buffer.from(text)], compressible: true };
    this.#rendered.set(key, { version, response });
    return response;
  }

  #playable(): Promise<boolean> | true {
    const { version } = this.#packager;
    if (this.#playableAs.version !== version) this.#playableAs = { version, playable: this.#packager.playable };
    if (this.#playableAs.playable) return true;
    return this.#blocked.until("playable", () => this.#packager.playable || this.#packager.ended, PLAYABLE_WITHIN);
  }

  /** The response once a wait is over, made once for all who wait for it. */
  #after(key: string, wait: Promise<boolean>, respond: (inTime: boolean) => HttpResponse): Promise<HttpResponse> {
    const known = this.#awaited.get(key);
    if (known) return known;
    const response = wait.then((inTime) => {
      this.#awaited.delete(key);
      return respond(inTime);
    });
    this.#awaited.set(key, response);
    return response;
  }

  async #multivariant(ladder: boolean): Promise<HttpResponse> {
    if (!(await this.#playable())) return TOO_EARLY;
    if (ladder) await this.#rungs?.known();
    return this.#render(`${MULTIVARIANT} ${ladder}`, () => renderMultivariant(this.#packager, ladder));
  }

  #playlist(rendition_id: string, directives: Directives): Promise<HttpResponse> | HttpResponse {
    const playable = this.#playable();
    if (playable === true) return this.#mediaPlaylist(rendition_id, directives);
    return playable.then((inTime) => (inTime ? this.#mediaPlaylist(rendition_id, directives) : TOO_EARLY));
  }

  #mediaPlaylist(rendition_id: string, directives: Directives): Promise<HttpResponse> | HttpResponse {
    if (this.#rungs?.read(rendition_id) === false) return NO_ROOM;
    const store = this.#packager.find(rendition_id);
    // A rung that joins before the source has a whole segment begins a moment later.
    if (!store) return NOT_FOUND;
    if (store.last) return this.#reloaded(store, directives);
    const begins = this.#blocked.until(`${store.id} begins`, () => store.last !== undefined || this.#isGone(store));
    if (begins === true) return this.#reloaded(store, directives);
    return begins.then((inTime) => {
      if (this.#isGone(store)) return NO_ROOM;
      return inTime ? this.#reloaded(store, directives) : NOT_FOUND;
    });
  }

  #reloaded(store: SegmentStore, directives: Directives): Promise<HttpResponse> | HttpResponse {
    const awaited = this.#packager.ended ? null : this.#waitsFor(store, directives);
    if (typeof awaited === "string") return textResponse(400, awaited);
    const skip = directives._HLS_skip === "YES" || directives._HLS_skip === "v2";
    const render = () => this.#render(`${store.id} ${skip}`, () => renderMediaPlaylist(this.#packager, store, skip));
    if (awaited === null) return render();
    const reached = this.#reached(store, awaited);
    if (reached === true) return render();
    const key = `${store.id} playlist ${awaited.msn} ${awaited.part} ${skip}`;
    return this.#after(key, reached, (inTime) => {
      if (this.#isGone(store)) return NO_ROOM;
      return inTime ? render() : TOO_EARLY;
    });
  }

  /** A rung that is no longer made: who waits for it is told at once, and goes on with another rendition. */
  #isGone(store: SegmentStore): boolean {
    return this.#packager.find(store.id) !== store;
  }

  /** What a blocking reload waits for; `null`: it doesn't block; text: why it is refused. */
  #waitsFor(store: SegmentStore, { _HLS_msn, _HLS_part }: Directives): Awaited | null | string {
    if (_HLS_msn === undefined) return _HLS_part === undefined ? null : "_HLS_part needs _HLS_msn.";
    const valid = [_HLS_msn, _HLS_part ?? "0"].every((value) => /^\d{1,15}$/.test(value));
    if (!valid) return "_HLS_msn and _HLS_part must be whole numbers.";
    const awaited = { msn: Number(_HLS_msn), part: _HLS_part === undefined ? undefined : Number(_HLS_part) };
    const last = store.position ?? { msn: 0, part: -1 };
    if (awaited.msn > last.msn + MAX_AHEAD) return `_HLS_msn is too far ahead: the last segment is ${last.msn}.`;
    const ahead = Math.ceil(ADVANCE_PART_LIMIT / this.#packager.part_target);
    const furthest = (awaited.msn === last.msn ? last.part : 0) + ahead;
    if (awaited.msn >= last.msn && awaited.part !== undefined && awaited.part > furthest) {
      return "_HLS_part is too far ahead.";
    }
    return awaited;
  }

  #reached(store: SegmentStore, { msn, part }: Awaited): Promise<boolean> | true {
    return this.#blocked.until(
      `${store.id} playlist ${msn} ${part}`,
      () => store.reached(msn, part) || this.#packager.ended || this.#isGone(store),
    );
  }

  /** Those of rungs are known before anybody reads them, and asking for one doesn't count as reading. */
  #init(rendition_id: string, run: number): HttpResponse {
    const rung = this.#packager.rungsOf(run).find(({ rendition }) => rendition.id === rendition_id);
    const init = this.#packager.find(rendition_id)?.initOf(run) ?? rung;
    return init ? mediaResponse(init.rendition.type, [init.data]) : NOT_FOUND;
  }

  #media(
    store: SegmentStore,
    media: Extract<MediaName, { type: "part" | "segment" }>,
    user_agent: string,
  ): Promise<HttpResponse> | HttpResponse {
    const response =
      media.type === "part" ? this.#part(store, media.msn, media.part) : this.#segment(store, media.msn, user_agent);
    if (!WAITS_OUT_HOLES.test(user_agent)) return response;
    const whole = (made: HttpResponse) => withoutHoles(made, this.#packager, store, media.msn);
    return response instanceof Promise ? response.then(whole) : whole(response);
  }

  #segment(store: SegmentStore, msn: number, user_agent: string): Promise<HttpResponse> | HttpResponse {
    const segment = store.segment(msn);
    const response = () => {
      if (!segment?.complete || segment.deferred) return NOT_FOUND;
      const data = segment.gap && WAITS_OUT_HOLES.test(user_agent) ? silenceOf(store, segment) : segment.data;
      if (data.length === 0) return NOT_FOUND;
      const map = segment.discontinuity && READS_ONE_MAP.test(user_agent) ? store.initOf(segment.run) : undefined;
      return mediaResponse(store.rendition.type, map ? [map.data, ...data] : data);
    };
    return segment?.deferred && this.#rungs ? this.#rungs.make(store.id, msn).then(response) : response();
  }

  /**
   * A part; the one that was hinted is sent when it comes, or 404 when it turns out that it never will. Nothing of it is sent
   * before all of it is there: clients measure the line by how fast a part arrives (which is why RFC 8216bis 6.2.6 forbids it).
   */
  #part(store: SegmentStore, msn: number, index: number): Promise<HttpResponse> | HttpResponse {
    const found = () => {
      const part = store.part(msn, index);
      if (part) return partResponse(store, part);
      return this.#isGone(store) ? NO_ROOM : NOT_FOUND;
    };
    const settled = () =>
      store.part(msn, index) !== undefined ||
      store.segment(msn)?.complete === true ||
      this.#packager.ended ||
      this.#isGone(store);
    if (settled() || !isNext(store, msn, index)) return found();
    const blocked = this.#blocked.until(`${store.id} part ${msn} ${index}`, settled);
    return blocked === true ? found() : this.#after(`${store.id} part ${msn} ${index}`, blocked, found);
  }
}

/** Of each part, made once for all who ask for it. */
const responses = new WeakMap<Part, HttpResponse>();

function partResponse({ rendition }: SegmentStore, part: Part): HttpResponse {
  const known = responses.get(part) ?? mediaResponse(rendition.type, [part.data]);
  responses.set(part, known);
  return known;
}

/** Whether a part follows the newest one. */
function isNext({ position }: SegmentStore, msn: number, index: number): boolean {
  if (!position) return false;
  return msn === position.msn ? index === position.part + 1 : msn === position.msn + 1 && index === 0;
}
