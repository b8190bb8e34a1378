// Which recording `POST /api/recordings/{id}/stop` ends.
import { Hono } from "hono";
import { expect, test } from "vitest";
import { addRecordingRoutes, type RecordingsBackend } from "../../../../native-host/http/control-recordings.ts";
import type { ServerEnv } from "../../../../native-host/http/response.ts";
import type { FlyBrowserError } from "../../../../protocol/errors.ts";
import type { RecordingInfo } from "../../../../protocol/results.ts";
import { recordingInfo } from "../stream-info.ts";

const FIRST = recordingInfo({ recording_id: "first", status: "recovered" });

/** Answer of the route, and what was stopped; `here`: the stream that this host records under the id. */
async function stop(status: RecordingInfo["status"], here: string | null): Promise<[number, unknown, string[]]> {
  const stopped: string[] = [];
  const backend = {
    findRecording: () => ({ ...FIRST, status }),
    recordedStream: () => here,
    stopRecording: async (stream_id: string) => {
      stopped.push(stream_id);
      return { ...FIRST, recording_id: "second", status: "finished" };
    },
  } as unknown as RecordingsBackend;
  const app = new Hono<ServerEnv>();
  app.onError((error, c) => c.json({ code: (error as FlyBrowserError).code, message: error.message }, 500));
  addRecordingRoutes(app, backend);
  const answer = await app.request("/api/recordings/first/stop", { method: "POST" });
  return [answer.status, await answer.json(), stopped];
}

test("that goes on in another file: that one, and tells of it", async () => {
  expect(await stop("recovered", "s")).toMatchObject([200, { recording_id: "second", status: "finished" }, ["s"]]);
});

test("that is over: none, and tells what there is", async () => {
  expect(await stop("recovered", null)).toMatchObject([200, { recording_id: "first", status: "recovered" }, []]);
  expect(await stop("finishing", null)).toMatchObject([202, { recording_id: "first", status: "finishing" }, []]);
});

test("that another host makes: it says who can", async () => {
  const message = expect.stringMatching(/host of another browser/);
  expect(await stop("recording", null)).toMatchObject([500, { code: "recording_elsewhere", message }, []]);
});
