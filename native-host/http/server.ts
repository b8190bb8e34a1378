// The HTTP server of the host: Host check, routes for viewers, and on 127.0.0.1 alone the control API. On other addresses viewers
// are served where the user asked for it.
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener, type HttpBindings } from "@hono/node-server";
import type { Logger } from "@logtape/logtape";
import { Hono } from "hono";
import { FlyBrowserError } from "../../protocol/errors.ts";
import { sentence } from "../../protocol/sentence.ts";
import { ClientLimits } from "./client-limits.ts";
import { isControlPath } from "./control.ts";
import type { LiveStreams } from "./live-streams.ts";
import { isForwarded, isLocalHost, isViewersHost, LOCAL_ONLY, type NetworkAccess } from "./network-access.ts";
import { PlaybackRoutes } from "./playback-routes.ts";
import { PlayerPage } from "./player-page.ts";
import { problemResponse } from "./problem.ts";
import { CORS, type HttpResponse, NOT_FOUND, type ServerEnv, send, textResponse } from "./response.ts";
import { NO_VIEWERS, type ViewerCounts } from "./viewers.ts";
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

/** Tries for a port that is free on every address. */
const PORT_TRIES = 5;

const WRONG_HOST = textResponse(421, "This server doesn't answer under this name.");
const BROKEN = textResponse(500, "Something went wrong. The log of the host says what.");

/** What an {@link HttpServer} needs. */
export interface HttpServerOptions {
  readonly streams: LiveStreams;
  /** Folder with the built player: `index.html`, `assets/`. */
  readonly player_directory: string;
  /** The control API, with its own paths and its own checks; the Host header is checked before it. */
  readonly control?: Hono<ServerEnv>;
  /** Viewing by WebRTC; left out: there is none. */
  readonly whep?: WhepSessions;
  /** Where viewers (and never the control API) are served besides 127.0.0.1, at the same port. Left out: nowhere. */
  readonly access?: NetworkAccess;
  readonly log: Logger;
}

/** The server. */
export interface HttpServer {
  /**
   * Listens on 127.0.0.1 and on the view addresses; port 0: any that is free on all of them. Gives the port.
   * @throws FlyBrowserError `internal` when the port is taken.
   */
  listen(options: { port: number }): Promise<number>;
  /** How many watch a stream now: open player pages, other viewers by WebRTC, clients that fetched media in the last 10 s. */
  viewerCount(stream_id: string): number;
  /** The same by protocol. */
  viewers(stream_id: string): ViewerCounts;
  /** Ends all connections, also those under way, and stops listening. Idempotent. */
  close(): Promise<void>;
}

/** Makes the server; it doesn't listen yet. */
export function createHttpServer(options: HttpServerOptions): HttpServer {
  const { streams, access = LOCAL_ONLY, log } = options;
  const playback = new PlaybackRoutes(streams, new PlayerPage(options.player_directory, log));
  // Before the other paths of a stream, which would take its name for a file's.
  const forViewers = [...(options.whep ? [whepRoutes(streams, options.whep)] : []), playback.app];
  const local: Site = {
    isFor: (headers) => isLocalHost(headers.host) && !isForwarded(headers),
    app: appOf(options.control ? [...forViewers, options.control] : forViewers, log),
  };
  const limits = new ClientLimits();
  const isViewersName = isViewersHost(access);
  const remote: Site = { isFor: ({ host }) => isViewersName(host), app: appOf(forViewers, log) };
  const wrongHost = (path: string) =>
    options.control && isControlPath(path) ? problemResponse(new FlyBrowserError("wrong_host")) : WRONG_HOST;
  // A tunnel or a reverse proxy comes by 127.0.0.1, with the public name.
  const servers = new Map([[LOOPBACK, serverOf([local, remote], limits, wrongHost)]]);
  for (const address of access.addresses)
    servers.set(
      address,
      serverOf([remote], limits, () => WRONG_HOST),
    );
  const viewers = (stream_id: string): ViewerCounts => {
    const stream = streams.get(stream_id);
    return stream ? playback.viewers(stream, options.whep?.clients(stream_id)) : NO_VIEWERS;
  };
  return {
    listen: ({ port }) => listenOnAll(servers, port, log),
    viewerCount: (stream_id) => Object.values(viewers(stream_id)).reduce((sum, count) => sum + count, 0),
    viewers,
    async close() {
      await Promise.all([...servers.values()].map(close));
    },
  };
}

/** What is served under some host names. */
interface Site {
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
  app.onError((error, { env, req }) => {
    log.error("A request failed: {method} {error}", { method: req.method, error });
    if (env.outgoing.headersSent) env.outgoing.destroy();
    return send(env, BROKEN);
  });
  return app;
}

/** A server of the site that a Host header names; `wrongHost`: the response for a path where it names none. */
function serverOf(sites: readonly Site[], limits: ClientLimits, wrongHost: (path: string) => HttpResponse): Server {
  const listener = getRequestListener(
    (request, bindings) => {
      const env = bindings as HttpBindings;
      const site = sites.find(({ isFor }) => isFor(env.incoming.headers));
      if (site) return site.app.fetch(request, env);
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
      // The control API asks for its token, and whoever has that may ask as often as they like.
      const refusal = isControlPath(incoming.url ?? "") ? null : limits.refusal(incoming, outgoing);
      if (!refusal) return void listener(incoming, outgoing);
      incoming.resume();
      send({ incoming, outgoing }, refusal);
    },
  );
  server.maxHeadersCount = MAX_HEADERS;
  server.maxConnections = MAX_CONNECTIONS;
  server.setTimeout(IDLE_TIMEOUT);
  return server;
}

/** The first address chooses the port where any will do; the others may have it in use, then another one is tried. */
async function listenOnAll(servers: ReadonlyMap<string, Server>, port: number, log: Logger): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    let chosen = port;
    try {
      for (const [address, server] of servers) chosen = await listen(server, address, chosen, log);
      return chosen;
    } catch (error) {
      await Promise.all([...servers.values()].map(close));
      if (port !== 0 || attempt === PORT_TRIES) throw error;
    }
  }
}

function listen(server: Server, address: string, port: number, log: Logger): Promise<number> {
  return new Promise((resolve, reject) => {
    const failed = (cause: NodeJS.ErrnoException): void => {
      if (address !== LOOPBACK && cause.code !== "EADDRINUSE") {
        // An address that went away, or isn't ready yet, must not keep the others from being served.
        log.warning("viewers can't be served on {address}: {cause}", { address, cause: cause.message });
        resolve(port);
        return;
      }
      const reason = sentence("http.no_listen", { address, port, error: cause.message });
      reject(new FlyBrowserError("internal", { reason }, { cause }));
    };
    server.once("error", failed);
    server.listen(port, address, () => {
      server.off("error", failed);
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
