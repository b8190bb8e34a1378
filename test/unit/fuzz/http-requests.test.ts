// What anybody can ask over HTTP: any path, query and header of a viewer; any method, path and body of the control API. By a real
// server and real sockets.
import { request } from "node:http";
import { getLogger } from "@logtape/logtape";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { controlApi } from "../../../native-host/http/control.ts";
import { EventLog } from "../../../native-host/http/control-events.ts";
import { CONTROL_ROUTES } from "../../../native-host/http/control-routes.ts";
import { LiveStreams } from "../../../native-host/http/live-streams.ts";
import { createHttpServer, type HttpServer } from "../../../native-host/http/server.ts";
import { originNow, StreamClock } from "../../../native-host/media/stream-clock.ts";
import { TaskStore } from "../../../native-host/stream/task-store.ts";
import { FlyBrowserError } from "../../../protocol/errors.ts";
import { TestStream, TOKEN } from "../native-host/http/live-stream.ts";
import { feedWhole, makeRun } from "../native-host/packager/media.ts";
import { PARAMETERS, TIMEOUT } from "./runs.ts";

let server: HttpServer;
let port: number;
let streams: LiveStreams;
beforeAll(async () => {
  const media = await makeRun({ seconds: 2, offset: 0 });
  streams = new LiveStreams(3_600_000);
  const stream = new TestStream();
  feedWhole(stream.packager, 0, media);
  stream.packager.end(); // nobody waits for what comes next
  streams.add(stream);
  const gone = (): never => {
    throw new FlyBrowserError("no_active_stream");
  };
  const clock = new StreamClock(originNow());
  const tasks = new TaskStore("one", clock);
  const backend = {
    ...{
      listTabs: async () => [],
      startStream: async () => gone(),
      stopStream: async () => gone(),
      listStreams: () => [],
    },
    ...{
      streamStatus: (id: string) => (id === "one" ? ({ active: false } as never) : null),
      recordedStream: () => null,
      startMarks: gone,
    },
    ...{ startRecording: async () => gone(), recordTab: async () => gone(), stopRecording: async () => gone() },
    ...{ listRecordings: async () => [], findRecording: () => gone(), addDestination: gone, removeDestination: gone },
    ...{
      createLink: gone,
      revokeLink: gone,
      setSharing: async () => gone(),
      setQuality: async () => gone(),
      controlDesk: gone,
      beginPrivate: async () => gone(),
      endPrivate: async () => gone(),
      clip: async () => gone(),
      clipTask: async () => gone(),
      admitTab: async () => gone(),
      showNotice: async () => gone(),
      wallUrl: () => "http://127.0.0.1/wall/x/",
    },
    beginTask: (_id: string, task: unknown) => tasks.begin(task as never),
    updateTask: (_id: string, task_id: string, change: unknown) => tasks.update(task_id, change as never),
    events: new EventLog("test"),
    metrics: { open: false, type: "text/plain", text: async () => "" },
  };
  server = createHttpServer({
    streams,
    player_directory: "/nonexistent",
    control: controlApi(backend as never, TOKEN, "1.2.3"),
    log: getLogger(["test", "http"]),
  });
  port = await server.listen({ port: 0 });
}, 60_000);
afterAll(async () => {
  streams.close();
  await server.close();
});

/** The status of the answer; the stream of events is left as soon as it begins. */
function ask(method: string, path: string, headers: Record<string, string>, body?: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, method, path, headers, agent: false }, (answer) => {
      resolve(answer.statusCode ?? 0);
      answer.destroy();
    });
    asked.setTimeout(5_000, () => asked.destroy(new Error(`${method} ${path}: no answer within 5 s`)));
    asked.on("error", reject);
    asked.end(body);
  });
}

/** Visible ASCII, which a request line can have. */
const visible = fc.string({
  unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
  maxLength: 60,
});
const value = fc.string({
  unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
  maxLength: 60,
});

test("a viewer's request of any form has an answer that is none of a broken server", { timeout: TIMEOUT }, async () => {
  const file = fc.oneof(
    fc.constantFrom("index.m3u8", "video.m3u8", "audio.m3u8", "manifest.mpd", "time", "state", "whep", "poster.jpg"),
    fc
      .tuple(
        fc.constantFrom("video", "audio", "init-video", "%76"),
        fc.integer(),
        fc.constantFrom(".m4s", ".mp4", ".0.m4s", ".-1.m4s"),
      )
      .map((all) => `${all[0]}-${all[1]}${all[2]}`),
    visible,
  );
  const number = fc.oneof(fc.integer().map(String), fc.double().map(String), visible);
  const query = fc.array(fc.tuple(fc.constantFrom("_HLS_msn", "_HLS_part", "_HLS_skip", "x", "protocol"), number), {
    maxLength: 3,
  });
  const path = fc.oneof(
    fc
      .tuple(file, query)
      .map(([name, all]) => `/s/one/${TOKEN}/${name}?${all.map(([key, each]) => `${key}=${each}`).join("&")}`),
    visible.map((each) => `/${each}`),
  );
  const headers = fc.dictionary(
    fc.constantFrom("range", "if-none-match", "accept-encoding", "origin", "x-forwarded-for", "accept", "user-agent"),
    value,
    { maxKeys: 3 },
  );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("GET", "GET", "GET", "HEAD", "OPTIONS", "DELETE", "POST", "PUT"),
      path,
      headers,
      async (method, where, all) => {
        expect(await ask(method, where, all)).not.toBe(500);
      },
    ),
    PARAMETERS,
  );
});

test("a request of any form to the control API is answered, or refused in words", { timeout: TIMEOUT }, async () => {
  const route = fc.constantFrom(...Object.keys(CONTROL_ROUTES).map((each) => each.split(" ") as [string, string]));
  const part = fc.oneof(
    fc.constantFrom("one", "two", "..", "%2e%2e", "%00"),
    visible.map((each) => encodeURIComponent(each)),
  );
  const body = fc.oneof(
    fc.json({ maxDepth: 3 }),
    fc.string(),
    fc
      .record(
        {
          name: fc.jsonValue(),
          detail: fc.jsonValue(),
          state: fc.jsonValue(),
          tab: fc.jsonValue(),
          options: fc.jsonValue(),
          url: fc.jsonValue(),
        },
        { requiredKeys: [] },
      )
      .map((each) => JSON.stringify(each)),
  );
  await fc.assert(
    fc.asyncProperty(route, part, part, body, fc.boolean(), async ([method, path], id, other, text, known) => {
      const where = path.replace(/\{\w+\}/, id).replace(/\{\w+\}/, other);
      const authorization = `Bearer ${known ? TOKEN : id}`;
      const length = method === "GET" ? 0 : Buffer.byteLength(text); // Node adds none to DELETE
      const headers = { authorization, "content-type": "application/json", "content-length": String(length) };
      const status = await ask(method, where, headers, method === "GET" ? undefined : text);
      expect(status).not.toBe(500);
      if (!known && where.startsWith("/api/") && !/^\/api\/(?:openapi\.json|docs)/.test(where))
        expect([401, 404]).toContain(status);
    }),
    PARAMETERS,
  );
});
