import { expect, test } from "vitest";
import { EventLog } from "../../../../native-host/http/event-log.ts";
import type { StreamInfo, Task } from "../../../../protocol/results.ts";

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
  const info = (state: string, health = "healthy") => ({ stream_id: "s", state, health }) as unknown as StreamInfo;
  for (const state of ["initializing", "active", "active", "stopped"]) log.status(info(state));
  log.status(info("active", "degraded")); // a resumed stream of the same id
  stop();
  log.status(info("stopped"));
  expect(heard).toEqual(["stream initializing", "stream active", "stream stopped", "stream active"]);
});
