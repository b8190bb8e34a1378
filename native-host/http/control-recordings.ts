// The control API's routes about recordings: start (of a stream, or of a tab without one), stop, list; clips.
import type { Hono } from "hono";
import * as v from "valibot";
import type { ClipResult } from "../../protocol/clips.ts";
import { StartRecordingBodySchema } from "../../protocol/control-api.ts";
import { FlyBrowserError, inWords } from "../../protocol/errors.ts";
import type { TabReference } from "../../protocol/native-messages.ts";
import {
  type RecordingInfo,
  type StartRecordingResult,
  type StopRecordingResult,
  StopRecordingResultSchema,
} from "../../protocol/results.ts";
import { jsonBody, parsedBody } from "./request-body.ts";
import type { ServerEnv } from "./response.ts";

/** What the routes ask for. */
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
  /** Makes a file of a stretch of a stream. */
  clip(stream_id: string, options: unknown): Promise<ClipResult>;
}

/** Status of a request to stop: 202 Accepted where the recording is still being finished. */
const stopped = ({ status }: StopRecordingResult) => (status === "finishing" ? 202 : 200);

/** Adds the routes. */
export function addRecordingRoutes(app: Hono<ServerEnv>, backend: RecordingsBackend): void {
  const find = (recording_id: string): RecordingInfo => {
    const found = backend.findRecording(recording_id);
    if (!found) throw new FlyBrowserError("recording_not_found", { recording_id });
    return found;
  };
  app.post("/api/streams/:id/recording", async (c) => {
    const { headers } = c.env.incoming;
    const empty = headers["transfer-encoding"] === undefined && Number(headers["content-length"] ?? 0) === 0;
    const options = empty ? {} : await jsonBody(c);
    return c.json(await backend.startRecording(c.req.param("id"), options), 201);
  });
  app.delete("/api/streams/:id/recording", async (c) => {
    const result = await backend.stopRecording(c.req.param("id"));
    return c.json(inWords(result), stopped(result));
  });
  app.post("/api/recordings", async (c) => {
    const { tab = null, options } = await parsedBody(c, StartRecordingBodySchema);
    return c.json(await backend.recordTab(tab, options), 201);
  });
  app.post("/api/recordings/:id/stop", async (c) => {
    const recording_id = c.req.param("id");
    const found = find(recording_id);
    const stream_id = backend.recordedStream(recording_id);
    if (stream_id === null && found.status === "recording") {
      throw new FlyBrowserError("recording_elsewhere", { recording_id });
    }
    const result =
      stream_id === null ? v.parse(StopRecordingResultSchema, found) : await backend.stopRecording(stream_id);
    return c.json(inWords(result), stopped(result));
  });
  app.post("/api/streams/:id/clips", async (c) =>
    c.json(await backend.clip(c.req.param("id"), await jsonBody(c)), 201),
  );
  app.get("/api/recordings", (c) => c.json({ recordings: inWords(backend.listRecordings()) }));
  app.get("/api/recordings/:id", (c) => c.json(inWords(find(c.req.param("id")))));
}
