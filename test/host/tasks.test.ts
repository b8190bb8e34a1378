// Tasks through a real host: the control API and native messaging begin and end them; playlists, manifest, status, the
// player's messages and the host's own events tell of them.
import { afterAll, beforeAll, expect, test } from "vitest";
import type { StartStreamResult, StreamInfo, Task } from "../../protocol/results.ts";
import { EventStream } from "./harness/event-stream.ts";
import { HostProcess } from "./harness/host-process.ts";
import { until } from "./harness/processes.ts";
import { Publisher } from "./harness/publisher.ts";

let host: HostProcess;
let base: string;
let publisher: Publisher;
let started: StartStreamResult;

beforeAll(async () => {
  host = new HostProcess();
  base = `http://127.0.0.1:${(await host.hello()).port}`;
  publisher = await Publisher.open(host, { options: { quality: "medium" } });
  started = await publisher.playable();
});
afterAll(async () => {
  await publisher.abandon();
  await host.close();
});

function ask(method: string, path: string, body?: unknown): Promise<Response> {
  const headers = { authorization: `Bearer ${host.control_file?.token}`, "content-type": "application/json" };
  return fetch(base + path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
}

const tasksPath = () => `/api/streams/${started.stream_id}/tasks`;
const beside = (name: string) => new URL(name, started.hls_url ?? "").href;
const text = async (name: string) => (await fetch(beside(name))).text();

async function begin(task: object): Promise<Task> {
  const answer = await ask("POST", tasksPath(), task);
  expect(answer.status).toBe(201);
  return (await answer.json()) as Task;
}

async function end(task_id: string, change: object): Promise<Task> {
  return (await (await ask("PATCH", `${tasksPath()}/${task_id}`, change)).json()) as Task;
}

function events(last?: string): EventStream {
  const headers = { authorization: `Bearer ${host.control_file?.token}` };
  return new EventStream(`${base}/api/events`, {
    ...headers,
    ...(last === undefined ? {} : { "last-event-id": last }),
  });
}

test("a task is seen everywhere, at the time when it was begun", async () => {
  const page = new EventStream(beside("events"));
  const heard = events();
  await Promise.all([page.opened, heard.opened]);
  const before = Date.now();
  const outer = await begin({ name: "Buy a ticket" });
  const inner = await begin({ name: "Log in", parent_id: outer.task_id });
  const after = Date.now();
  expect(Date.parse(outer.started_at)).toBeGreaterThanOrEqual(before);
  expect(Date.parse(inner.started_at)).toBeLessThanOrEqual(after);
  const failed = await end(inner.task_id, { state: "failed", detail: "wrong password" });
  expect(failed).toMatchObject({ state: "failed", detail: "wrong password", parent_id: outer.task_id });

  const hls = await text("video.m3u8");
  expect(hls).toContain(
    `#EXT-X-DATERANGE:ID="${outer.task_id}",CLASS="com.flybrowser.task",START-DATE="${outer.started_at}",X-NAME="Buy a ticket"\n`,
  );
  expect(hls).toContain(`END-DATE="${failed.ended_at}"`);
  expect(await text("audio.m3u8")).not.toContain("DATERANGE");
  expect(await text("manifest.mpd")).toMatch(/<EventStream [^>]*urn:flybrowser-stream:task:2026.*[\s\S]*?Buy a ticket/);

  const status = (await (await ask("GET", `/api/streams/${started.stream_id}`)).json()) as { status: StreamInfo };
  expect(status.status.tasks).toEqual([outer, failed]);
  const state = (await (await fetch(beside("state"))).json()) as { tasks: Task[] };
  expect(state.tasks).toEqual([outer, failed]);

  await page.until(({ event, data }) => event === "task" && (data as Task).state === "failed");
  await heard.until(({ event, data }) => event === "task" && (data as { task: Task }).task.state === "failed");
  expect(heard.all.filter(({ event }) => event === "task").map(({ data }) => data)).toEqual([
    { stream_id: started.stream_id, task: outer },
    { stream_id: started.stream_id, task: inner },
    { stream_id: started.stream_id, task: failed },
  ]);
  page.close();
  heard.close();
});

test("by native messaging too", async () => {
  const { stream_id } = started;
  const task = await host.peer.call("beginTask", { stream_id, task: { name: "from a page" } as never });
  const ended = await host.peer.call("updateTask", { stream_id, task_id: task.task_id, change: { state: "done" } });
  expect(ended).toMatchObject({ name: "from a page", state: "done", ended_at: expect.any(String) });
  await expect(host.peer.call("updateTask", { stream_id, task_id: "none", change: {} })).rejects.toMatchObject({
    code: "task_not_found",
  });
});

test("who was away gets what it missed; who was away under another host asks anew", async () => {
  const first = events();
  await first.opened;
  const { task_id } = await begin({ name: "missed" });
  const seen = await first.until(({ event }) => event === "task");
  first.close();
  await end(task_id, { state: "done" });
  const again = events(seen.id);
  const missed = await again.until(({ event }) => event === "task");
  expect(missed.data).toMatchObject({ task: { task_id, state: "done" } });
  again.close();
  const stranger = events("another.7");
  await stranger.until(({ event }) => event === "reset");
  stranger.close();
});

test.each([
  ["no name", {}, 400, "invalid_option"],
  ["an unknown field", { name: "a", state: "done" }, 400, "unknown_option"],
])("%s is refused", async (_what, task, status, code) => {
  const answer = await ask("POST", tasksPath(), task);
  expect(answer.status).toBe(status);
  expect(await answer.json()).toMatchObject({ code });
});

test("no such task, no such stream, no token: 404, 404, 401", async () => {
  expect((await ask("PATCH", `${tasksPath()}/none`, { state: "done" })).status).toBe(404);
  expect((await ask("POST", "/api/streams/none/tasks", { name: "a" })).status).toBe(404);
  for (const path of [tasksPath(), "/api/events"]) expect((await fetch(base + path)).status).toBe(401);
});

test("the end of the stream is an event, and its tasks stay in its last status", async () => {
  const heard = events();
  await heard.opened;
  await publisher.stop();
  const { data } = await heard.until(
    ({ event, data }) => event === "stream" && (data as StreamInfo).state === "stopped",
  );
  expect((data as StreamInfo).tasks.map(({ name }) => name)).toEqual([
    "Buy a ticket",
    "Log in",
    "from a page",
    "missed",
  ]);
  heard.close();
  await until("the playlist to end", async () => (await text("video.m3u8")).includes("#EXT-X-ENDLIST"));
  expect(await text("video.m3u8")).toContain('X-NAME="missed"');
});
