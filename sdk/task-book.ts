// The tasks of one FlyBrowser: which there are, which runs inside which, and that the stream hears of them in their
// order. A stream that can't be told never stops a task. Never speaks HTTP.
import { AsyncLocalStorage } from "node:async_hooks";
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { FlyBrowserError } from "../protocol/errors.ts";
import type { Task } from "../protocol/results.ts";
import {
  type BeginTask,
  BeginTaskSchema,
  MAX_TASKS,
  parseTaskMessage,
  type UpdateTask,
  UpdateTaskSchema,
} from "../protocol/task-messages.ts";

/** Where tasks are told: one stream. */
export interface TaskSink {
  begin(task: BeginTask): Promise<unknown>;
  /** @throws FlyBrowserError `task_not_found` where the stream's host is a new one */
  update(task_id: string, change: UpdateTask): Promise<unknown>;
}

/** A task from the inside, as its function gets it. */
export interface RunningTask {
  readonly task_id: string;
  readonly name: string;
  /** Tells viewers what is being done at the moment; shown under the task's name. */
  note(detail: string): void;
}

/** ms that a caller waits until the stream has heard of everything. */
const SETTLE_WITHIN = 5_000;

/** Keeps the tasks. */
export class TaskBook {
  /** Oldest first. */
  readonly #tasks = new Map<string, Task>();
  readonly #inside = new AsyncLocalStorage<string>();
  /** What the sink hasn't heard yet. Bounded as the tasks are. */
  readonly #unheard = new Set<string>();
  readonly #begun = new Set<string>();
  readonly #onChange: () => void;
  #sink: TaskSink | null = null;
  #telling: Promise<void> | null = null;

  /** `onChange` is called when a task begins, changes or ends. */
  constructor(onChange: () => void = () => {}) {
    this.#onChange = onChange;
  }

  /** The tasks so far, oldest first; the newest 200. */
  list(): Task[] {
    return [...this.#tasks.values()];
  }

  /** What is being done now: the name of the innermost task that runs, the newest of several; empty: nothing. */
  get current(): string {
    return this.list().findLast(({ state }) => state === "running")?.name ?? "";
  }

  /** Tells a stream of the tasks from now on, those that run first; `null`: there is none any more. */
  connect(sink: TaskSink | null): void {
    this.#sink = sink;
    this.#begun.clear();
    this.#unheard.clear();
    for (const { task_id, state } of this.#tasks.values()) if (state === "running") this.#tell(task_id);
  }

  /** Resolves when the stream has heard of everything, or could not within 5 s. */
  async settled(): Promise<void> {
    if (!this.#telling) return;
    const timer = new AbortController();
    const late = sleep(SETTLE_WITHIN, undefined, { signal: timer.signal }).catch(() => {});
    await Promise.race([this.#telling, late]);
    timer.abort();
  }

  /**
   * Begins a task, inside the one that runs around the caller unless `parent_id` says another.
   * @throws FlyBrowserError `invalid_option`
   */
  begin(name: string, options: { parent_id?: string | null; detail?: string } = {}): Task {
    const parent_id = options.parent_id === undefined ? (this.#inside.getStore() ?? null) : options.parent_id;
    const asked = parseTaskMessage(BeginTaskSchema, { name, parent_id, detail: options.detail ?? null });
    const task: Task = {
      task_id: `task_${randomBytes(9).toString("base64url")}`,
      name: asked.name,
      state: "running",
      started_at: new Date().toISOString(),
      ended_at: null,
      detail: asked.detail,
      parent_id: asked.parent_id,
    };
    this.#makeRoom();
    this.#keep(task);
    return task;
  }

  /**
   * Changes a task, or ends it when `state` is given; of one that has ended nothing changes any more.
   * @throws FlyBrowserError `task_not_found`, `invalid_option`
   */
  update(task_id: string, input: { state?: "done" | "failed"; detail?: string | null }): Task {
    const { state, detail } = parseTaskMessage(UpdateTaskSchema, input);
    const before = this.#tasks.get(task_id);
    if (!before) throw new FlyBrowserError("task_not_found", { task_id });
    if (before.state !== "running") return before;
    const task: Task = {
      ...before,
      state: state ?? "running",
      ended_at: state === undefined ? null : new Date().toISOString(),
      detail: detail === undefined ? before.detail : detail,
    };
    this.#keep(task);
    return task;
  }

  /** Runs a function as a task: it ends with it, failed with the error's message where it throws. */
  async run<T>(name: string, fn: (task: RunningTask) => T | Promise<T>): Promise<T> {
    const { task_id, name: kept } = this.begin(name);
    const note = (detail: string) => void this.#quietly(task_id, { detail: String(detail) });
    try {
      const result = await this.#inside.run(task_id, () => fn({ task_id, name: kept, note }));
      this.#quietly(task_id, { state: "done" });
      return result;
    } catch (error) {
      this.#quietly(task_id, { state: "failed", detail: error instanceof Error ? error.message : String(error) });
      throw error;
    }
  }

  /** A task of which only the newest were kept may be forgotten by now: that is no error of its function. */
  #quietly(task_id: string, change: { state?: "done" | "failed"; detail?: string }): void {
    if (this.#tasks.has(task_id)) this.update(task_id, change);
  }

  #keep(task: Task): void {
    this.#tasks.set(task.task_id, task);
    this.#tell(task.task_id);
    this.#onChange();
  }

  #makeRoom(): void {
    if (this.#tasks.size < MAX_TASKS) return;
    const victim = this.list().find(({ state }) => state !== "running") ?? this.list()[0];
    if (victim) this.#tasks.delete(victim.task_id);
  }

  #tell(task_id: string): void {
    if (!this.#sink) return;
    this.#unheard.add(task_id);
    this.#telling ??= this.#tellAll().finally(() => {
      this.#telling = null;
    });
  }

  async #tellAll(): Promise<void> {
    await Promise.resolve(); // what begins and ends at once is told at once
    for (const [task_id] of this.#unheard.entries()) {
      this.#unheard.delete(task_id);
      const task = this.#tasks.get(task_id);
      if (task && this.#sink) await this.#tellOne(this.#sink, task).catch(() => {}); // the stream is gone: the task isn't
    }
  }

  async #tellOne(sink: TaskSink, task: Task): Promise<void> {
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
      // A new host took the stream over and knows nothing of its tasks.
      await sink.begin({ task_id, name, detail, parent_id, started_at });
      await sink.update(task_id, change);
    }
  }
}
