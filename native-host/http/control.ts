// The control API for programs of the same user: /api/..., /metrics and /healthz, over the backend that main.ts gives it. The
// token is checked here, the Host header by the server.
import { timingSafeEqual } from "node:crypto";
import { Hono, type MiddlewareHandler } from "hono";
import {
  AdmitTabRequestSchema,
  NoticeSchema,
  SetQualityBodySchema,
  SetSharingBodySchema,
  StartStreamBodySchema,
} from "../../protocol/control-api.ts";
import { FlyBrowserError, inWords, toFlyBrowserError } from "../../protocol/errors.ts";
import type { CreateLinkResult, RevokeLinkResult } from "../../protocol/links.ts";
import type { Tab, TabReference } from "../../protocol/native-messages.ts";
import type { StartStreamResult, StopStreamResult, StreamInfo, StreamStatus } from "../../protocol/results.ts";
import type { StartMarks } from "../../protocol/start-trace.ts";
import { partLogger } from "../logging.ts";
import { addDestinationRoutes, type DestinationsBackend } from "./control-destinations.ts";
import { addEventRoutes, type EventLog } from "./control-events.ts";
import { addPrivateRoutes, type PrivateBackend } from "./control-private.ts";
import { addRecordingRoutes, type RecordingsBackend } from "./control-recordings.ts";
import { methodsByPath } from "./control-routes.ts";
import { addTakeOverRoutes, type TakeOverBackend } from "./control-take-over.ts";
import { addTaskRoutes, type TasksBackend } from "./control-tasks.ts";
import { openApiDocument } from "./openapi.ts";
import { openApiPage, PAGE_POLICY } from "./openapi-page.ts";
import { problem } from "./problem.ts";
import { jsonBody, parsedBody } from "./request-body.ts";
import type { ServerEnv } from "./response.ts";

/** What the control API asks for. */
export interface ControlBackend
  extends RecordingsBackend,
    DestinationsBackend,
    PrivateBackend,
    TakeOverBackend,
    TasksBackend {
  readonly events: EventLog;
  readonly metrics: MetricsBackend;
  listTabs(): Promise<Tab[]>;
  /** `tab`: `null` means the one in front. */
  startStream(tab: TabReference | null, options: unknown, admit_tabs: boolean): Promise<StartStreamResult>;
  /** Lets viewers of a stream that follows see a tab. */
  admitTab(stream_id: string, tab: TabReference): Promise<{ tab_id: number }>;
  /** Shows words over the picture for so many seconds, or until it is asked again; `null`: none. @throws FlyBrowserError `no_active_stream` */
  showNotice(stream_id: string, text: string | null, seconds: number): Promise<unknown>;
  stopStream(stream_id: string): Promise<StopStreamResult>;
  /** Address of the page of all streams, with a secret of its own. */
  wallUrl(): string;
  /** @throws FlyBrowserError `no_active_stream`, `invalid_option`, `unsupported_combination`, `tab_not_invoked`, `capture_failed`, `no_media` */
  setQuality(stream_id: string, quality: unknown): Promise<StreamInfo>;
  /** @throws FlyBrowserError `no_active_stream`, `invalid_option`, `share_unavailable`, `setting_invalid` */
  setSharing(stream_id: string, share: unknown): Promise<StreamInfo>;
  /** @throws FlyBrowserError `no_active_stream`, `too_many_links`, `invalid_option`, `unknown_option` */
  createLink(stream_id: string, options: unknown): CreateLinkResult;
  /** @throws FlyBrowserError `no_active_stream`, `link_not_found` */
  revokeLink(stream_id: string, link_id: string): RevokeLinkResult;
  listStreams(): StreamInfo[];
  /** `null`: there is no such stream. */
  streamStatus(stream_id: string): StreamStatus | null;
  /** When the steps of its start were done. @throws FlyBrowserError `no_active_stream` */
  startMarks(stream_id: string): StartMarks;
}

/** What `GET /metrics` sends. */
export interface MetricsBackend {
  /** Anybody on this machine may read it, without the token. */
  readonly open: boolean;
  /** Media type of {@link text}. */
  readonly type: string;
  text(): Promise<string>;
}

const log = partLogger("control");

function sameToken(given: string, token: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(token)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Whether a path is the control API's: errors there are problem details. */
export function isControlPath(path: string): boolean {
  return /^\/(?:api|metrics|healthz)(?:[/?]|$)/.test(path);
}

/** The control API. `token`: what callers must show. There are no CORS headers: no page may read it. */
export function controlApi(backend: ControlBackend, token: string, host_version: string): Hono<ServerEnv> {
  const app = new Hono<ServerEnv>();
  app.onError((error) => {
    const known = toFlyBrowserError(error);
    if (known.code === "internal") log.error("{error}", { error });
    else log.warning("{code}: {message}", { code: known.code, message: known.message });
    return problem(known);
  });
  const withToken: MiddlewareHandler<ServerEnv> = async (c, next) => {
    const given = /^Bearer (\S+)$/i.exec(c.req.header("authorization") ?? "")?.[1];
    if (!given || !sameToken(given, token)) throw new FlyBrowserError("unauthorized");
    c.header("cache-control", "no-store");
    await next();
  };
  app.get("/healthz", (c) => c.json({ status: "ok", host_version }));
  if (!backend.metrics.open) app.use("/metrics", withToken);
  app.get("/metrics", async (c) => c.body(await backend.metrics.text(), 200, { "content-type": backend.metrics.type }));
  addDocument(app, host_version);
  app.use("/api/*", withToken);
  app.get("/api/tabs", async (c) => c.json({ tabs: inWords(await backend.listTabs()) }));
  app.get("/api/streams", (c) => c.json({ streams: inWords(backend.listStreams()) }));
  app.post("/api/streams", async (c) => {
    const { tab = null, options, admit_tabs } = await parsedBody(c, StartStreamBodySchema);
    return c.json(inWords(await backend.startStream(tab, options, admit_tabs)), 201);
  });
  app.post("/api/streams/:id/admitted", async (c) => {
    const { tab } = await parsedBody(c, AdmitTabRequestSchema);
    return c.json(await backend.admitTab(c.req.param("id"), tab));
  });
  app.put("/api/streams/:id/notice", async (c) => {
    const { text, seconds } = await parsedBody(c, NoticeSchema);
    await backend.showNotice(c.req.param("id"), text, seconds);
    return c.json({ shown: true });
  });
  app.delete("/api/streams/:id/notice", async (c) => {
    await backend.showNotice(c.req.param("id"), null, 0);
    return c.json({ shown: false });
  });
  app.get("/api/streams/:id", (c) => {
    const status = backend.streamStatus(c.req.param("id"));
    if (!status) throw new FlyBrowserError("no_active_stream");
    return c.json(inWords(status));
  });
  app.get("/api/streams/:id/trace", (c) => {
    const stream_id = c.req.param("id");
    return c.json({ stream_id, marks: backend.startMarks(stream_id) });
  });
  app.delete("/api/streams/:id", async (c) => {
    const stream_id = c.req.param("id");
    if (!backend.streamStatus(stream_id)) throw new FlyBrowserError("no_active_stream");
    return c.json(inWords(await backend.stopStream(stream_id)));
  });
  app.get("/api/wall", (c) => c.json({ wall_url: backend.wallUrl() }));
  app.post("/api/streams/:id/links", async (c) =>
    c.json(backend.createLink(c.req.param("id"), await jsonBody(c)), 201),
  );
  app.delete("/api/streams/:id/links/:link_id", (c) => {
    const { id, link_id } = c.req.param();
    return c.json(backend.revokeLink(id, link_id));
  });
  app.put("/api/streams/:id/sharing", async (c) => {
    const { share } = await parsedBody(c, SetSharingBodySchema);
    return c.json(inWords(await backend.setSharing(c.req.param("id"), share)));
  });
  app.put("/api/streams/:id/quality", async (c) => {
    const { quality } = await parsedBody(c, SetQualityBodySchema);
    return c.json(inWords(await backend.setQuality(c.req.param("id"), quality)));
  });
  addDestinationRoutes(app, backend);
  addPrivateRoutes(app, backend);
  addRecordingRoutes(app, backend);
  addTakeOverRoutes(app, backend);
  addTaskRoutes(app, backend);
  addEventRoutes(app, backend.events);
  for (const [path, methods] of methodsByPath()) {
    app.all(path, (c) => {
      const { path, method } = c.req;
      throw new FlyBrowserError("method_not_allowed", { path, method, allowed: methods.join(", ") });
    });
  }
  app.all("/api/*", (c) => {
    throw new FlyBrowserError("route_not_found", { path: c.req.path });
  });
  return app;
}

/** The description of the API. Without the token: it holds no secret, and tools that read it (a browser) could not send one. */
function addDocument(app: Hono<ServerEnv>, version: string): void {
  let document: ReturnType<typeof openApiDocument> | null = null;
  const get = () => {
    document ??= openApiDocument(version);
    return document;
  };
  app.get("/api/openapi.json", (c) => c.json(get()));
  app.get("/api/docs", (c) => c.html(openApiPage(get()), 200, { "content-security-policy": PAGE_POLICY }));
}
