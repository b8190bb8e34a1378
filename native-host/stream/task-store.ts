// The tasks of one stream, a bounded number of them: who begins, changes and ends them, and who hears of it.
import type { ClipResult } from "../../protocol/clips.ts";
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
import type { StreamClock } from "../media/stream-clock.ts";
import { randomToken } from "./identity.ts";

/** ms by which a time may differ that went from one clock to another and back, each read a moment after the other. */
const CLOCKS_APART = 3;

/** A task, and when it began and ended (`null`: it goes on) by the stream's clock, whatever the wall clock shows. */
export interface TimedTask {
  readonly task: Task;
  readonly start: number;
  readonly end: number | null;
}

/** Keeps the tasks of one stream. */
export class TaskStore {
  readonly #stream_id: string;
  readonly #clock: Pick<StreamClock, "now" | "wall" | "past">;
  readonly #limit: number;
  /** Oldest first. */
  readonly #tasks = new Map<string, TimedTask>();
  readonly #changes = new Emitter<TaskEvent>();
  #forgotten = 0;
  /** Who has taken over the page, which a task that begins then is marked with; `null`: nobody. */
  controlledBy: () => string | null = () => null;

  constructor(stream_id: string, clock: Pick<StreamClock, "now" | "wall" | "past">, limit = MAX_TASKS) {
    this.#stream_id = stream_id;
    this.#clock = clock;
    this.#limit = limit;
  }

  /** All that are kept, in the order of their coming. */
  list(): Task[] {
    return this.timed().map(({ task }) => task);
  }

  /** The same with their places on the stream's clock. */
  timed(): TimedTask[] {
    return [...this.#tasks.values()];
  }

  /** How many were there, and are kept no more. */
  get forgotten(): number {
    return this.#forgotten;
  }

  /** One of them; `undefined`: it isn't kept. */
  find(task_id: string): TimedTask | undefined {
    return this.#tasks.get(task_id);
  }

  /** The same with the times of the stream's clock in place of wall times: for what is cut by them. */
  recorded(): Task[] {
    return this.timed().map(({ task, start, end }) => ({
      ...task,
      started_at: new Date(start).toISOString(),
      ended_at: end === null ? null : new Date(end).toISOString(),
    }));
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
    if (known) return known.task;
    const start = this.#time(asked.started_at);
    const controlled_by = this.controlledBy();
    const task: Task = {
      task_id: asked.task_id ?? `task_${randomToken(9)}`,
      name: asked.name,
      state: "running",
      started_at: asTold(this.#wall(start), asked.started_at),
      ended_at: null,
      detail: asked.detail,
      parent_id: asked.parent_id,
      ...(controlled_by === null ? {} : { controlled_by }),
    };
    this.#makeRoom();
    this.#keep({ task, start, end: null });
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
    if (before.task.state !== "running") return before.task;
    const detail = change.detail === undefined ? before.task.detail : change.detail;
    const end = change.state === undefined ? null : Math.max(before.start, this.#time(change.ended_at));
    // As many ms after its beginning as it lasted, also where the clock was set meanwhile.
    const lasted = end === null ? null : this.#wall(before.start, end - before.start);
    const ended_at = lasted && asTold(lasted, change.ended_at, before.task.started_at);
    const task: Task = { ...before.task, state: change.state ?? "running", ended_at, detail };
    this.#keep({ task, start: before.start, end });
    return task;
  }

  /** Names the file that was made of a task. @throws FlyBrowserError `task_not_found` */
  addClip(task_id: string, clip: ClipResult): Task {
    const before = this.#tasks.get(task_id);
    if (!before) throw new FlyBrowserError("task_not_found", { task_id });
    const task: Task = { ...before.task, clip };
    this.#keep({ ...before, task });
    return task;
  }

  /** What a caller says of the time counts, as far as it has come: many calls may wait for one another. */
  #time(given: string | undefined): number {
    return Math.round(given === undefined ? this.#clock.now : this.#clock.past(Date.parse(given)));
  }

  /** The wall time of a moment, and so many ms after it. */
  #wall(at: number, after = 0): string {
    return new Date(this.#clock.wall(at) + after).toISOString();
  }

  #keep(timed: TimedTask): void {
    this.#tasks.set(timed.task.task_id, timed);
    this.#changes.emit({ stream_id: this.#stream_id, task: timed.task });
  }

  /** The oldest that has ended goes; where all run, the oldest of all. */
  #makeRoom(): void {
    if (this.#tasks.size < this.#limit) return;
    const all = this.list();
    const victim = all.find(({ state }) => state !== "running") ?? all[0];
    if (victim && this.#tasks.delete(victim.task_id)) this.#forgotten++;
  }
}

/** A wall time as its teller gave it, where that is the same moment: who began a task sees it begin when it said. */
function asTold(wall: string, given: string | undefined, earliest = ""): string {
  if (given === undefined || Math.abs(Date.parse(given) - Date.parse(wall)) > CLOCKS_APART) return wall;
  const told = new Date(given).toISOString();
  return told < earliest ? wall : told;
}
