// The control API's routes about recordings: start (of a stream, or of a tab without one), stop, list. Never does anything
// itself, and never checks the token: the control API has done that before.
import type { Context, Hono } from "hono";
import * as v from "valibot";
import { StartRecordingBodySchema } from "../../protocol/control-api.ts";
import { FlyBrowserError } from "../../protocol/errors.ts";
import type { TabReference } from "../../protocol/native-messages.ts";
import {
  type RecordingInfo,
  type StartRecordingResult,
  type StopRecordingResult,
  StopRecordingResultSchema,
} from "../../protocol/results.ts";
import { parsedBody } from "./json-body.ts";
import type { ServerEnv } from "./viewing-routes.ts";

/** What the routes can have done. */
export interface RecordingsBackend {
  startRecording(stream_id: string, options: unknown): Promise<StartRecordingResult>;
  /** With the tab's stream or without one; `tab`: `null` means the one in front. */
  recordTab(tab: TabReference | null, options: unknown): Promise<StartRecordingResult>;
  stopRecording(stream_id: string): Promise<StopRecordingResult>;
  listRecordings(): RecordingInfo[];
  /** `null`: there is none of that id. */
  findRecording(recording_id: string): RecordingInfo | null;
  /** The stream that is recorded under this id by this host, also if in another file by now; `null`: none. */
  recordedStream(recording_id: string): string | null;
}

/** ACCEPTED: it is still being finished. */
const ACCEPTED = 202;

/** Adds the routes. `jsonBody` reads the body of a request that has one. */
export function addRecordingRoutes(
  app: Hono<ServerEnv>,
  backend: RecordingsBackend,
  jsonBody: (c: Context<ServerEnv>) => Promise<unknown>,
): void {
  app.post("/api/streams/:id/recording", async (c) => {
    const { headers } = c.env.incoming;
    const empty = headers["transfer-encoding"] === undefined && Number(headers["content-length"] ?? 0) === 0;
    const options = empty ? {} : await jsonBody(c);
    return c.json(await backend.startRecording(c.req.param("id"), options), 201);
  });
  app.delete("/api/streams/:id/recording", async (c) => {
    const result = await backend.stopRecording(c.req.param("id"));
    return c.json(result, result.status === "finishing" ? ACCEPTED : 200);
  });
  app.post("/api/recordings", async (c) => {
    const { tab = null, options } = await parsedBody(c, StartRecordingBodySchema);
    return c.json(await backend.recordTab(tab, options), 201);
  });
  app.post("/api/recordings/:id/stop", async (c) => {
    const recording_id = c.req.param("id");
    const found = backend.findRecording(recording_id);
    if (!found) throw new FlyBrowserError("recording_not_found", { recording_id });
    const stream_id = backend.recordedStream(recording_id);
    if (stream_id === null && found.status === "recording") {
      throw new FlyBrowserError("recording_elsewhere", { recording_id });
    }
    const result =
      stream_id === null ? v.parse(StopRecordingResultSchema, found) : await backend.stopRecording(stream_id);
    return c.json(result, result.status === "finishing" ? ACCEPTED : 200);
  });
  app.get("/api/recordings", (c) => c.json({ recordings: backend.listRecordings() }));
  app.get("/api/recordings/:id", (c) => {
    const recording_id = c.req.param("id");
    const found = backend.findRecording(recording_id);
    if (!found) throw new FlyBrowserError("recording_not_found", { recording_id });
    return c.json(found);
  });
}
