// The control API of a real host over real HTTP: who may ask, and what is answered, each answer held against the host's own
// OpenAPI document.
import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FlyBrowserError } from "../../protocol/errors.ts";
import { parseDestination } from "../../protocol/options.ts";
import type { RecordingInfo, StreamInfo } from "../../protocol/results.ts";
import { paced } from "../fixtures/pace.ts";
import { DescribedApi } from "./harness/described-api.ts";
import { EventStream } from "./harness/event-stream.ts";
import { HostProcess, TAB } from "./harness/host-process.ts";
import { childrenOf } from "./harness/processes.ts";
import { Publisher } from "./harness/publisher.ts";

/** For machines that are busy. */
const PATIENT = { timeout: paced(20_000) };

let host: HostProcess;
let base: string;
let api: DescribedApi;
let publisher: Publisher | undefined;
const privates = new Set<string>();
const folder = mkdtempSync(join(tmpdir(), "control-api-"));

beforeAll(async () => {
  host = new HostProcess({
    env: { FLYBROWSER_RECORDINGS_DIR: folder },
    handlers: {
      listTabs: () => [TAB],
      startStream: async ({ tab, options }) => {
        if (tab !== null && "tab_id" in tab && tab.tab_id === 404)
          throw new FlyBrowserError("tab_not_found", { tab: 404 });
        publisher = await Publisher.open(host, { options: options as object });
        return publisher.playable();
      },
      stopStream: async () => (publisher as Publisher).stop(),
      addDestination: ({ stream_id, destination }) =>
        host.peer.call("addDestination", { stream_id, destination: parseDestination(destination) }),
      removeDestination: (params) => host.peer.call("removeDestination", params),
      beginPrivate: ({ private_id, tab, stream_id }) => {
        if ("tab_id" in tab && tab.tab_id === 404) throw new FlyBrowserError("tab_not_found", { tab: 404 });
        if (private_id === "stuck") throw new FlyBrowserError("private_unconfirmed", { reason: "no answer" });
        if (stream_id !== null) host.peer.emit("private_changed", { stream_id, private: true });
        privates.add(private_id);
        return {};
      },
      endPrivate: ({ private_id }) => {
        privates.delete(private_id);
        return {};
      },
    },
  });
  base = `http://127.0.0.1:${(await host.hello()).port}`;
  api = await DescribedApi.of(base, host.control_file?.token ?? "");
});
afterAll(async () => {
  await publisher?.abandon();
  await host.close();
  rmSync(folder, { recursive: true, force: true });
});

const json = async <T>(answer: Response) => (await answer.json()) as T;

/** An answer under another Host header than fetch would send. */
function asHost(name: string, path: string): Promise<{ status: number | undefined; type: string | undefined }> {
  const { port } = new URL(base);
  const headers = { host: name, authorization: `Bearer ${host.control_file?.token}` };
  return new Promise((resolve, reject) => {
    request({ port, host: "127.0.0.1", path, headers }, (answer) =>
      resolve({ status: answer.resume().statusCode, type: answer.headers["content-type"] }),
    )
      .on("error", reject)
      .end();
  });
}

describe("who may ask", () => {
  const strangers = [{}, { authorization: "Bearer wrong" }, { authorization: "Basic abc" }];
  test.each(strangers)("not %o", async (headers) => {
    for (const path of ["/api/streams", "/api/events", "/api/nothing", "/metrics"]) {
      const answer = await fetch(base + path, { headers: headers as Record<string, string> });
      expect([path, answer.status]).toEqual([path, 401]);
      expect(answer.headers.get("content-type")).toBe("application/problem+json");
      expect(answer.headers.get("www-authenticate")).toMatch(/^Bearer /);
      const problem = await json<object>(answer);
      api.check("Problem", problem);
      expect(problem).toMatchObject({ code: "unauthorized", status: 401, fix: expect.any(String) });
    }
  });

  test.each(["/api/streams", "/api/openapi.json", "/api/docs", "/healthz", "/metrics"])(
    "%s not under another host name (DNS rebinding)",
    async (path) => {
      expect(await asHost("evil.example", path)).toEqual({ status: 421, type: "application/problem+json" });
    },
  );

  test.each(["/api/streams", "/api/openapi.json", "/metrics"])("no page of another origin reads %s", async (path) => {
    const answer = await api.ask("GET", path, undefined, { origin: "https://evil.example" });
    expect(answer.headers.get("access-control-allow-origin")).toBeNull();
    const headers = { origin: "https://evil.example", "access-control-request-method": "POST" };
    const preflight = await fetch(base + path, { method: "OPTIONS", headers });
    expect([...preflight.headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
    expect(preflight.ok).toBe(false);
  });

  test("anybody on this machine may ask for /healthz and for the description", async () => {
    expect(await (await fetch(`${base}/healthz`)).json()).toMatchObject({ status: "ok" });
    expect(await (await fetch(`${base}/api/openapi.json`)).json()).toMatchObject({ openapi: "3.1.1" });
    const page = await fetch(`${base}/api/docs`);
    expect(page.headers.get("content-security-policy")).toMatch(/^default-src 'none'/);
    expect(await page.text()).toContain("POST /api/streams");
  });
});

describe("what is wrong is told as problem details", () => {
  test.each([
    ["no JSON", "{", {}, 400, "invalid_request", /not JSON/],
    ["another content type", "{}", { "content-type": "text/plain" }, 415, "content_type_unsupported", /text\/plain/],
    ["an unknown key", { tabs: 1 }, {}, 400, "invalid_request", /tabs/],
    ["a tab that is none", { tab: 7 }, {}, 400, "invalid_request", /tab: /],
    ["too much", { options: "x".repeat(10_000_000) }, {}, 413, "body_too_large", /65536 bytes/],
    ["an unknown tab", { tab: { tab_id: 404 } }, {}, 404, "tab_not_found", /^There is no tab 404\.$/],
    ["a wrong option", { options: { quality: "best" } }, {}, 400, "invalid_option", /quality.*"best"/],
  ])("%s", async (_name, body, headers, status, code, title) => {
    const answer = await api.ask("POST", "/api/streams", body, headers as Record<string, string>);
    expect(answer.status).toBe(status);
    const problem = await json<{ title: string; fix: string; detail: string }>(answer);
    expect(problem).toMatchObject({ code, status, title: expect.stringMatching(title), details: expect.any(Object) });
    expect(problem.detail).toBe(`${problem.title} ${problem.fix}`);
    expect(JSON.stringify(problem)).not.toMatch(/\{\w+\}/); // no place of a sentence left empty
  });

  test("a tab to record that is none", async () => {
    const answer = await api.ask("POST", "/api/recordings", { tab: 7 });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: "invalid_request", title: expect.stringMatching(/tab: /) });
  });

  test.each([
    ["PUT", "/api/private/a%20b", { tab: { tab_id: 7 } }, 400, "invalid_option"],
    ["DELETE", "/api/private/a%20b", {}, 400, "invalid_option"],
    ["PUT", "/api/private/mine", {}, 400, "invalid_request"],
    ["PUT", "/api/private/mine", { tab: { tab_id: 404 } }, 404, "tab_not_found"],
    ["PUT", "/api/private/stuck", { tab: { tab_id: 7 } }, 503, "private_unconfirmed"],
  ])("private time: %s %s %j", async (method, path, body, status, code) => {
    const answer = await api.ask(method, path, body);
    expect([answer.status, (await json<{ code: string }>(answer)).code]).toEqual([status, code]);
    expect([...privates]).toEqual([]);
  });

  test.each([
    ["/api/streams/none/clips", {}, 404, "no_active_stream"],
    ["/api/streams/none/clips", { format: "avi" }, 400, "invalid_option"],
    ["/api/streams/none/clips", { length: 5 }, 400, "unknown_option"],
  ])("a clip: %s %j", async (path, body, status, code) => {
    const answer = await api.ask("POST", path, body);
    expect([answer.status, (await json<{ code: string }>(answer)).code]).toEqual([status, code]);
  });

  test("a path that isn't there", async () => {
    const answer = await api.ask("GET", "/api/nothing");
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ code: "route_not_found", details: { path: "/api/nothing" } });
  });

  test.each([
    ["PUT", "/api/streams", "GET, HEAD, POST"],
    ["POST", "/api/events", "GET, HEAD"],
    ["PATCH", "/api/streams/one", "GET, HEAD, DELETE"],
    ["DELETE", "/metrics", "GET, HEAD"],
    ["POST", "/healthz", "GET, HEAD"],
  ])("%s %s", async (method, path, allowed) => {
    const answer = await api.ask(method, path, {});
    expect([answer.status, answer.headers.get("allow")]).toEqual([405, allowed]);
    expect(await answer.json()).toMatchObject({ code: "method_not_allowed", details: { method, path, allowed } });
  });

  test.each([
    ["GET", "/api/streams/none", "no_active_stream"],
    ["DELETE", "/api/streams/none", "no_active_stream"],
    ["DELETE", "/api/streams/none/recording", "no_active_recording"],
    ["GET", "/api/recordings/none", "recording_not_found"],
    ["DELETE", "/api/streams/none/destinations/one", "no_active_stream"],
  ])("%s %s", async (method, path, code) => {
    const answer = await api.ask(method, path);
    expect([answer.status, (await json<{ code: string }>(answer)).code]).toEqual([404, code]);
  });

  test("more listeners than there are places", async () => {
    const open = await Promise.all(
      Array.from({ length: 64 }, async () => {
        const listener = new EventStream(`${base}/api/events`, { authorization: `Bearer ${api.token}` });
        await listener.opened;
        return listener;
      }),
    );
    const answer = await api.ask("GET", "/api/events");
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "5"]);
    expect(await answer.json()).toMatchObject({ code: "too_many_listeners", details: { limit: 64 } });
    for (const listener of open) listener.close();
    await expect
      .poll(async () => {
        const again = await fetch(`${base}/api/events`, { headers: { authorization: `Bearer ${api.token}` } });
        await again.body?.cancel();
        return again.status;
      }, PATIENT)
      .toBe(200);
  });
});

/** The value of a sample of `GET /metrics`. */
async function metric(name: string): Promise<number | undefined> {
  const text = await (await api.ask("GET", "/metrics")).text();
  const line = text.split("\n").find((each) => each.startsWith(`${name} `));
  return line === undefined ? undefined : Number(line.slice(name.length + 1));
}

test("a stream from its start to its end: answers, events, metrics, all as described", {
  timeout: paced(60_000),
}, async () => {
  const heard = new EventStream(`${base}/api/events`, { authorization: `Bearer ${api.token}` });
  await heard.opened;
  const streamEvent = (test: (info: StreamInfo) => boolean) =>
    heard.until(({ event, data }) => event === "stream" && test(data as StreamInfo), 30_000);

  expect(await (await api.ask("GET", "/api/tabs")).json()).toEqual({ tabs: [TAB] });
  const started = await api.ask("POST", "/api/streams", { options: { quality: "medium" } });
  expect(started.status).toBe(201);
  const { stream_id, hls_url } = await json<{ stream_id: string; hls_url: string }>(started);

  // Private: the status says so, and titles of that time aren't told, only the last one afterwards.
  const hidden = await api.ask("PUT", "/api/private/mine", { tab: { tab_id: 7 }, stream_id });
  expect(await hidden.json()).toEqual({ private_id: "mine", private: true });
  const statusOf = async () => json<{ status: StreamInfo }>(await api.ask("GET", `/api/streams/${stream_id}`));
  expect((await statusOf()).status.private).toBe(true);
  const stateUrl = hls_url.replace("index.m3u8", "state");
  const title = async () => (await json<{ tab_title: string }>(await fetch(stateUrl))).tab_title;
  const before = await title();
  host.peer.emit("tab_changed", { stream_id, url: "https://example.com/secret", title: "secret" });
  host.peer.emit("tab_changed", { stream_id, url: "https://example.com/", title: "done" });
  await api.ask("GET", "/api/tabs");
  expect(await title()).toBe(before);
  expect(await (await api.ask("DELETE", "/api/private/mine")).json()).toEqual({ private_id: "mine", private: false });
  host.peer.emit("private_changed", { stream_id, private: false });
  await api.ask("GET", "/api/tabs");
  expect([(await statusOf()).status.private, await title()]).toEqual([false, "done"]);

  expect(await (await api.ask("GET", "/api/streams")).json()).toMatchObject({
    streams: [{ stream_id, quality: "medium" }],
  });
  const path = `/api/streams/${stream_id}`;
  expect(await (await api.ask("GET", path)).json()).toMatchObject({ active: true, status: { state: "active" } });
  await streamEvent(({ state, health }) => state === "active" && health === "healthy");

  await (await fetch(hls_url)).text(); // somebody watches
  await heard.until(({ event, data }) => event === "viewers" && (data as { viewer_count: number }).viewer_count === 1);
  expect(await metric(`flybrowser_stream_viewers{stream_id="${stream_id}",way="hls"}`)).toBe(1);

  const added = await api.ask("POST", `${path}/destinations`, {
    url: "rtmp://127.0.0.1:9/live",
    key: "k",
    name: "away",
  });
  expect(added.status).toBe(201);
  const { destination_id } = await json<{ destination_id: string }>(added);
  expect((await api.ask("POST", `${path}/destinations`, { url: "gopher://host/a" })).status).toBe(400);
  const retrying = ({ destinations }: StreamInfo) => destinations[0]?.state === "retrying";
  await streamEvent((info) => retrying(info) && info.health === "degraded");
  expect(
    await metric(
      `flybrowser_destination_state{stream_id="${stream_id}",destination_id="${destination_id}",name="away",state="retrying"}`,
    ),
  ).toBe(1);
  expect((await api.ask("DELETE", `${path}/destinations/another`)).status).toBe(404);
  const removed = await api.ask("DELETE", `${path}/destinations/${destination_id}`);
  expect([removed.status, await json(removed)]).toMatchObject([200, { destination_id, state: "ended" }]);
  await streamEvent(({ destinations, health }) => destinations.length === 0 && health === "healthy");

  const begun = await api.ask("POST", `${path}/tasks`, { name: "Read", task_id: "read" });
  expect(begun.status).toBe(201);
  await api.ask("PATCH", `${path}/tasks/read`, { state: "done" });
  await heard.until(({ event, data }) => event === "task" && JSON.stringify(data).includes('"done"'));
  const running = await api.ask("POST", `${path}/tasks`, { name: "Write", task_id: "write" });
  expect(running.status).toBe(201);
  const early = await api.ask("PATCH", `${path}/tasks/write`, { clip: true });
  expect([early.status, await json(early)]).toMatchObject([
    400,
    { code: "invalid_option", details: { option: "clip" } },
  ]);
  await api.ask("PATCH", `${path}/tasks/write`, { state: "done" });

  const recording = await api.ask("POST", `${path}/recording`, { path: join(folder, "it.mp4") });
  expect(recording.status).toBe(201);
  const { recording_id } = await json<RecordingInfo>(recording);
  expect((await api.ask("POST", `${path}/recording`, {})).status).toBe(409);
  const recorded = async () =>
    (await json<RecordingInfo>(await api.ask("GET", `/api/recordings/${recording_id}`))).duration_seconds;
  await expect.poll(recorded, { timeout: paced(20_000) }).toBeGreaterThan(1);
  expect([200, 202]).toContain((await api.ask("DELETE", `${path}/recording`)).status);
  const told = (status: string) =>
    heard.until(({ event, data }) => event === "recording" && (data as RecordingInfo).status === status, 30_000);
  for (const status of ["recording", "finishing", "finished"]) await told(status);
  expect(await (await api.ask("GET", "/api/recordings")).json()).toMatchObject({ recordings: [{ recording_id }] });

  expect(await metric('flybrowser_streams{state="active"}')).toBe(1);
  expect(await metric(`flybrowser_stream_frames_total{stream_id="${stream_id}"}`)).toBeGreaterThan(10);
  expect(await metric(`flybrowser_stream_bytes_total{stream_id="${stream_id}"}`)).toBeGreaterThan(1_000);
  expect(await metric('flybrowser_part_latency_seconds_count{rendition="video"}')).toBeGreaterThan(3);
  expect(await metric('flybrowser_part_latency_seconds_count{rendition="audio"}')).toBeGreaterThan(3);
  // The host has other children too: those that try encoders.
  const figures = await (await api.ask("GET", "/metrics")).text();
  const pid = Number(/^flybrowser_ffmpeg_cpu_seconds_total\{[^}]*pid="(\d+)"/m.exec(figures)?.[1]);
  expect(childrenOf(host.pid)).toContain(pid);
  const labels = `{stream_id="${stream_id}",pid="${pid}"}`;
  expect(await metric(`flybrowser_ffmpeg_resident_memory_bytes${labels}`)).toBeGreaterThan(1e6);
  expect(await metric(`flybrowser_ffmpeg_cpu_seconds_total${labels}`)).toBeGreaterThanOrEqual(0);
  expect(await metric("process_resident_memory_bytes")).toBeGreaterThan(1e6);

  process.kill(pid, "SIGKILL"); // its FFmpeg
  await streamEvent(({ state, health }) => state === "recovering" && health === "degraded");
  await expect.poll(() => host.heard("run_needed").length, PATIENT).toBeGreaterThan(0);
  await (publisher as Publisher).freshRun();
  await streamEvent(({ state, recovery_metrics }) => state === "active" && recovery_metrics.ffmpeg_restarts === 1);
  expect(await metric(`flybrowser_stream_restarts_total{stream_id="${stream_id}",what="ffmpeg"}`)).toBe(1);

  expect(await (await api.ask("DELETE", path)).json()).toMatchObject({ stream_id, success: true });
  expect(await (await api.ask("GET", path)).json()).toMatchObject({ active: false, status: { state: "stopped" } });
  expect(await (await api.ask("DELETE", path)).json()).toEqual({ success: false, error: "No active stream" });
  expect(await (await api.ask("GET", "/api/streams")).json()).toEqual({ streams: [] });
  await streamEvent(({ state }) => state === "stopped");
  expect(await metric('flybrowser_streams{state="active"}')).toBe(0);
  heard.close();

  const schemas = { stream: "StreamInfo", viewers: "ViewersEvent", task: "TaskEvent", recording: "RecordingInfo" };
  for (const { event, data, id } of heard.all) {
    api.check(schemas[event as keyof typeof schemas], data, event);
    expect(id).toMatch(/^[\w-]+\.\d+$/);
  }
  expect(new Set(heard.all.map(({ event }) => event))).toEqual(new Set(Object.keys(schemas)));
});

test("who comes back with Last-Event-ID gets every event that it missed, in order, of each kind", async () => {
  const headers = { authorization: `Bearer ${api.token}` };
  const first = new EventStream(`${base}/api/events`, headers);
  await first.opened;
  publisher = await Publisher.open(host);
  const { stream_id } = publisher;
  const begun = await first.until(({ event }) => event === "stream");
  first.close();
  await publisher.playable();
  await api.ask("POST", `/api/streams/${stream_id}/tasks`, { name: "missed" });
  await publisher.stop();
  const again = new EventStream(`${base}/api/events`, { ...headers, "last-event-id": begun.id });
  await again.until(({ event, data }) => event === "stream" && (data as StreamInfo).state === "stopped");
  const numbers = again.all.map(({ id }) => Number(id.split(".").at(-1)));
  const from = Number(begun.id.split(".").at(-1)) + 1;
  expect(numbers).toEqual(numbers.map((_, index) => from + index));
  expect(again.all.map(({ event }) => event)).toContain("task");
  again.close();
});

test("FLYBROWSER_METRICS=open: anybody on this machine may read the metrics, and nothing else", async () => {
  const open = new HostProcess({ env: { FLYBROWSER_METRICS: "open" } });
  try {
    const at = `http://127.0.0.1:${(await open.hello()).port}`;
    const answer = await fetch(`${at}/metrics`);
    expect(answer.headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(await answer.text()).toContain("# TYPE flybrowser_part_latency_seconds histogram");
    expect((await fetch(`${at}/api/streams`)).status).toBe(401);
  } finally {
    await open.close();
  }
});
