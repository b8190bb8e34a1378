import { expect, test } from "vitest";
import { TaskStore } from "../../../../native-host/stream/task-store.ts";
import { marksOf } from "../../../../native-host/stream/timeline.ts";
import type { TaskEvent } from "../../../../protocol/task-messages.ts";

const T0 = Date.UTC(2030, 0, 1);
const at = (seconds: number) => new Date(T0 + seconds * 1000).toISOString();

function makeStore(limit?: number) {
  const clock = { now: T0, wall: (time: number) => time, past: (time: number) => Math.min(time, clock.now) };
  return { clock, store: new TaskStore("stream_1", clock, limit) };
}

test("a task begins, changes and ends on the clock, and each of it is told", () => {
  const { store, clock } = makeStore();
  const told: TaskEvent[] = [];
  store.onChange((event) => told.push(event));
  const { task_id } = store.begin({ name: "  log in " });
  clock.now += 2_000;
  store.update(task_id, { detail: "typing" });
  clock.now += 1_000;
  const ended = store.update(task_id, { state: "failed", detail: "no such button" });
  expect(ended).toEqual({
    task_id,
    name: "log in",
    state: "failed",
    started_at: at(0),
    ended_at: at(3),
    detail: "no such button",
    parent_id: null,
  });
  expect(told.map(({ stream_id, task }) => [stream_id, task.state, task.detail])).toEqual([
    ["stream_1", "running", null],
    ["stream_1", "running", "typing"],
    ["stream_1", "failed", "no such button"],
  ]);
  expect(store.list()).toEqual([ended]);
});

test("what has ended never changes", () => {
  const { store } = makeStore();
  const { task_id } = store.begin({ name: "one" });
  const done = store.update(task_id, { state: "done" });
  expect(store.update(task_id, { state: "failed", detail: "late" })).toEqual(done);
});

test("the caller's times count, but never ones to come, and no task ends before it began", () => {
  const { store } = makeStore();
  expect(store.begin({ name: "early", started_at: at(-5) }).started_at).toBe(at(-5));
  const { task_id, started_at } = store.begin({ name: "late", started_at: at(90) });
  expect(started_at).toBe(at(0));
  expect(store.update(task_id, { state: "done", ended_at: at(-9) }).ended_at).toBe(at(0));
});

test("a time the caller gave comes back to the ms, though two clocks never agree that well", () => {
  for (const apart of [-1.4, 0.6, 1.4]) {
    const clock = { now: T0, wall: (time: number) => time + apart, past: (time: number) => time };
    const store = new TaskStore("stream_1", clock);
    const { task_id, started_at } = store.begin({ name: "one", started_at: at(-2) });
    expect(started_at).toBe(at(-2));
    expect(store.update(task_id, { state: "done", ended_at: at(-1) }).ended_at).toBe(at(-1));
    const short = store.begin({ name: "two", started_at: at(-1) });
    expect(store.update(short.task_id, { state: "done", ended_at: at(-1) }).ended_at).toBe(at(-1));
  }
});

test("the same id twice is one task", () => {
  const { store } = makeStore();
  const first = store.begin({ name: "one", task_id: "task_1" });
  expect(store.begin({ name: "another", task_id: "task_1" })).toEqual(first);
  expect(store.list()).toHaveLength(1);
});

test("long texts are cut, others refused in words", () => {
  const { store } = makeStore();
  const { name, detail } = store.begin({ name: "n".repeat(300), detail: "d".repeat(900) });
  expect([name.length, detail?.length]).toEqual([200, 500]);
  expect(() => store.begin({ name: " " })).toThrow(/Option name: "" is not allowed/);
  expect(() => store.begin({ name: "a", colour: "red" })).toThrow(/Unknown option colour. Known options: name, detail/);
  expect(() => store.begin("a")).toThrow(/Option task/);
  expect(() => store.update("none", { state: "done" })).toThrow("There is no task none.");
  expect(() => store.begin({ name: "a", started_at: "yesterday" })).toThrow(/started_at.*ISO 8601/);
});

test("there is a bound: the oldest that have ended go first", () => {
  const { store } = makeStore(3);
  store.begin({ name: "runs", task_id: "a" });
  store.begin({ name: "ended", task_id: "b" });
  store.update("b", { state: "done" });
  for (const task_id of ["c", "d"]) store.begin({ name: "more", task_id });
  expect(store.list().map(({ task_id }) => task_id)).toEqual(["a", "c", "d"]);
  store.begin({ name: "all run", task_id: "e" });
  expect(store.list().map(({ task_id }) => task_id)).toEqual(["c", "d", "e"]);
});

test("marks stand on the clock of the stream", () => {
  const { store, clock } = makeStore();
  store.begin({ name: "before", task_id: "a", started_at: at(-1) });
  clock.now += 4_500;
  store.update("a", { state: "done" });
  expect(marksOf(store.timed(), T0)).toEqual([
    { id: "a", name: "before", parent_id: null, start: -1000, end: 4500, state: "done", detail: null },
  ]);
});

test("the file of a task is named once it has ended, and told", () => {
  const { store } = makeStore();
  const clip = { file_path: "/videos/one.mp4", format: "mp4", duration_seconds: 1, size_bytes: 1000 } as const;
  const { task_id } = store.begin({ name: "one" });
  const done = store.update(task_id, { state: "done" });
  const told: TaskEvent[] = [];
  store.onChange((event) => told.push(event));
  expect(store.addClip(task_id, clip)).toEqual({ ...done, clip });
  expect(told.map(({ task }) => task)).toEqual([{ ...done, clip }]);
  expect(() => store.addClip("none", clip)).toThrow("none");
});
