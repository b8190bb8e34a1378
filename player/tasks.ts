// The agent's tasks as the viewer sees them: as they stood when the frame now shown was captured, not as they are now.

import type { PlayerTask as Task } from "../protocol/player-messages.ts";
import { PLAYER_TASKS } from "../protocol/player-messages.ts";
import type { TimelineWindow } from "./timeline.ts";

/** State of a task at the frame that is shown. `upcoming`: it hasn't started there. */
export type TaskPhase = Task["state"] | "upcoming";

/** A task as a row of the list and a marker on the timeline. */
export interface TaskRow {
  readonly task: Task;
  /** Nesting level; 0 is outermost. */
  readonly depth: number;
  readonly phase: TaskPhase;
  /** s from its start to its end, or to the frame that is shown; `null`: it hasn't started there. */
  readonly duration: number | null;
  /** Where it starts, s of the video element's own time; `null`: can't be seeked to. */
  readonly start: number | null;
  /** The same for its end; the live edge while it runs. */
  readonly end: number | null;
}

/** The moment for which tasks are shown. */
export interface TaskMoment {
  /** When the frame now shown was captured, ms since 1970 by the host's clock. */
  readonly shown_at: number;
  readonly timeline: TimelineWindow | null;
}

/** The tasks that the host has told of, in the order of their arrival. */
export class TaskList {
  #tasks = new Map<string, Task>();

  all(): readonly Task[] {
    return [...this.#tasks.values()];
  }

  /** Takes in all of them. */
  replace(tasks: readonly Task[]): void {
    this.#tasks = new Map(tasks.map((task) => [task.task_id, task]));
  }

  /** Takes in a new state of one; the oldest beyond {@link PLAYER_TASKS} are dropped. */
  put(task: Task): void {
    this.#tasks.set(task.task_id, task);
    for (const oldest of this.#tasks.keys()) {
      if (this.#tasks.size <= PLAYER_TASKS) break;
      this.#tasks.delete(oldest);
    }
  }
}

function phaseAt(task: Task, shown_at: number): TaskPhase {
  if (Date.parse(task.started_at) > shown_at) return "upcoming";
  return task.ended_at !== null && Date.parse(task.ended_at) > shown_at ? "running" : task.state;
}

/** A moment in ms since 1970 in the video element's own time; `null`: can't be seeked to. */
function positionOf(ms: number, timeline: TimelineWindow | null): number | null {
  if (!timeline || timeline.date_zero === null) return null;
  const position = (ms - timeline.date_zero) / 1000;
  return position >= timeline.oldest && position <= timeline.edge ? position : null;
}

function rowOf(task: Task, depth: number, { shown_at, timeline }: TaskMoment): TaskRow {
  const started_at = Date.parse(task.started_at);
  const ended_at = task.ended_at === null ? null : Date.parse(task.ended_at);
  const phase = phaseAt(task, shown_at);
  return {
    task,
    depth,
    phase,
    duration: phase === "upcoming" ? null : Math.max(0, Math.min(shown_at, ended_at ?? shown_at) - started_at) / 1000,
    start: positionOf(started_at, timeline),
    end: ended_at === null ? (timeline?.edge ?? null) : positionOf(ended_at, timeline),
  };
}

/** Rows in the order of their start, subtasks right below their parent. */
export function taskRows(tasks: readonly Task[], moment: TaskMoment): TaskRow[] {
  const known = new Set(tasks.map(({ task_id }) => task_id));
  const children = new Map<string | null, Task[]>();
  for (const task of tasks) {
    // A parent that was dropped can't be shown: its subtasks then stand at the top level.
    const parent = task.parent_id !== null && known.has(task.parent_id) ? task.parent_id : null;
    children.set(parent, [...(children.get(parent) ?? []), task]);
  }
  const rows: TaskRow[] = [];
  const add = (parent: string | null, depth: number): void => {
    for (const task of children.get(parent) ?? []) {
      if (rows.length >= tasks.length) return; // tasks that name each other as parents
      rows.push(rowOf(task, depth, moment));
      add(task.task_id, depth + 1);
    }
  };
  add(null, 0);
  return rows;
}
