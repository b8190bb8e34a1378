// `GET /api/events`: what happens in this host, as server-sent events. Never checks the token: the control API has done
// that before.
import type { ServerResponse } from "node:http";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import type { Hono } from "hono";
import type { EventLog, LoggedEvent } from "./event-log.ts";
import type { ServerEnv } from "./viewing-routes.ts";

/** ms between two comments by which both sides see that the other is there. */
const HEARTBEAT = 15_000;
/** Bytes that may wait for a listener that doesn't read; above it it is let go, and can come back for what it missed. */
const MAX_UNREAD = 1024 * 1024;
/** Listeners at a time. */
const MAX_LISTENERS = 64;

const text = ({ id, name, data }: LoggedEvent) => `id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;

/** Adds the route. */
export function addEventRoutes(app: Hono<ServerEnv>, log: EventLog): void {
  let listeners = 0;
  app.get("/api/events", (c) => {
    if (listeners >= MAX_LISTENERS) return c.text("Too many listeners.", 503, { "retry-after": "5" });
    const { outgoing } = c.env;
    listeners++;
    serve(outgoing as ServerResponse, log, c.req.header("last-event-id"), () => listeners--);
    return RESPONSE_ALREADY_SENT;
  });
}

function serve(to: ServerResponse, log: EventLog, lastId: string | undefined, gone: () => void): void {
  to.writeHead(200, {
    "content-type": "text/event-stream",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  });
  const write = (piece: string) => {
    if (to.writableLength > MAX_UNREAD) to.destroy();
    else to.write(piece);
  };
  const missed = lastId === undefined ? [] : log.since(lastId);
  // An id without an event: whoever breaks off before the first one knows from where to go on.
  write(`retry: 1000\nid: ${log.last_id}\n\n`);
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
