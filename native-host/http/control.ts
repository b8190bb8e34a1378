// The control API for programs of the same user: /api/... and /healthz. Never serves viewers, and never does
// anything itself: it asks the backend that main.ts gives it. The Host header is the server's to check.
import { timingSafeEqual } from "node:crypto";
import { type Context, Hono } from "hono";
import * as v from "valibot";
import { StartStreamBodySchema } from "../../protocol/control-api.ts";
import { FlyBrowserError, toFlyBrowserError } from "../../protocol/errors.ts";
import type { Tab, TabReference } from "../../protocol/native-messages.ts";
import type { StartStreamResult, StopStreamResult, StreamInfo, StreamStatus } from "../../protocol/results.ts";
import { partLogger } from "../logging.ts";
import { addEventRoutes } from "./control-events.ts";
import { addRecordingRoutes, type RecordingsBackend } from "./control-recordings.ts";
import { addTaskRoutes, type TasksBackend } from "./control-tasks.ts";
import type { EventLog } from "./event-log.ts";
import type { ServerEnv } from "./viewing-routes.ts";

/** What the control API can have done. */
export interface ControlBackend extends RecordingsBackend, TasksBackend {
  readonly events: EventLog;
  listTabs(): Promise<Tab[]>;
  /** `tab`: `null` means the one in front. */
  startStream(tab: TabReference | null, options: unknown): Promise<StartStreamResult>;
  stopStream(stream_id: string): Promise<StopStreamResult>;
  listStreams(): StreamInfo[];
  /** `null`: there is no such stream. */
  streamStatus(stream_id: string): StreamStatus | null;
}

const MAX_BODY_BYTES = 64 * 1024;
const log = partLogger("control");

function sameToken(given: string, token: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(token)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** An error as problem details (RFC 9457). */
export function problem(thrown: unknown): Response {
  const error = toFlyBrowserError(thrown);
  const { code, status, fix, message } = error;
  const body = {
    type: `urn:flybrowser-stream:${code}`,
    title: message,
    status,
    detail: `${message} ${fix}`,
    code,
    fix,
  };
  const headers = { "content-type": "application/problem+json", "cache-control": "no-store" };
  return Response.json(body, { status, headers });
}

async function jsonBody(c: Context<ServerEnv>): Promise<unknown> {
  const refuse = (reason: string) => new FlyBrowserError("invalid_message", { name: "request body", reason });
  const type = c.req.header("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type !== "application/json") throw refuse("its content type must be application/json");
  // Not hono's bodyLimit: it can't rebuild the requests of @hono/node-server without its global Request.
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of c.env.incoming) {
    pieces.push(piece);
    bytes += piece.length;
    if (bytes > MAX_BODY_BYTES) throw refuse(`it is larger than ${MAX_BODY_BYTES} bytes`);
  }
  try {
    return JSON.parse(Buffer.concat(pieces).toString("utf8"));
  } catch {
    throw refuse("it is not JSON");
  }
}

/** The control API. `token`: what callers must show. Answers hold no CORS headers: no page may read them. */
export function controlApi(backend: ControlBackend, token: string, host_version: string): Hono<ServerEnv> {
  const app = new Hono<ServerEnv>();
  app.onError((error) => {
    const known = toFlyBrowserError(error);
    if (known.code === "internal") log.error("{error}", { error });
    else log.warning("{code}: {message}", { code: known.code, message: known.message });
    return problem(known);
  });
  app.get("/healthz", (c) => c.json({ status: "ok", host_version }));

  app.use("/api/*", async (c, next) => {
    const given = /^Bearer (\S+)$/i.exec(c.req.header("authorization") ?? "")?.[1];
    if (!given || !sameToken(given, token)) throw new FlyBrowserError("unauthorized");
    c.header("cache-control", "no-store");
    await next();
  });
  app.get("/api/tabs", async (c) => c.json({ tabs: await backend.listTabs() }));
  app.get("/api/streams", (c) => c.json({ streams: backend.listStreams() }));
  app.post("/api/streams", async (c) => {
    const parsed = v.safeParse(StartStreamBodySchema, await jsonBody(c));
    if (!parsed.success) {
      const reason = parsed.issues[0].message;
      throw new FlyBrowserError("invalid_message", { name: "request body", reason });
    }
    return c.json(await backend.startStream(parsed.output.tab ?? null, parsed.output.options), 201);
  });
  app.get("/api/streams/:id", (c) => {
    const status = backend.streamStatus(c.req.param("id"));
    if (!status) throw new FlyBrowserError("no_active_stream");
    return c.json(status);
  });
  app.delete("/api/streams/:id", async (c) => {
    const stream_id = c.req.param("id");
    if (!backend.streamStatus(stream_id)) throw new FlyBrowserError("no_active_stream");
    return c.json(await backend.stopStream(stream_id));
  });
  addRecordingRoutes(app, backend, jsonBody);
  addTaskRoutes(app, backend, jsonBody);
  addEventRoutes(app, backend.events);
  app.all("/api/*", () => problem(new FlyBrowserError("not_found")));
  return app;
}
