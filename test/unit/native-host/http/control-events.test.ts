import { expect, test } from "vitest";
import { EventLog } from "../../../../native-host/http/control-events.ts";
import type { RecordingInfo, StreamInfo, Task } from "../../../../protocol/results.ts";
import { recordingInfo, streamInfo } from "../stream-info.ts";

const task: Task = {
  task_id: "t",
  name: "a task",
  state: "running",
  started_at: "2030-01-01T00:00:00.000Z",
  ended_at: null,
  detail: null,
  parent_id: null,
};
const add = (log: EventLog, times = 1) => {
  for (let i = 0; i < times; i++) log.add("task", { stream_id: "s", task });
};

test("who comes back gets what it missed, in order", () => {
  const log = new EventLog("host");
  add(log, 3);
  expect(log.since("host.1")?.map(({ id }) => id)).toEqual(["host.2", "host.3"]);
  expect(log.since(log.last_id)).toEqual([]);
});

test("what is forgotten, or was another host's, can't be told", () => {
  const log = new EventLog("host");
  add(log, 300);
  expect(log.since("host.43")).toBeNull();
  expect(log.since("host.44")).toHaveLength(256);
  for (const id of ["other.299", "host.301", "host.x", "", "host"]) expect(log.since(id)).toBeNull();
});

test("a status is an event only where state or health changed", () => {
  const log = new EventLog("host");
  const heard: string[] = [];
  const stop = log.listen(({ name, data }) => heard.push(`${name} ${(data as StreamInfo).state}`));
  for (const state of ["initializing", "active", "active", "stopped"] as const) log.status(streamInfo({ state }));
  log.status(streamInfo({ health: "degraded" })); // a resumed stream of the same id
  stop();
  log.status(streamInfo({ state: "stopped" }));
  expect(heard).toEqual(["stream initializing", "stream active", "stream stopped", "stream active"]);
});

test("each take-over and its end is an event, and that somebody may", () => {
  const log = new EventLog("host");
  const heard: unknown[] = [];
  log.listen(({ name, data }) => void (name === "stream" && heard.push((data as StreamInfo).control ?? null)));
  const asked = { reason: "Log in", by: null, state: "open" } as const;
  const taken = { ...asked, by: "Ada", state: "taken" } as const;
  log.status(streamInfo({}));
  for (const control of [asked, asked, taken, taken, { ...taken, by: "Bob" }, asked])
    log.status(streamInfo({ control }));
  log.status(streamInfo({}));
  expect(heard).toEqual([null, asked, taken, { ...taken, by: "Bob" }, asked, null]);
});

test("viewers are told where their number changed, while the stream lives", () => {
  const log = new EventLog("host");
  const heard: unknown[] = [];
  log.listen(({ name, data }) => void (name === "viewers" && heard.push(data)));
  for (const viewer_count of [0, 0, 2, 2, 1]) log.status(streamInfo({ viewer_count }));
  log.status(streamInfo({ state: "stopped" }));
  expect(heard).toEqual([2, 1].map((viewer_count) => ({ stream_id: "s", viewer_count })));
});

test("a recording is told where its status or its progress changed", () => {
  const log = new EventLog("host");
  const heard: string[] = [];
  log.listen(({ data }) => heard.push(`${(data as RecordingInfo).status} ${(data as RecordingInfo).progress}`));
  for (const [status, progress] of [
    ["recording", null],
    ["recording", null],
    ["finishing", 0],
    ["finishing", 0.5],
    ["finishing", 0.5],
    ["finished", null],
  ] as const) {
    log.recording(recordingInfo({ status, progress }));
  }
  expect(heard).toEqual(["recording null", "finishing 0", "finishing 0.5", "finished null"]);
});
