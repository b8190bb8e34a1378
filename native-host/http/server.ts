// The HTTP server of the host: Host check, routes for viewers, and on 127.0.0.1 alone the control API. On other addresses and
// under other names viewers are served while a stream is shared that way.
import { createServer, type IncomingHttpHeaders, type Server, ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { getRequestListener, type HttpBindings } from "@hono/node-server";
import type { Logger } from "@logtape/logtape";
import { Hono } from "hono";
import { FlyBrowserError } from "../../protocol/errors.ts";
import type { Share } from "../../protocol/options.ts";
import type { PlaybackQuality } from "../../protocol/results.ts";
import { sentence } from "../../protocol/sentence.ts";
import { ClientLimits } from "./client-limits.ts";
import { isControlPath } from "./control.ts";
import type { LiveStreams } from "./live-streams.ts";
import { isForwarded, isLocalHost, ViewersNames } from "./network-access.ts";
import { type PlaybackOptions, PlaybackRoutes } from "./playback-routes.ts";
import { PlayerPage } from "./player-page.ts";
import { Posters } from "./posters.ts";
import { problemResponse } from "./problem.ts";
import { CORS, type HttpResponse, NOT_FOUND, type ServerEnv, send, textResponse } from "./response.ts";
import { Sockets } from "./sockets.ts";
import type { OpenInputChannel } from "./steering-person.ts";
import { NO_VIEWERS, sumOf, totalOf, type ViewerCounts } from "./viewers.ts";
import { type WallOptions, wallRoutes } from "./wall-routes.ts";
import { whepRoutes } from "./whep.ts";
import type { WhepSessions } from "./whep-sessions.ts";

const LOOPBACK = "127.0.0.1";
/** Connections at once; above it new ones are refused. */
const MAX_CONNECTIONS = 4_096;
/** ms without a byte either way after which a connection is dropped. Events have a heartbeat well below it. */
const IDLE_TIMEOUT = 60_000;
/** ms that a connection is kept for the next request; players come several times a second. */
const KEEP_ALIVE = 15_000;

/** Bytes, and lines, of a request's headers: four times what browsers send. */
const MAX_HEADER_BYTES = 8 * 1024;
const MAX_HEADERS = 64;
/** ms in which the headers of a request, and all of it, must be there; how often that is looked at. */
const HEADERS_WITHIN = 10_000;
const REQUEST_WITHIN = 30_000;
const LOOK_EVERY = 5_000;

const WRONG_HOST = textResponse(421, "This server doesn't answer under this name.");
const BROKEN = textResponse(500, "Something went wrong. The log of the host says what.");

/** What an {@link HttpServer} needs. */
export interface HttpServerOptions extends PlaybackOptions {
  readonly streams: LiveStreams;
  /** Folder with the built player: `index.html`, `assets/`. */
  readonly player_directory: string;
  /** The control API, with its own paths and its own checks; the Host header is checked before it. */
  readonly control?: Hono<ServerEnv>;
  /** Viewing by WebRTC; left out: there is none. */
  readonly whep?: WhepSessions;
  /** Opens a data channel for input of a viewer by WebRTC; left out: it comes by the socket alone. */
  readonly openInputChannel?: OpenInputChannel;
  /** Makes a JPEG of media; left out: there are no posters. */
  readonly makePoster?: (media: readonly Uint8Array[]) => Promise<Buffer>;
  /** The page of all streams: who may see it. Left out: there is none. */
  readonly wall?: Pick<WallOptions, "control_token" | "wall_token">;
  readonly log: Logger;
}

/** The server. */
export interface HttpServer {
  /**
   * Listens on 127.0.0.1; port 0: any that is free. Gives the port.
   * @throws FlyBrowserError `internal` when the port is taken.
   */
  listen(options: { port: number }): Promise<number>;
  /** Serves viewers (and never the control API) on another address of this machine, at the same port. Rejects with the system's error. */
  openAddress(address: string): Promise<void>;
  /** Ends the connections there, once nobody needs it. */
  closeAddress(address: string): Promise<void>;
  /** Serves viewers who come under the name of a URL, by a tunnel or proxy. */
  openName(base: string): void;
  closeName(base: string): void;
  /** How many watch a stream now: open player pages, other viewers by WebRTC or the live engine, clients that fetched media in the last 10 s. */
  viewerCount(stream_id: string): number;
  /** What viewers' players report; `null`: none does. */
  playback(stream_id: string): PlaybackQuality | null;
  /** The same by protocol. */
  viewers(stream_id: string): ViewerCounts;
  /** How many of them came by a link. */
  linkViewers(stream_id: string, link_id: string): number;
  /** Ends all connections, also those under way, and stops listening. Idempotent. */
  close(): Promise<void>;
}

/** Makes the server; it doesn't listen yet. */
export function createHttpServer(options: HttpServerOptions): HttpServer {
  const { streams, log } = options;
  const page = new PlayerPage(options.player_directory, log);
  const makePoster = options.makePoster ?? (() => Promise.reject(new Error("no posters")));
  const playback = new PlaybackRoutes(streams, page, new Posters(makePoster), options);
  const wall = options.wall
    ? [wallRoutes({ ...options.wall, streams, page, viewers: (id) => totalOf(viewers(id)) })]
    : [];
  // Before the other paths of a stream, which would take its name for a file's.
  const forViewers = [...wall, ...(options.whep ? [whepRoutes(streams, options.whep)] : []), playback.app];
  const local: Site = {
    from: "this-computer",
    isFor: (headers) => isLocalHost(headers.host) && !isForwarded(headers),
    app: appOf(options.control ? [...forViewers, options.control] : forViewers, log),
  };
  const limits = new ClientLimits();
  const sockets = new Sockets(streams, options.openInputChannel ?? (async () => null));
  const names = new ViewersNames();
  const app = appOf(forViewers, log);
  const network: Site = { from: "network", isFor: ({ host }) => names.isNetworkHost(host), app };
  const internet: Site = { from: "internet", isFor: ({ host }) => names.isPublicHost(host), app };
  const wrongHost = (path: string) =>
    options.control && isControlPath(path) ? problemResponse(new FlyBrowserError("wrong_host")) : WRONG_HOST;
  // A tunnel or a reverse proxy comes by 127.0.0.1 or, from another machine, by the network; with the public name.
  const common = {
    ...{ limits, names, sockets },
    arrival: (path: string) => streams.arrival(path),
    serveMedia(bindings: ServerEnv["Bindings"]): boolean {
      const onError = (error: unknown): void => void fail(log, bindings, error);
      try {
        return playback.serveMedia(bindings, onError);
      } catch (error) {
        onError(error);
        return true;
      }
    },
  };
  const main = serverOf([local, network, internet], { ...common, wrongHost });
  const others = new Map<string, Server>();
  let bound = 0;
  streams.onEnding(({ stream_id, isOver }) => options.whep?.end(stream_id, isOver));
  const byLink = (stream_id: string): ReadonlyMap<string, ViewerCounts> => {
    const stream = streams.get(stream_id);
    const webrtc = options.whep?.clientsByLink(stream_id) ?? new Map<string, string[]>();
    return stream ? playback.viewers(stream, { webrtc, live: sockets.live.viewersByLink(stream_id) }) : new Map();
  };
  const viewers = (stream_id: string) => [...byLink(stream_id).values()].reduce(sumOf, NO_VIEWERS);
  return {
    async listen({ port }) {
      bound = await listen(main, LOOPBACK, port).catch((cause: NodeJS.ErrnoException) => {
        const reason = sentence("http.no_listen", { address: LOOPBACK, port, error: cause.message });
        throw new FlyBrowserError("internal", { reason }, { cause });
      });
      return bound;
    },
    async openAddress(address) {
      if (!names.addAddress(address)) return;
      const server = serverOf([network, internet], { ...common, wrongHost: () => WRONG_HOST });
      try {
        await listen(server, address, bound);
        others.set(address, server);
      } catch (error) {
        names.removeAddress(address);
        throw error;
      }
    },
    async closeAddress(address) {
      const server = others.get(address);
      if (!server || !names.removeAddress(address)) return;
      others.delete(address);
      await close(server);
    },
    openName: (base) => names.addBase(base),
    closeName: (base) => names.removeBase(base),
    viewerCount: (stream_id) => totalOf(viewers(stream_id)),
    linkViewers: (stream_id, link_id) => totalOf(byLink(stream_id).get(link_id) ?? NO_VIEWERS),
    viewers,
    playback(stream_id) {
      const stream = streams.get(stream_id);
      return stream ? playback.playback(stream) : null;
    },
    async close() {
      sockets.close();
      await Promise.all([main, ...others.values()].map(close));
    },
  };
}

/** What is served under some host names. */
interface Site {
  /** The way by which its requests come. */
  readonly from: Share;
  /** Whether a request with these headers is for it. */
  readonly isFor: (headers: IncomingHttpHeaders) => boolean;
  readonly app: Hono<ServerEnv>;
}

function appOf(routes: readonly Hono<ServerEnv>[], log: Logger): Hono<ServerEnv> {
  const app = new Hono<ServerEnv>();
  // Whatever comes of a request: also with an error, and with what no route knows.
  app.use(({ env: { outgoing }, req }, next) => {
    if (!isControlPath(req.path)) outgoing.setHeaders(new Map(Object.entries(CORS)));
    return next();
  });
  for (const each of routes) app.route("/", each);
  app.notFound(({ env }) => send(env, NOT_FOUND));
  app.onError((error, { env }) => fail(log, env, error));
  return app;
}

function fail(log: Logger, bindings: HttpBindings, error: unknown): Response {
  log.error("A request failed: {method} {error}", { method: bindings.incoming.method, error });
  if (bindings.outgoing.headersSent) bindings.outgoing.destroy();
  return send(bindings, BROKEN);
}

/** What all servers share. */
interface Common {
  readonly limits: ClientLimits;
  readonly names: ViewersNames;
  readonly sockets: Sockets;
  /** Resolves once a stream that is on its way here has come, or won't; `null`: none of this path is. */
  readonly arrival: (path: string) => Promise<void> | null;
  /** Serves media without the router; `false`: the request is for something else. */
  serveMedia(bindings: ServerEnv["Bindings"]): boolean;
  /** The response for a path where the Host header names no site. */
  readonly wrongHost: (path: string) => HttpResponse;
}

/** A server of the site that a Host header names. */
function serverOf(sites: readonly Site[], { limits, names, wrongHost, sockets, serveMedia, arrival }: Common): Server {
  const listener = getRequestListener(
    (request, bindings) => {
      const env = bindings as HttpBindings;
      const site = sites.find(({ isFor }) => isFor(env.incoming.headers));
      if (site) return site.app.fetch(request, { ...env, from: site.from });
      return send(env, wrongHost(env.incoming.url ?? ""));
    },
    { overrideGlobalObjects: false },
  );
  const server = createServer(
    {
      ...{ keepAliveTimeout: KEEP_ALIVE, maxHeaderSize: MAX_HEADER_BYTES, headersTimeout: HEADERS_WITHIN },
      ...{ requestTimeout: REQUEST_WITHIN, connectionsCheckingInterval: LOOK_EVERY },
    },
    (incoming, outgoing) => {
      if (incoming.socket.destroyed) return; // closed by the limits, with requests that were read already
      incoming.url = names.withoutPrefix(incoming.headers.host, incoming.url ?? "/");
      // The control API asks for its token, and whoever has that may ask as often as they like.
      const refusal = isControlPath(incoming.url ?? "") ? null : limits.refusal(incoming, outgoing);
      const serve = () => {
        const site = sites.find(({ isFor }) => isFor(incoming.headers));
        if (site && serveMedia({ incoming, outgoing, from: site.from })) return;
        void listener(incoming, outgoing);
      };
      if (!refusal) {
        const coming = arrival(incoming.url);
        if (coming === null) return serve();
        return void coming.then(() => outgoing.destroyed || serve());
      }
      incoming.resume();
      send({ incoming, outgoing }, refusal);
    },
  );
  server.on("upgrade", (incoming, socket, head) => {
    // Others (`h2c`, of curl) are offers that a server need not take (RFC 9110 7.8): the request is served as any.
    if (incoming.headers.upgrade?.toLowerCase() !== "websocket") {
      const outgoing = new ServerResponse(incoming);
      outgoing.shouldKeepAlive = false;
      outgoing.assignSocket(socket as Socket);
      outgoing.once("finish", () => socket.end());
      return void server.emit("request", incoming, outgoing);
    }
    incoming.url = names.withoutPrefix(incoming.headers.host, incoming.url ?? "/");
    const site = sites.find(({ isFor }) => isFor(incoming.headers));
    if (!site || limits.refusal(incoming, socket)) socket.destroy();
    else sockets.upgrade(incoming, socket, head, site.from);
  });
  server.maxHeadersCount = MAX_HEADERS;
  server.maxConnections = MAX_CONNECTIONS;
  server.setTimeout(IDLE_TIMEOUT);
  return server;
}

/** Gives the port. Rejects with the system's error. */
function listen(server: Server, address: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, address, () => {
      server.off("error", reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
