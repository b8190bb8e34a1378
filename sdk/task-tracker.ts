// The tasks of one FlyBrowser: keeps them, knows which runs inside which, and sends their changes to the stream in order. A
// stream that can't be reached doesn't affect the tasks.
import { AsyncLocalStorage } from "node:async_hooks";
import { randomBytes } from "node:crypto";
import { timeout } from "../protocol/async.ts";
import type { ClipResult } from "../protocol/clips.ts";
import { FlyBrowserError } from "../protocol/errors.ts";
import type { Task } from "../protocol/results.ts";
import { text } from "../protocol/sentence.ts";
import {
  type BeginTask,
  BeginTaskSchema,
  MAX_TASKS,
  parseTaskMessage,
  type UpdateTask,
  UpdateTaskSchema,
} from "../protocol/task-messages.ts";

/** Where tasks are sent: one stream. */
export interface TaskSink {
  begin(task: BeginTask): Promise<unknown>;
  /** @throws FlyBrowserError `task_not_found` if a new host has taken the stream over */
  update(task_id: string, change: UpdateTask): Promise<unknown>;
}

/** A running task, as its function gets it. */
export interface RunningTask {
  readonly task_id: string;
  readonly name: string;
  /** Tells viewers what is being done at the moment; shown below the task's name. */
  note(detail: string): void;
}

/** ms that {@link TaskTracker.settled} waits at most. */
const SETTLE_TIMEOUT = 5_000;

/** Tracks the tasks of one page. */
export class TaskTracker {
  /** Oldest first. */
  readonly #tasks = new Map<string, Task>();
  /** Which task the caller runs in, and whether nothing but names is to be told of what it does. */
  readonly #context = new AsyncLocalStorage<{ readonly parent_id: string | null; readonly quiet: boolean }>();
  /** Tasks with changes that haven't been sent. Bounded as the tasks are. */
  readonly #unsent = new Set<string>();
  /** Tasks that the sink knows. */
  readonly #begun = new Set<string>();
  readonly #onChange: () => void;
  /** The task of what the page shows at the moment and no other task is about. */
  #remark: string | null = null;
  #sink: TaskSink | null = null;
  #sending: Promise<void> | null = null;

  /** `onChange` is called when a task begins, changes or ends. */
  constructor(onChange: () => void = () => {}) {
    this.#onChange = onChange;
  }

  /** The newest 200 tasks, oldest first. */
  list(): Task[] {
    return [...this.#tasks.values()];
  }

  /** Name of the innermost running task, the newest of several; empty: none. */
  get current(): string {
    return this.list().findLast(({ state }) => state === "running")?.name ?? "";
  }

  /** Sends tasks to `sink` from now on, first those that are running; `null`: to none. */
  connect(sink: TaskSink | null): void {
    this.#sink = sink;
    this.#begun.clear();
    this.#unsent.clear();
    for (const { task_id, state } of this.#tasks.values()) if (state === "running") this.#changed(task_id);
  }

  /** Resolves once everything is sent, or after 5 s. */
  async settled(): Promise<void> {
    if (this.#sending !== null) await timeout(this.#sending, SETTLE_TIMEOUT);
  }

  /**
   * Begins a task, as a subtask of the one that the caller runs in unless `parent_id` says otherwise.
   * @throws FlyBrowserError `invalid_option`
   */
  begin(name: string, options: { parent_id?: string | null; detail?: string } = {}): Task {
    const parent_id =
      options.parent_id === undefined ? (this.#context.getStore()?.parent_id ?? null) : options.parent_id;
    const asked = parseTaskMessage(BeginTaskSchema, { name, parent_id, detail: options.detail ?? null });
    const quiet = this.#context.getStore()?.quiet === true;
    const task: Task = {
      task_id: `task_${randomBytes(9).toString("base64url")}`,
      name: asked.name,
      state: "running",
      started_at: new Date().toISOString(),
      ended_at: null,
      detail: quiet ? null : asked.detail,
      parent_id: asked.parent_id,
    };
    this.#makeRoom();
    this.#keep(task);
    return task;
  }

  /**
   * Changes a task, or ends it if `state` is given. A task that has ended stays as it is.
   * @throws FlyBrowserError `task_not_found`, `invalid_option`
   */
  update(task_id: string, input: { state?: "done" | "failed"; detail?: string | null }): Task {
    const { state, detail } = parseTaskMessage(UpdateTaskSchema, input);
    const before = this.#tasks.get(task_id);
    if (!before) throw new FlyBrowserError("task_not_found", { task_id });
    if (before.state !== "running") return before;
    const quiet = this.#context.getStore()?.quiet === true;
    const task: Task = {
      ...before,
      state: state ?? "running",
      ended_at: state === undefined ? null : new Date().toISOString(),
      detail: detail === undefined || quiet ? before.detail : detail,
    };
    this.#keep(task);
    return task;
  }

  /**
   * Tells what the page shows beside itself, and what has become of it (`null`: it is open): as the detail of the innermost running task,
   * else as a task of its own.
   */
  remark(what: string, outcome: string | null): void {
    const own = this.#remark;
    if (own !== null && this.#tasks.has(own)) {
      this.#remark = null;
      this.update(own, { state: "done", detail: outcome });
      if (outcome !== null) return;
    }
    const running = this.list().findLast(({ state }) => state === "running");
    if (running) {
      this.update(running.task_id, { detail: outcome === null ? what : text("unseen.closed", { what, outcome }) });
      return;
    }
    const { task_id } = this.begin(what, { parent_id: null });
    if (outcome === null) this.#remark = task_id;
    else this.update(task_id, { state: "done", detail: outcome });
  }

  /** Names the file of a task, which its stream knows already. */
  addClip(task_id: string, clip: ClipResult): void {
    const task = this.#tasks.get(task_id);
    if (task) this.#tasks.set(task_id, { ...task, clip });
  }

  /** Nothing of that kind is open any more. */
  endRemark(): void {
    if (this.#remark !== null && this.#tasks.has(this.#remark)) this.update(this.#remark, { state: "done" });
    this.#remark = null;
  }

  /** Runs a function of which nothing but the names of its tasks is told: what they note, and why they fail, may be private. */
  quietly<T>(fn: () => T): T {
    const parent_id = this.#context.getStore()?.parent_id ?? null;
    return this.#context.run({ parent_id, quiet: true }, fn);
  }

  /** Runs a function as a task, which fails with the error's message if the function throws. */
  async run<T>(name: string, fn: (task: RunningTask) => T | Promise<T>): Promise<T> {
    const { task_id, name: kept } = this.begin(name);
    const quiet = this.#context.getStore()?.quiet === true;
    const note = (detail: string) => void this.#updateIfKept(task_id, { detail: String(detail) });
    const within = <R>(work: () => R): R => this.#context.run({ parent_id: task_id, quiet }, work);
    try {
      const result = await within(() => fn({ task_id, name: kept, note }));
      this.#updateIfKept(task_id, { state: "done" });
      return result;
    } catch (error) {
      this.#updateIfKept(task_id, { state: "failed", detail: error instanceof Error ? error.message : String(error) });
      throw error;
    }
  }

  /** Updates a task unless newer ones have displaced it, which is no error of its function. */
  #updateIfKept(task_id: string, change: { state?: "done" | "failed"; detail?: string }): void {
    if (this.#tasks.has(task_id)) this.update(task_id, change);
  }

  #keep(task: Task): void {
    this.#tasks.set(task.task_id, task);
    this.#changed(task.task_id);
    this.#onChange();
  }

  #makeRoom(): void {
    if (this.#tasks.size < MAX_TASKS) return;
    const victim = this.list().find(({ state }) => state !== "running") ?? this.list()[0];
    if (victim) this.#tasks.delete(victim.task_id);
  }

  #changed(task_id: string): void {
    if (!this.#sink) return;
    this.#unsent.add(task_id);
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = null;
    });
  }

  async #sendAll(): Promise<void> {
    await Promise.resolve(); // a task that begins and ends at once is sent as one
    for (const [task_id] of this.#unsent.entries()) {
      this.#unsent.delete(task_id);
      const task = this.#tasks.get(task_id);
      if (task && this.#sink) await this.#send(this.#sink, task).catch(() => {}); // the stream may be gone; the task isn't
    }
  }

  async #send(sink: TaskSink, task: Task): Promise<void> {
    const { task_id, name, detail, parent_id, started_at, state, ended_at } = task;
    const isNew = !this.#begun.has(task_id);
    if (isNew) await sink.begin({ task_id, name, detail, parent_id, started_at });
    if (this.#sink === sink) this.#begun.add(task_id);
    if (isNew && state === "running") return;
    const change = state === "running" ? { detail } : { detail, state, ended_at: ended_at ?? started_at };
    try {
      await sink.update(task_id, change);
    } catch (error) {
      if (!(error instanceof FlyBrowserError && error.code === "task_not_found")) throw error;
      // A new host has taken the stream over and doesn't know its tasks.
      await sink.begin({ task_id, name, detail, parent_id, started_at });
      await sink.update(task_id, change);
    }
  }
}
