// The routes under /s/<stream_id>/<view_token>/: player page, state, events, playlists, media. Without the token they respond as
// if there were no stream.
import type { IncomingMessage } from "node:http";
import { type Context, Hono } from "hono";
import { type PlayerState, VIEWER } from "../../protocol/player-messages.ts";
import type { PlaybackQuality } from "../../protocol/results.ts";
import { CLOCK } from "../packager/dash-names.ts";
import { newestKeyframe } from "../packager/newest-keyframe.ts";
import { addressOf } from "./client-limits.ts";
import { DashHandler } from "./dash-handler.ts";
import { type Directives, HlsHandler } from "./hls-handler.ts";
import { oembed, previewHead } from "./link-preview.ts";
import type { FoundStream, LiveStream, LiveStreams } from "./live-streams.ts";
import { OFFERED, type OfferedRecordings, offeredUrl, recordingResponse } from "./offered-recordings.ts";
import { OpenResponses } from "./open-responses.ts";
import { PlaybackReports } from "./playback-reports.ts";
import { PlayerEvents, stateWithTasks } from "./player-events.ts";
import { NO_STREAM_PAGE, type PlayerPage } from "./player-page.ts";
import type { Posters } from "./posters.ts";
import { bodyText } from "./request-body.ts";
import {
  type HttpResponse,
  NO_STORE,
  NOT_FOUND,
  type ServerEnv,
  send,
  sendToViewer,
  TOO_EARLY,
  textResponse,
  withRange,
} from "./response.ts";
import { forSharedCaches } from "./shared-cache.ts";
import { personOf, type ViewerCounts, Viewers } from "./viewers.ts";

/** What clients are told apart by, by the id of their link. */
type ClientsByLink = ReadonlyMap<string, readonly string[]>;

/** What serves one stream. */
interface Handlers {
  readonly hls: HlsHandler;
  readonly dash: DashHandler;
  readonly events: PlayerEvents;
  readonly reports: PlaybackReports;
  readonly open: OpenResponses;
  /** By the id of their link. */
  readonly viewers: Map<string, Viewers>;
}

/** ms, for each second that players wait before they look for new segments (RFC 8216 6.3.4). */
const PATIENCE = 1_100;
const FULL = textResponse(503, "Too many viewers.", { "Retry-After": "5" });
const TOO_LONG = textResponse(413, "A report has 64 KiB at most.");
const NO_CMCD = textResponse(400, "Expected events of CMCD version 2, one a line.");
/** Files of HLS and DASH, whose names are made in `packager/`. Whatever else is asked for, and in whatever spelling, is the router's. */
const MEDIA_PATH = /^\/s\/([\w-]+)\/([\w-]+)\/((?!keyframe\.)[\w.-]+\.(?:m3u8|m4s|mp4|mpd))(?:\?([^#]*))?$/;
const NO_DIRECTIVES: Directives = {};
const NOTHING = { blocking: false, target_duration: 0 };
const PREFLIGHT = {
  "Access-Control-Allow-Methods": "GET, HEAD, POST, OPTIONS",
  "Access-Control-Allow-Headers": "Range, Content-Type",
  "Access-Control-Max-Age": "86400",
};

/** How viewers are served. */
export interface PlaybackOptions {
  /** A cache that many viewers share stands in front of the host. Left out: none does. */
  readonly shared_cache?: boolean;
  /** The recordings that viewers may have; left out: none. */
  readonly offered?: OfferedRecordings;
}

/** The routes for viewers of all streams. */
export class PlaybackRoutes {
  readonly app = new Hono<ServerEnv>();
  readonly #streams: LiveStreams;
  readonly #page: PlayerPage;
  readonly #sharedCache: boolean;
  /** What belongs to a stream here goes with the stream. */
  readonly #handlers = new WeakMap<LiveStream, Handlers>();

  readonly #posters: Posters;
  readonly #offered: OfferedRecordings;

  constructor(
    streams: LiveStreams,
    page: PlayerPage,
    posters: Posters,
    { shared_cache = false, offered = () => undefined }: PlaybackOptions = {},
  ) {
    this.#posters = posters;
    this.#offered = offered;
    this.#streams = streams;
    this.#sharedCache = shared_cache;
    this.#page = page;
    streams.onEnding(({ stream_id, isOver }) => {
      const stream = streams.get(stream_id);
      if (stream) this.#handlers.get(stream)?.open.end(isOver);
    });
    this.app.options("/s/*", ({ env }) => send(env, { status: 204, headers: PREFLIGHT, body: [] }));
    this.app.get("/s/:stream_id/:token/:file?", (context) => this.#serve(context));
    this.app.get("/s/:stream_id/:token/", (context) => this.#serve(context));
    this.app.post("/s/:stream_id/:token/cmcd", (context) => this.#report(context));
    this.app.get("/assets/:name", async ({ env, req }) => send(env, await this.#page.asset(req.param("name"))));
  }

  /**
   * How many watch a stream now, by the id of their link; see {@link Viewers} for who counts. `webrtc`, `live`: the client of each
   * viewer by WebRTC or the live engine, by the id of its link.
   */
  viewers(stream: LiveStream, { webrtc, live }: Record<"webrtc" | "live", ClientsByLink>): Map<string, ViewerCounts> {
    const handlers = this.#handlersOf(stream);
    const links = new Set([...handlers.viewers.keys(), ...webrtc.keys(), ...live.keys()]);
    const count = (id: string) => this.#viewersOf(stream, handlers, id).count(webrtc.get(id) ?? [], live.get(id) ?? []);
    return new Map([...links].map((id) => [id, count(id)]));
  }

  #viewersOf(stream: LiveStream, { viewers }: Handlers, link_id: string): Viewers {
    const known = viewers.get(link_id) ?? new Viewers({ patience: stream.packager.target_duration * PATIENCE });
    viewers.set(link_id, known);
    return known;
  }

  /** What viewers' players report; `null`: none does. */
  playback(stream: LiveStream): PlaybackQuality | null {
    return this.#handlersOf(stream).reports.summary();
  }

  #handlersOf(stream: LiveStream): Handlers {
    const known = this.#handlers.get(stream);
    if (known) return known;
    const handlers = {
      hls: new HlsHandler(stream.packager, stream.rungs),
      dash: new DashHandler(stream.packager, stream.rungs),
      events: new PlayerEvents(stream, () => this.#streams.get(stream.stream_id) === stream),
      reports: new PlaybackReports(),
      open: new OpenResponses(),
      viewers: new Map<string, Viewers>(),
    };
    this.#handlers.set(stream, handlers);
    return handlers;
  }

  async #serve(context: Context<ServerEnv, "/s/:stream_id/:token">): Promise<Response> {
    const { env } = context;
    const { stream_id, token, file = "" } = context.req.param() as { stream_id: string; token: string; file?: string };
    const found = this.#streams.find(stream_id, token, env.from);
    if (!found) {
      if (file === "player" || file === "") return send(env, NO_STREAM_PAGE);
      return send(env, this.#sharedCache ? forSharedCaches(NOT_FOUND, NOTHING) : NOT_FOUND);
    }
    const { stream, asked } = found;
    const handlers = this.#handlersOf(stream);
    handlers.open.add(env.outgoing, asked);
    env.outgoing.once("close", () => handlers.open.remove(env.outgoing));
    const viewers = this.#viewersOf(stream, handlers, asked.link_id);
    if (file === "events") {
      const { events } = handlers;
      const client = addressOf(env.incoming);
      if (events.isFull(client)) return send(env, FULL);
      return events.open(env, client, viewers.join(watcherOf(context)));
    }
    const response = await this.#respond(context, found, viewers, file);
    return send(env, response.status === 200 ? withRange(response, env.incoming.headers.range) : response);
  }

  async #report({ env, req }: Context<ServerEnv, "/s/:stream_id/:token/cmcd">): Promise<Response> {
    const found = this.#streams.find(req.param("stream_id"), req.param("token"), env.from);
    if (!found) return send(env, NOT_FOUND);
    const text = await bodyText(env.incoming);
    if (text === null) return send(env, TOO_LONG);
    const taken = this.#handlersOf(found.stream).reports.take(text);
    return send(env, taken ? { status: 204, headers: {}, body: [] } : NO_CMCD);
  }

  async #picture(stream: LiveStream, file: "poster.jpg" | "keyframe.mp4"): Promise<HttpResponse> {
    const keyframe = newestKeyframe(stream.packager);
    if (!keyframe) return TOO_EARLY;
    if (file === "keyframe.mp4") {
      return { status: 200, headers: { "Content-Type": "video/mp4", ...NO_STORE }, body: keyframe.data };
    }
    const jpeg = await this.#posters.get(stream, keyframe);
    return jpeg ? { status: 200, headers: { "Content-Type": "image/jpeg", ...NO_STORE }, body: [jpeg] } : TOO_EARLY;
  }

  #respond(
    context: Context<ServerEnv>,
    { stream, asked }: FoundStream,
    viewers: Viewers,
    file: string,
  ): Promise<HttpResponse> | HttpResponse {
    const preview = () => ({ url: `${stream.base}${stream.links.path ?? ""}`, state: stream.state() });
    if (file === "player") return this.#page.page(previewHead(preview()));
    if (file === "oembed.json") {
      const headers = { "Content-Type": "application/json", ...NO_STORE };
      return { status: 200, headers, body: [Buffer.from(JSON.stringify(oembed(preview())))] };
    }
    if (file === "poster.jpg" || file === "keyframe.mp4") return this.#picture(stream, file);
    if (file === "") {
      // Relative, since a proxy may have taken a prefix off the path.
      const { path } = context.req;
      const Location = path.endsWith("/") ? "player" : `${path.slice(path.lastIndexOf("/") + 1)}/player`;
      return { status: 302, headers: { Location, ...NO_STORE }, body: [] };
    }
    if (file === "state") {
      // The clock stands only here: inside state() it would make each state look changed.
      // As wall time stands in the newest media.
      const server_time = new Date(stream.clock.now + stream.clock.ahead).toISOString();
      const allow = stream.control ? stream.links.factsOf?.(asked.link_id)?.allow : undefined;
      const recording = stream.packager.ended ? offeredUrl(this.#offered(stream.stream_id)) : {};
      const state: PlayerState = { ...stateWithTasks(stream), server_time, ...(allow ? { allow } : {}), ...recording };
      const headers = { "Content-Type": "application/json", ...NO_STORE };
      return { status: 200, headers, body: [Buffer.from(JSON.stringify(state))] };
    }
    // By this DASH players set their clock (UTCTiming, http-iso): it is the one of the MPD, which can't follow the wall clock. That one is
    // the response's date (http-head).
    if (file === CLOCK) {
      const headers = { "Content-Type": "text/plain", Date: new Date().toUTCString(), ...NO_STORE };
      return { status: 200, headers, body: [Buffer.from(new Date(stream.clock.now).toISOString())] };
    }
    if (file === OFFERED) {
      const found = stream.packager.ended ? this.#offered(stream.stream_id) : undefined;
      return found ? recordingResponse(found, context.env.incoming.headers.range) : NOT_FOUND;
    }
    const { response, finished } = this.#media(context.env, stream, viewers, file, context.req.query());
    const { outgoing } = context.env;
    if (outgoing.destroyed) finished();
    else outgoing.once("close", finished);
    return response;
  }

  /** A playlist, a manifest or media; `finished` is to be called when the client has it, or has gone. */
  #media(
    { incoming }: Pick<ServerEnv["Bindings"], "incoming">,
    stream: LiveStream,
    viewers: Viewers,
    file: string,
    directives: Directives,
  ): { readonly response: Promise<HttpResponse> | HttpResponse; readonly finished: () => void } {
    const { hls, dash } = this.#handlersOf(stream);
    // A shared cache keeps one playlist and one MPD for everybody: with the ladder, and for low latency.
    const client = this.#sharedCache ? "" : (incoming.headers["user-agent"] ?? "");
    const byHls = hls.respond(file, directives, client);
    const response = byHls ?? dash.respond(file, client);
    if (response === null) {
      return { response: this.#sharedCache ? forSharedCaches(NOT_FOUND, NOTHING) : NOT_FOUND, finished: () => {} };
    }
    // Init segments are the same for both protocols.
    const protocol = file.startsWith("init-") ? null : byHls === null ? "dash" : "hls";
    const finished = viewers.visit(clientOf(incoming), protocol);
    if (!this.#sharedCache) return { response, finished };
    const facts = { blocking: directives._HLS_msn !== undefined, target_duration: stream.packager.target_duration };
    const forCaches = (whole: HttpResponse) => forSharedCaches(whole, facts);
    return { response: response instanceof Promise ? response.then(forCaches) : forCaches(response), finished };
  }

  /**
   * Serves a GET of a playlist, a manifest or media past the router, which costs more than all the rest of such a request; a thousand
   * viewers make 25,000 a second. `false`: it is none of these, the router serves it. `onError` is called with what is thrown.
   */
  serveMedia(bindings: ServerEnv["Bindings"], onError: (error: unknown) => void): boolean {
    const { incoming, outgoing, from } = bindings;
    const { method } = incoming;
    const asked = method === "GET" || method === "HEAD" ? MEDIA_PATH.exec(incoming.url ?? "") : null;
    if (!asked) return false;
    const [, stream_id = "", token = "", file = "", query] = asked;
    const found = this.#streams.find(stream_id, token, from);
    if (!found) return false;
    const { stream, asked: by } = found;
    const handlers = this.#handlersOf(stream);
    const viewers = this.#viewersOf(stream, handlers, by.link_id);
    const directives = query === undefined ? NO_DIRECTIVES : Object.fromEntries(new URLSearchParams(query));
    const { response, finished } = this.#media(bindings, stream, viewers, file, directives);
    handlers.open.add(outgoing, by);
    const over = (): void => {
      handlers.open.remove(outgoing);
      finished();
    };
    if (outgoing.destroyed) over();
    else outgoing.on("close", over);
    if (response instanceof Promise) response.then((whole) => sendToViewer(bindings, whole)).catch(onError);
    else sendToViewer(bindings, response);
    return true;
  }
}

/** What a viewer is told apart by: its client, and the name that our player gives it. */
export function watcherOf({ env, req }: Context<ServerEnv>): string {
  return personOf(clientOf(env.incoming), req.query(VIEWER));
}

/** What a client is told apart by: its address and User-Agent. */
function clientOf({ socket, headers }: IncomingMessage): string {
  return `${socket.remoteAddress} ${headers["user-agent"] ?? ""}`;
}
