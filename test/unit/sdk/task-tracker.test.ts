import { expect, test } from "vitest";
import { FlyBrowserError } from "../../../protocol/errors.ts";
import type { BeginTask, UpdateTask } from "../../../protocol/task-messages.ts";
import { type TaskSink, TaskTracker } from "../../../sdk/task-tracker.ts";

/** A stream that keeps what it is sent. */
class Stream implements TaskSink {
  readonly sent: string[] = [];
  readonly known = new Set<string>();

  async begin({ name, task_id = "", parent_id }: BeginTask): Promise<void> {
    this.known.add(task_id);
    this.sent.push(`begin ${name}${parent_id ? " inside" : ""}`);
  }

  async update(task_id: string, { state, detail }: UpdateTask): Promise<void> {
    if (!this.known.has(task_id)) throw new FlyBrowserError("task_not_found", { task_id });
    this.sent.push(`${state ?? "note"}${detail ? `: ${detail}` : ""}`);
  }
}

const names = (tracker: TaskTracker) => tracker.list().map(({ name, state, detail }) => [name, state, detail]);

test("a function runs as a task and its result comes back, with or without a stream", async () => {
  const tracker = new TaskTracker();
  expect(await tracker.run("add", () => 1 + 1)).toBe(2);
  expect(names(tracker)).toEqual([["add", "done", null]]);
});

test("what throws is thrown on as it is, and the task has failed with its message", async () => {
  const tracker = new TaskTracker();
  const error = new TypeError("no such button");
  await expect(tracker.run("click", () => Promise.reject(error))).rejects.toBe(error);
  expect(names(tracker)).toEqual([["click", "failed", "no such button"]]);
});

test("a task begun inside another is a part of it, also where several run side by side", async () => {
  const tracker = new TaskTracker();
  await tracker.run("both", async () => {
    await Promise.all(
      ["left", "right"].map((side) =>
        tracker.run(side, async () => {
          await Promise.resolve();
          await tracker.run(`${side} step`, () => {});
        }),
      ),
    );
  });
  const byName = new Map(tracker.list().map((task) => [task.name, task]));
  const parent = (name: string) => tracker.list().find(({ task_id }) => task_id === byName.get(name)?.parent_id)?.name;
  expect(["both", "left", "right", "left step", "right step"].map(parent)).toEqual([
    undefined,
    "both",
    "both",
    "left",
    "right",
  ]);
});

test("the stream is sent start, notes and end in order", async () => {
  const [tracker, stream] = [new TaskTracker(), new Stream()];
  tracker.connect(stream);
  await tracker.run("outer", async ({ note }) => {
    await tracker.settled();
    note("looking");
    await tracker.settled();
    await tracker.run("inner", () => tracker.settled());
  });
  await tracker.settled();
  expect(stream.sent).toEqual(["begin outer", "note: looking", "begin inner inside", "done", "done: looking"]);
});

test("a stream that starts later is sent what still runs, and nothing else", async () => {
  const [tracker, stream] = [new TaskTracker(), new Stream()];
  await tracker.run("over", () => {});
  const { task_id, started_at } = tracker.begin("runs");
  tracker.connect(stream);
  await tracker.settled();
  expect(tracker.update(task_id, { state: "done" }).started_at).toBe(started_at);
  await tracker.settled();
  expect(stream.sent).toEqual(["begin runs", "done"]);
});

test("a new host that doesn't know a task is sent all of it", async () => {
  const [tracker, stream] = [new TaskTracker(), new Stream()];
  tracker.connect(stream);
  const { task_id } = tracker.begin("runs");
  await tracker.settled();
  stream.known.clear();
  tracker.update(task_id, { state: "failed", detail: "why" });
  await tracker.settled();
  expect(stream.sent).toEqual(["begin runs", "begin runs", "failed: why"]);
});

test("a stream that can't be reached stops nothing", async () => {
  const tracker = new TaskTracker();
  const gone = () => Promise.reject(new FlyBrowserError("host_lost", { reason: "gone" }));
  tracker.connect({ begin: gone, update: gone });
  expect(await tracker.run("goes on", () => "result")).toBe("result");
  await tracker.settled();
});

test("at most 200 are kept; a running one that was dropped still ends", async () => {
  const tracker = new TaskTracker();
  const tasks = Array.from({ length: 250 }, (_, index) => tracker.run(`task ${index}`, () => Promise.resolve(index)));
  expect(await Promise.all(tasks)).toHaveLength(250);
  expect(tracker.list()).toHaveLength(200);
  expect(tracker.list()[0]?.name).toBe("task 50");
});

test("what is being done now is the innermost task that runs, and each change is reported", async () => {
  const sent: string[] = [];
  const tracker: TaskTracker = new TaskTracker(() => sent.push(tracker.current));
  await tracker.run("outer", async () => tracker.run("inner", ({ note }) => note("half")));
  expect(sent).toEqual(["outer", "inner", "inner", "outer", ""]);
});

test("misuse is named", () => {
  const tracker = new TaskTracker();
  expect(() => tracker.begin("")).toThrow(/Option name/);
  expect(() => tracker.update("none", { state: "done" })).toThrow("There is no task none.");
});

test("of what runs quietly only names are told: no notes, no reason of a failure", async () => {
  const tracker = new TaskTracker();
  await tracker.run("sign in", ({ note }) => {
    note("on the page");
    return tracker.quietly(async () => {
      const failing = tracker.run("password", ({ note }) => {
        note("hunter2");
        throw new Error("hunter2 is wrong");
      });
      await expect(failing).rejects.toThrow("hunter2");
      const { task_id } = tracker.begin("again", { detail: "hunter3" });
      tracker.update(task_id, { state: "failed", detail: "hunter3" });
    });
  });
  expect(names(tracker)).toEqual([
    ["sign in", "done", "on the page"],
    ["password", "failed", null],
    ["again", "failed", null],
  ]);
});
