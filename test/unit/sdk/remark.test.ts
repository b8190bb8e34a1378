// What a page shows beside itself, as details of tasks or tasks of their own.
import { expect, it } from "vitest";
import { TaskTracker } from "../../../sdk/task-tracker.ts";

const seen = (tracker: TaskTracker) => tracker.list().map(({ name, state, detail }) => [name, state, detail]);

it("is the detail of the innermost running task", () => {
  const tracker = new TaskTracker();
  const outer = tracker.begin("outer");
  const inner = tracker.begin("inner", { parent_id: outer.task_id });
  tracker.remark("Dialog: Go on?", null);
  expect(seen(tracker)).toEqual([
    ["outer", "running", null],
    ["inner", "running", "Dialog: Go on?"],
  ]);
  tracker.remark("Dialog: Go on?", "accepted");
  tracker.update(inner.task_id, { state: "done" });
  tracker.remark("Dialog: Sure?", "dismissed");
  expect(seen(tracker)).toEqual([
    ["outer", "running", "Dialog: Sure? – dismissed"],
    ["inner", "done", "Dialog: Go on? – accepted"],
  ]);
});

it("is a task of its own where none runs, which ends with it, with the next one, or with the capture", () => {
  const tracker = new TaskTracker();
  tracker.remark("Dialog: 1", null);
  expect(seen(tracker)).toEqual([["Dialog: 1", "running", null]]);
  tracker.remark("Dialog: 1", "accepted");
  tracker.remark("Choice of files", null);
  tracker.remark("Dialog: 2", null);
  tracker.endRemark();
  tracker.endRemark();
  expect(seen(tracker)).toEqual([
    ["Dialog: 1", "done", "accepted"],
    ["Choice of files", "done", null],
    ["Dialog: 2", "done", null],
  ]);
});

it("that was open before a task began ends there, and begins no other", () => {
  const tracker = new TaskTracker();
  tracker.remark("Dialog: 1", null);
  const task = tracker.begin("task");
  tracker.remark("Dialog: 1", "dismissed");
  expect(seen(tracker)).toEqual([
    ["Dialog: 1", "done", "dismissed"],
    ["task", "running", null],
  ]);
  tracker.update(task.task_id, { state: "done" });
});
