// `GET /api/events`: what happens in this host, as server-sent events. Never checks the token: the control API has done
// that before.
import type { ServerResponse } from "node:http";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import type { Hono } from "hono";
import { FlyBrowserError } from "../../protocol/errors.ts";
import type { EventLog, LoggedEvent } from "./event-log.ts";
import type { ServerEnv } from "./viewing-routes.ts";

/** ms between two comments by which both sides see that the other is there. */
const HEARTBEAT = 15_000;
/** Bytes that may wait for a listener that doesn't read; above it it is let go, and can come back for what it missed. */
const MAX_UNREAD = 1024 * 1024;
/** Listeners at a time. */
export const MAX_LISTENERS = 64;

const text = ({ id, name, data }: LoggedEvent) => `id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;

/** Adds the route. */
export function addEventRoutes(app: Hono<ServerEnv>, log: EventLog): void {
  let listeners = 0;
  app.get("/api/events", (c) => {
    if (listeners >= MAX_LISTENERS) throw new FlyBrowserError("too_many_listeners", { limit: MAX_LISTENERS });
    const { incoming, outgoing } = c.env;
    begin(outgoing as ServerResponse);
    if (incoming.method === "HEAD") outgoing.end();
    else {
      listeners++;
      serve(outgoing as ServerResponse, log, c.req.header("last-event-id"), () => listeners--);
    }
    return RESPONSE_ALREADY_SENT;
  });
}

function begin(to: ServerResponse): void {
  to.writeHead(200, {
    "content-type": "text/event-stream",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  });
}

function serve(to: ServerResponse, log: EventLog, lastId: string | undefined, gone: () => void): void {
  const write = (piece: string) => {
    if (to.writableLength > MAX_UNREAD) to.destroy();
    else to.write(piece);
  };
  const missed = lastId === undefined ? [] : log.since(lastId);
  // An id without an event: whoever breaks off before the first one knows from where to go on. Not before missed events:
  // who breaks off among them would take up after all of them.
  write(`retry: 1000\n${lastId === undefined ? `id: ${log.last_id}\n` : ""}\n`);
  if (missed === null) write(text({ id: log.last_id, name: "reset", data: {} }));
  else for (const event of missed) write(text(event));
  const silence = log.listen((event) => write(text(event)));
  const heartbeat = setInterval(() => write(": here\n\n"), HEARTBEAT);
  heartbeat.unref();
  to.on("close", () => {
    silence();
    clearInterval(heartbeat);
    gone();
  });
}
