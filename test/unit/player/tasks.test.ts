import { describe, expect, test } from "vitest";
import { TaskList, taskRows } from "../../../player/tasks.ts";
import type { Task } from "../../../protocol/results.ts";

const ZERO = Date.UTC(2030, 0, 1);
const at = (seconds: number) => new Date(ZERO + seconds * 1000).toISOString();

function task(task_id: string, start: number, end: number | null = null, more: Partial<Task> = {}): Task {
  return {
    ...{ task_id, name: task_id, state: end === null ? "running" : "done", detail: null, parent_id: null },
    ...{ started_at: at(start), ended_at: end === null ? null : at(end) },
    ...more,
  };
}

/** The frame at second `position` of a video whose time 0 is second 100 of the clock; one can go back to 10. */
const moment = (position: number, date_zero: number | null = ZERO + 100_000) => ({
  shown_at: (date_zero ?? ZERO) + position * 1000,
  timeline: { oldest: 10, edge: 60, position, date_zero },
});

describe("a task is shown as it stood at the frame that is shown", () => {
  test.each([
    ["before its beginning", 29, "upcoming", null],
    ["while it ran", 35, "running", 5],
    ["after its end", 45, "failed", 10],
  ])("%s", (_when, position, phase, duration) => {
    const [row] = taskRows([task("a", 130, 140, { state: "failed" })], moment(position));
    expect(row).toMatchObject({ phase, duration, start: 30, end: 40 });
  });

  test("one that still runs reaches the edge", () => {
    expect(taskRows([task("a", 130)], moment(55))[0]).toMatchObject({
      phase: "running",
      duration: 25,
      start: 30,
      end: 60,
    });
  });
});

test("one can go only to what is still in the window", () => {
  const tasks = [task("gone", 105, 120), task("there", 111), task("to come", 170)];
  expect(taskRows(tasks, moment(60)).map(({ start }) => start)).toEqual([null, 11, null]);
  expect(taskRows(tasks, moment(60, null)).map(({ start }) => start)).toEqual([null, null, null]);
  expect(taskRows(tasks, { shown_at: ZERO + 160_000, timeline: null }).map(({ start }) => start)).toEqual([
    null,
    null,
    null,
  ]);
});

test("what is inside a task stands below it, also where several run side by side", () => {
  const tasks = [
    task("left", 1),
    task("right", 2),
    task("left step", 3, null, { parent_id: "left" }),
    task("right step", 4, null, { parent_id: "right" }),
    task("deeper", 5, null, { parent_id: "left step" }),
    task("orphan", 6, null, { parent_id: "forgotten" }),
  ];
  expect(taskRows(tasks, moment(60)).map(({ task: { name }, depth }) => [name, depth])).toEqual([
    ["left", 0],
    ["left step", 1],
    ["deeper", 2],
    ["right", 0],
    ["right step", 1],
    ["orphan", 0],
  ]);
});

test("tasks that name each other as parents harm nothing", () => {
  const tasks = [task("a", 1, null, { parent_id: "b" }), task("b", 2, null, { parent_id: "a" })];
  expect(taskRows(tasks, moment(60))).toEqual([]);
  expect(taskRows([task("self", 1, null, { parent_id: "self" })], moment(60))).toEqual([]);
});

test("the list is what the host told, and bounded", () => {
  const list = new TaskList();
  list.replace([task("a", 1), task("b", 2)]);
  list.put(task("a", 1, 3));
  expect(list.all().map(({ task_id, state }) => [task_id, state])).toEqual([
    ["a", "done"],
    ["b", "running"],
  ]);
  for (let i = 0; i < 150; i++) list.put(task(`t${i}`, i));
  expect(list.all()).toHaveLength(100);
  list.replace([]);
  expect(list.all()).toEqual([]);
});
