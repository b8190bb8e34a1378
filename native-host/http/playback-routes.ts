// The routes under /s/<stream_id>/<view_token>/: player page, state, events, playlists, media. Without the token they respond as
// if there were no stream.
import { type Context, Hono } from "hono";
import { type PlayerState, VIEWER } from "../../protocol/player-messages.ts";
import type { PlaybackQuality } from "../../protocol/results.ts";
import { CLOCK } from "../packager/dash-names.ts";
import { addressOf } from "./client-limits.ts";
import { DashHandler } from "./dash-handler.ts";
import { HlsHandler } from "./hls-handler.ts";
import type { LiveStream, LiveStreams } from "./live-streams.ts";
import { PlaybackReports } from "./playback-reports.ts";
import { PlayerEvents, stateWithTasks } from "./player-events.ts";
import { NO_STREAM_PAGE, type PlayerPage } from "./player-page.ts";
import { bodyText } from "./request-body.ts";
import { type HttpResponse, NO_STORE, NOT_FOUND, type ServerEnv, send, textResponse, withRange } from "./response.ts";
import { forSharedCaches } from "./shared-cache.ts";
import { personOf, type ViewerCounts, Viewers } from "./viewers.ts";

/** What serves one stream. */
interface Handlers {
  readonly hls: HlsHandler;
  readonly dash: DashHandler;
  readonly events: PlayerEvents;
  readonly viewers: Viewers;
  readonly reports: PlaybackReports;
}

/** ms, for each second that players wait before they look for new segments (RFC 8216 6.3.4). */
const PATIENCE = 1_100;
const FULL = textResponse(503, "Too many viewers.", { "Retry-After": "5" });
const TOO_LONG = textResponse(413, "A report has 64 KiB at most.");
const NO_CMCD = textResponse(400, "Expected events of CMCD version 2, one a line.");
const NOTHING = { blocking: false, target_duration: 0 };
const PREFLIGHT = {
  "Access-Control-Allow-Methods": "GET, HEAD, POST, OPTIONS",
  "Access-Control-Allow-Headers": "Range, Content-Type",
  "Access-Control-Max-Age": "86400",
};

/** The routes for viewers of all streams. */
export class PlaybackRoutes {
  readonly app = new Hono<ServerEnv>();
  readonly #streams: LiveStreams;
  readonly #page: PlayerPage;
  readonly #sharedCache: boolean;
  /** What belongs to a stream here goes with the stream. */
  readonly #handlers = new WeakMap<LiveStream, Handlers>();

  /** @param shared_cache a cache that many viewers share stands in front of the host */
  constructor(streams: LiveStreams, page: PlayerPage, shared_cache = false) {
    this.#streams = streams;
    this.#sharedCache = shared_cache;
    this.#page = page;
    this.app.options("/s/*", ({ env }) => send(env, { status: 204, headers: PREFLIGHT, body: [] }));
    this.app.get("/s/:stream_id/:token/:file?", (context) => this.#serve(context));
    this.app.get("/s/:stream_id/:token/", (context) => this.#serve(context));
    this.app.post("/s/:stream_id/:token/cmcd", (context) => this.#report(context));
    this.app.get("/assets/:name", async ({ env, req }) => send(env, await this.#page.asset(req.param("name"))));
  }

  /** How many watch a stream now; see {@link Viewers} for who counts. `webrtc`: the client of each viewer by WebRTC. */
  viewers(stream: LiveStream, webrtc: readonly string[] = []): ViewerCounts {
    return this.#handlersOf(stream).viewers.count(webrtc);
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
      viewers: new Viewers({ patience: stream.packager.target_duration * PATIENCE }),
    };
    this.#handlers.set(stream, handlers);
    return handlers;
  }

  async #serve(context: Context<ServerEnv, "/s/:stream_id/:token">): Promise<Response> {
    const { env } = context;
    const { stream_id, token, file = "" } = context.req.param() as { stream_id: string; token: string; file?: string };
    const stream = this.#streams.find(stream_id, token, env.from);
    if (!stream) {
      if (file === "player" || file === "") return send(env, NO_STREAM_PAGE);
      return send(env, this.#sharedCache ? forSharedCaches(NOT_FOUND, NOTHING) : NOT_FOUND);
    }
    if (file === "events") {
      const { events, viewers } = this.#handlersOf(stream);
      const client = addressOf(env.incoming);
      if (events.isFull(client)) return send(env, FULL);
      return events.open(env, client, viewers.join(watcherOf(context)));
    }
    const response = await this.#respond(context, stream, token, file);
    return send(env, response.status === 200 ? withRange(response, env.incoming.headers.range) : response);
  }

  async #report({ env, req }: Context<ServerEnv, "/s/:stream_id/:token/cmcd">): Promise<Response> {
    const stream = this.#streams.find(req.param("stream_id"), req.param("token"), env.from);
    if (!stream) return send(env, NOT_FOUND);
    const text = await bodyText(env.incoming);
    if (text === null) return send(env, TOO_LONG);
    const taken = this.#handlersOf(stream).reports.take(text);
    return send(env, taken ? { status: 204, headers: {}, body: [] } : NO_CMCD);
  }

  #respond(
    context: Context<ServerEnv>,
    stream: LiveStream,
    token: string,
    file: string,
  ): Promise<HttpResponse> | HttpResponse {
    if (file === "player") return this.#page.page();
    if (file === "") {
      // Relative, since a proxy may have taken a prefix off the path.
      const Location = context.req.path.endsWith("/") ? "player" : `${token}/player`;
      return { status: 302, headers: { Location, ...NO_STORE }, body: [] };
    }
    if (file === "state") {
      // The clock stands only here: inside state() it would make each state look changed.
      // As wall time stands in the newest media.
      const server_time = new Date(stream.clock.now + stream.clock.ahead).toISOString();
      const state: PlayerState = { ...stateWithTasks(stream), server_time };
      const headers = { "Content-Type": "application/json", ...NO_STORE };
      return { status: 200, headers, body: [Buffer.from(JSON.stringify(state))] };
    }
    // By this DASH players set their clock (UTCTiming, http-iso): it is the one of the MPD, which can't follow the wall clock.
    if (file === CLOCK) {
      const headers = { "Content-Type": "text/plain", ...NO_STORE };
      return { status: 200, headers, body: [Buffer.from(new Date(stream.clock.now).toISOString())] };
    }
    const { hls, dash, viewers } = this.#handlersOf(stream);
    const byHls = hls.respond(file, context.req.query());
    // A shared cache keeps one MPD for everybody: the one that is for low latency.
    const client = this.#sharedCache ? "" : (context.req.header("user-agent") ?? "");
    const response = byHls ?? dash.respond(file, client);
    if (response === null) return this.#sharedCache ? forSharedCaches(NOT_FOUND, NOTHING) : NOT_FOUND;
    // Init segments are the same for both protocols.
    const protocol = file.startsWith("init-") ? null : byHls === null ? "dash" : "hls";
    const finished = viewers.visit(clientOf(context), protocol);
    const { outgoing } = context.env;
    if (outgoing.destroyed) finished();
    else outgoing.once("close", finished);
    if (!this.#sharedCache) return response;
    const { target_duration } = stream.packager;
    const facts = { blocking: context.req.query("_HLS_msn") !== undefined, target_duration };
    return response instanceof Promise
      ? response.then((whole) => forSharedCaches(whole, facts))
      : forSharedCaches(response, facts);
  }
}

/** What a viewer is told apart by: its client, and the name that our player gives it. */
export function watcherOf(context: Context<ServerEnv>): string {
  return personOf(clientOf(context), context.req.query(VIEWER));
}

/** What a client is told apart by: its address and User-Agent. */
function clientOf({ env }: Context<ServerEnv>): string {
  return `${env.incoming.socket.remoteAddress} ${env.incoming.headers["user-agent"] ?? ""}`;
}
