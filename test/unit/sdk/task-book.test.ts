import { expect, test } from "vitest";
import { FlyBrowserError } from "../../../protocol/errors.ts";
import type { BeginTask, UpdateTask } from "../../../protocol/task-messages.ts";
import { TaskBook, type TaskSink } from "../../../sdk/task-book.ts";

/** A stream that writes down what it is told; `failing` begins are refused first. */
class Stream implements TaskSink {
  readonly told: string[] = [];
  readonly known = new Set<string>();

  async begin({ name, task_id = "", parent_id }: BeginTask): Promise<void> {
    this.known.add(task_id);
    this.told.push(`begin ${name}${parent_id ? " inside" : ""}`);
  }

  async update(task_id: string, { state, detail }: UpdateTask): Promise<void> {
    if (!this.known.has(task_id)) throw new FlyBrowserError("task_not_found", { task_id });
    this.told.push(`${state ?? "note"}${detail ? `: ${detail}` : ""}`);
  }
}

const names = (book: TaskBook) => book.list().map(({ name, state, detail }) => [name, state, detail]);

test("a function runs as a task and its result comes back, with or without a stream", async () => {
  const book = new TaskBook();
  expect(await book.run("add", () => 1 + 1)).toBe(2);
  expect(names(book)).toEqual([["add", "done", null]]);
});

test("what throws is thrown on as it is, and the task has failed with its message", async () => {
  const book = new TaskBook();
  const error = new TypeError("no such button");
  await expect(book.run("click", () => Promise.reject(error))).rejects.toBe(error);
  expect(names(book)).toEqual([["click", "failed", "no such button"]]);
});

test("a task begun inside another is a part of it, also where several run side by side", async () => {
  const book = new TaskBook();
  await book.run("both", async () => {
    await Promise.all(
      ["left", "right"].map((side) =>
        book.run(side, async () => {
          await Promise.resolve();
          await book.run(`${side} step`, () => {});
        }),
      ),
    );
  });
  const byName = new Map(book.list().map((task) => [task.name, task]));
  const parent = (name: string) => book.list().find(({ task_id }) => task_id === byName.get(name)?.parent_id)?.name;
  expect(["both", "left", "right", "left step", "right step"].map(parent)).toEqual([
    undefined,
    "both",
    "both",
    "left",
    "right",
  ]);
});

test("the stream hears of beginning, notes and end in their order", async () => {
  const [book, stream] = [new TaskBook(), new Stream()];
  book.connect(stream);
  await book.run("outer", async ({ note }) => {
    await book.settled();
    note("looking");
    await book.settled();
    await book.run("inner", () => book.settled());
  });
  await book.settled();
  expect(stream.told).toEqual(["begin outer", "note: looking", "begin inner inside", "done", "done: looking"]);
});

test("a stream that comes later hears of what still runs, and of nothing else", async () => {
  const [book, stream] = [new TaskBook(), new Stream()];
  await book.run("over", () => {});
  const { task_id, started_at } = book.begin("runs");
  book.connect(stream);
  await book.settled();
  expect(book.update(task_id, { state: "done" }).started_at).toBe(started_at);
  await book.settled();
  expect(stream.told).toEqual(["begin runs", "done"]);
});

test("a new host that knows nothing of a task is told of all of it", async () => {
  const [book, stream] = [new TaskBook(), new Stream()];
  book.connect(stream);
  const { task_id } = book.begin("runs");
  await book.settled();
  stream.known.clear();
  book.update(task_id, { state: "failed", detail: "why" });
  await book.settled();
  expect(stream.told).toEqual(["begin runs", "begin runs", "failed: why"]);
});

test("a stream that can't be told stops nothing", async () => {
  const book = new TaskBook();
  const gone = () => Promise.reject(new FlyBrowserError("host_lost", { reason: "gone" }));
  book.connect({ begin: gone, update: gone });
  expect(await book.run("goes on", () => "result")).toBe("result");
  await book.settled();
});

test("at most 200 are kept; a running one that was forgotten still ends", async () => {
  const book = new TaskBook();
  const tasks = Array.from({ length: 250 }, (_, index) => book.run(`task ${index}`, () => Promise.resolve(index)));
  expect(await Promise.all(tasks)).toHaveLength(250);
  expect(book.list()).toHaveLength(200);
  expect(book.list()[0]?.name).toBe("task 50");
});

test("what is being done now is the innermost task that runs, and each change is told", async () => {
  const told: string[] = [];
  const book: TaskBook = new TaskBook(() => told.push(book.current));
  await book.run("outer", async () => book.run("inner", ({ note }) => note("half")));
  expect(told).toEqual(["outer", "inner", "inner", "outer", ""]);
});

test("misuse is named", () => {
  const book = new TaskBook();
  expect(() => book.begin("")).toThrow(/Option name/);
  expect(() => book.update("none", { state: "done" })).toThrow("There is no task none.");
});
