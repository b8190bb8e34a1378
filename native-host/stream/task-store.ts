// The tasks of one stream, a bounded number of them: who begins, changes and ends them, and who hears of it.
import { Emitter } from "../../protocol/emitter.ts";
import { FlyBrowserError } from "../../protocol/errors.ts";
import type { Task } from "../../protocol/results.ts";
import {
  BeginTaskSchema,
  MAX_TASKS,
  parseTaskMessage,
  type TaskEvent,
  UpdateTaskSchema,
} from "../../protocol/task-messages.ts";
import { randomToken } from "./identity.ts";

/** Keeps the tasks of one stream. */
export class TaskStore {
  readonly #stream_id: string;
  readonly #now: () => number;
  readonly #limit: number;
  /** Oldest first. */
  readonly #tasks = new Map<string, Task>();
  readonly #changes = new Emitter<TaskEvent>();
  #forgotten = 0;

  /** `now` gives epoch ms, from the clock that stamps the media. */
  constructor(stream_id: string, now: () => number = Date.now, limit = MAX_TASKS) {
    this.#stream_id = stream_id;
    this.#now = now;
    this.#limit = limit;
  }

  /** All that are kept, in the order of their coming. */
  list(): Task[] {
    return [...this.#tasks.values()];
  }

  /** How many were there, and are kept no more. */
  get forgotten(): number {
    return this.#forgotten;
  }

  /** Calls `listener` with each task that begins, changes or ends; gives the function that ends this. */
  onChange(listener: (event: TaskEvent) => void): () => void {
    return this.#changes.on(listener);
  }

  /**
   * Begins a task; one whose id is there already is given as it is.
   * @throws FlyBrowserError `invalid_option`, `unknown_option`
   */
  begin(input: unknown): Task {
    const asked = parseTaskMessage(BeginTaskSchema, input);
    const known = asked.task_id === undefined ? undefined : this.#tasks.get(asked.task_id);
    if (known) return known;
    const task: Task = {
      task_id: asked.task_id ?? `task_${randomToken(9)}`,
      name: asked.name,
      state: "running",
      started_at: this.#time(asked.started_at),
      ended_at: null,
      detail: asked.detail,
      parent_id: asked.parent_id,
    };
    this.#makeRoom();
    this.#keep(task);
    return task;
  }

  /**
   * Changes a task, or ends it; of one that has ended nothing changes any more.
   * @throws FlyBrowserError `task_not_found`, `invalid_option`, `unknown_option`
   */
  update(task_id: string, input: unknown): Task {
    const change = parseTaskMessage(UpdateTaskSchema, input);
    const before = this.#tasks.get(task_id);
    if (!before) throw new FlyBrowserError("task_not_found", { task_id });
    if (before.state !== "running") return before;
    const detail = change.detail === undefined ? before.detail : change.detail;
    const begun = Date.parse(before.started_at);
    const ended = change.state === undefined ? null : Math.max(begun, Date.parse(this.#time(change.ended_at)));
    const ended_at = ended === null ? null : new Date(ended).toISOString();
    const task: Task = { ...before, state: change.state ?? "running", ended_at, detail };
    this.#keep(task);
    return task;
  }

  /** What a caller says of the time counts, as far as it has come: many calls may wait for one another. */
  #time(given: string | undefined): string {
    const now = this.#now();
    return new Date(given === undefined ? now : Math.min(now, Date.parse(given))).toISOString();
  }

  #keep(task: Task): void {
    this.#tasks.set(task.task_id, task);
    this.#changes.emit({ stream_id: this.#stream_id, task });
  }

  /** The oldest that has ended goes; where all run, the oldest of all. */
  #makeRoom(): void {
    if (this.#tasks.size < this.#limit) return;
    const all = this.list();
    const victim = all.find(({ state }) => state !== "running") ?? all[0];
    if (victim && this.#tasks.delete(victim.task_id)) this.#forgotten++;
  }
}
