// The routes under /s/<stream_id>/<view_token>/: player, state, events, playlists, media.
// Never shows by its answer whether a stream exists to who lacks its token.
import type { HttpBindings } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { type Context, Hono } from "hono";
import type { PlayerState } from "../../protocol/player-messages.ts";
import { CLOCK } from "../packager/dash-names.ts";
import { findStream } from "./access.ts";
import { type Answer, CORS, NO_STORE, NOT_FOUND, ranged, send, textAnswer } from "./answer.ts";
import { DashView } from "./dash-view.ts";
import { MediaView } from "./media-view.ts";
import { PlayerEvents, stateWithTasks } from "./player-events.ts";
import type { PlayerPage } from "./player-page.ts";
import { Viewers, type ViewersByWay } from "./viewers.ts";
import type { StreamLookup, ViewableStream } from "./viewing.ts";

/** The environment of every route of the server. */
export type ServerEnv = { Bindings: HttpBindings };

interface View {
  readonly media: MediaView;
  readonly dash: DashView;
  readonly events: PlayerEvents;
  readonly viewers: Viewers;
}

/** ms, for each second that players wait before they look for new segments (RFC 8216 6.3.4). */
const PATIENCE = 1_100;
const FULL = textAnswer(503, "Too many viewers.", { "Retry-After": "5" });
const PREFLIGHT = {
  ...CORS,
  "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
  "Access-Control-Allow-Headers": "Range",
  "Access-Control-Max-Age": "86400",
};

/** The viewing side of all streams. */
export class ViewingRoutes {
  readonly app = new Hono<ServerEnv>();
  readonly #lookup: StreamLookup;
  readonly #page: PlayerPage;
  /** What belongs to a stream here goes with the stream. */
  readonly #views = new WeakMap<ViewableStream, View>();

  constructor(lookup: StreamLookup, page: PlayerPage) {
    this.#lookup = lookup;
    this.#page = page;
    this.app.options("/s/*", ({ env }) =>
      send(env.incoming, env.outgoing, { status: 204, headers: PREFLIGHT, body: [] }),
    );
    this.app.get("/s/:stream_id/:token/:file?", (context) => this.#view(context));
    this.app.get("/s/:stream_id/:token/", (context) => this.#view(context));
    this.app.get("/assets/:name", async (context) => {
      const { incoming, outgoing } = context.env;
      return send(incoming, outgoing, await this.#page.asset(context.req.param("name")));
    });
  }

  /** How many watch a stream now, and how; see {@link Viewers} for who counts. `webrtc`: a mark for each viewer by WebRTC. */
  viewers(stream: ViewableStream, webrtc: readonly string[] = []): ViewersByWay {
    return this.#viewOf(stream).viewers.byWay(webrtc);
  }

  #viewOf(stream: ViewableStream): View {
    const known = this.#views.get(stream);
    if (known) return known;
    const view = {
      media: new MediaView(stream.packager),
      dash: new DashView(stream.packager),
      events: new PlayerEvents(stream, this.#lookup),
      viewers: new Viewers({ patience: stream.packager.target_duration * PATIENCE }),
    };
    this.#views.set(stream, view);
    return view;
  }

  async #view(context: Context<ServerEnv, "/s/:stream_id/:token">): Promise<Response> {
    const { incoming, outgoing } = context.env;
    const { stream_id, token } = context.req.param();
    const stream = findStream(this.#lookup, stream_id, token);
    if (!stream) return send(incoming, outgoing, NOT_FOUND);
    const file = (context.req.param() as { file?: string }).file ?? "";
    if (file === "events") return this.#events(context, stream);
    const answer = await this.#answer(context, stream, file);
    return send(incoming, outgoing, answer.status === 200 ? ranged(answer, incoming.headers.range) : answer);
  }

  #answer(context: Context<ServerEnv>, stream: ViewableStream, file: string): Promise<Answer> | Answer {
    if (file === "player") return this.#page.page();
    if (file === "")
      return {
        status: 302,
        headers: { Location: `/s/${stream.stream_id}/${stream.view_token}/player`, ...NO_STORE },
        body: [],
      };
    if (file === "state") {
      // The clock stands only here: inside state() it would make each state look changed.
      const state: PlayerState = { ...stateWithTasks(stream), server_time: new Date().toISOString() };
      const body = [Buffer.from(JSON.stringify(state))];
      return { status: 200, headers: { "Content-Type": "application/json", ...NO_STORE }, body };
    }
    if (file === CLOCK) return clockAnswer();
    const view = this.#viewOf(stream);
    const hls = view.media.answer(file, context.req.query());
    const answer = hls ?? view.dash.answer(file, context.req.header("user-agent") ?? "");
    if (answer === null) return NOT_FOUND;
    // Init segments are the same for both: they say nothing of the way.
    const way = file.startsWith("init-") ? null : hls === null ? "dash" : "hls";
    const left = view.viewers.visit(client(context), way);
    const { outgoing } = context.env;
    if (outgoing.destroyed) left();
    else outgoing.once("close", left);
    return answer;
  }

  #events(context: Context<ServerEnv>, stream: ViewableStream): Response {
    const { incoming, outgoing } = context.env;
    const { events, viewers } = this.#viewOf(stream);
    if (events.full) return send(incoming, outgoing, FULL);
    if (incoming.method === "HEAD") {
      return send(incoming, outgoing, {
        status: 200,
        headers: { "Content-Type": "text/event-stream", ...NO_STORE },
        body: [],
      });
    }
    events.add(outgoing, viewers.join(client(context)));
    return RESPONSE_ALREADY_SENT;
  }
}

/** The host's time, by which DASH players set their clock (UTCTiming, http-iso). */
function clockAnswer(): Answer {
  const headers = { "Content-Type": "text/plain", ...NO_STORE, ...CORS };
  return { status: 200, headers, body: [Buffer.from(new Date().toISOString())] };
}

/** What a client is told apart by. */
export function client({ env }: Context<ServerEnv>): string {
  return `${env.incoming.socket.remoteAddress} ${env.incoming.headers["user-agent"] ?? ""}`;
}
