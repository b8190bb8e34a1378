// The HTTP server of the host, on 127.0.0.1: Host check, viewing routes, control API where one is given.
// Never knows what a stream is made of.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import type { Logger } from "@logtape/logtape";
import { Hono } from "hono";
import { FlyBrowserError } from "../../protocol/errors.ts";
import { isLocalHost } from "./access.ts";
import { NOT_FOUND, send, textAnswer } from "./answer.ts";
import { PlayerPage } from "./player-page.ts";
import type { StreamLookup } from "./viewing.ts";
import { type ServerEnv, ViewingRoutes } from "./viewing-routes.ts";
import { whepRoutes } from "./whep.ts";
import type { WhepSessions } from "./whep-sessions.ts";

const LOOPBACK = "127.0.0.1";
/** Connections at once; above it new ones are refused. */
const MAX_CONNECTIONS = 4_096;
/** ms without a byte either way after which a connection is dropped. Events have a heartbeat well below it. */
const IDLE_TIMEOUT = 60_000;
/** ms that a connection is kept for the next request; players come several times a second. */
const KEEP_ALIVE = 15_000;

const WRONG_HOST = textAnswer(421, "This address answers only as localhost.");
const BROKEN = textAnswer(500, "Something went wrong. The log of the host says what.");

/** What an {@link HttpServer} needs. */
export interface HttpServerOptions {
  readonly lookup: StreamLookup;
  /** Folder with the built player: `index.html`, `assets/`. */
  readonly player_directory: string;
  /** The control API, with its own paths and its own checks; the Host header is checked before it. */
  readonly control?: Hono<ServerEnv>;
  /** Viewing by WebRTC; left out: there is none. */
  readonly whep?: WhepSessions;
  readonly log: Logger;
}

/** The server. */
export interface HttpServer {
  /**
   * Listens on 127.0.0.1; port 0: any free one. Gives the port.
   * @throws FlyBrowserError `internal` when the port is taken.
   */
  listen(options: { port: number }): Promise<number>;
  /** How many watch a stream now: open player pages, other viewers by WebRTC, clients that fetched media in the last 10 s. */
  viewerCount(stream_id: string): number;
  /** Ends all connections, also those under way, and stops listening. Idempotent. */
  close(): Promise<void>;
}

/** Makes the server; it doesn't listen yet. */
export function createHttpServer(options: HttpServerOptions): HttpServer {
  const { lookup, log } = options;
  const viewing = new ViewingRoutes(lookup, new PlayerPage(options.player_directory, log));
  const app = new Hono<ServerEnv>();
  app.use(async ({ env }, next) => {
    if (!isLocalHost(env.incoming.headers.host)) return send(env.incoming, env.outgoing, WRONG_HOST);
    return next();
  });
  // Before the other paths of a stream, which would take its name for a file's.
  if (options.whep) app.route("/", whepRoutes(lookup, options.whep));
  app.route("/", viewing.app);
  if (options.control) app.route("/", options.control);
  app.notFound(({ env }) => send(env.incoming, env.outgoing, NOT_FOUND));
  app.onError((error, { env, req }) => {
    log.error("A request failed: {method} {error}", { method: req.method, error });
    if (env.outgoing.headersSent) env.outgoing.destroy();
    return send(env.incoming, env.outgoing, BROKEN);
  });
  const server = createServer(
    { keepAliveTimeout: KEEP_ALIVE },
    getRequestListener((request, env) => app.fetch(request, env), { overrideGlobalObjects: false }),
  );
  server.maxConnections = MAX_CONNECTIONS;
  server.setTimeout(IDLE_TIMEOUT);
  return {
    listen: ({ port }) => listen(server, port),
    viewerCount(stream_id) {
      const stream = lookup.get(stream_id);
      return stream ? viewing.viewerCount(stream, options.whep?.clients(stream_id)) : 0;
    },
    close: () => close(server),
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const failed = (cause: Error): void => {
      reject(
        new FlyBrowserError(
          "internal",
          { reason: `the HTTP server could not listen on port ${port} (${cause.message})` },
          { cause },
        ),
      );
    };
    server.once("error", failed);
    server.listen(port, LOOPBACK, () => {
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
