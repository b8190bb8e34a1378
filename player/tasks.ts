// The agent's tasks as the viewer sees them: kept as the host tells them, and read at the moment of the picture that is
// shown, not of the moment now. Pure but for the little that is kept.
import { PLAYER_TASKS } from "../protocol/player-messages.ts";
import type { Task } from "../protocol/results.ts";
import type { TimelineWindow } from "./snapshot.ts";

/** How a task stands at the picture that is shown. `later`: it hasn't begun there. */
export type TaskPhase = Task["state"] | "later";

/** A task as one row of the list, and one mark on the line. */
export interface TaskRow {
  readonly task: Task;
  /** How many tasks it is inside of. */
  readonly depth: number;
  readonly phase: TaskPhase;
  /** Seconds that it has lasted, up to the picture; `null`: it hasn't begun there. */
  readonly lasted: number | null;
  /** Seconds of the video's own time where it begins, if one can go there. */
  readonly place: number | null;
  /** The same for its end; that of a running one is the edge. */
  readonly end: number | null;
}

/** What tasks are read against. */
export interface TaskMoment {
  /** ms since 1970 of the picture that is shown, by the host's clock. */
  readonly picture: number;
  readonly timeline: TimelineWindow | null;
}

/** Keeps tasks in the order of their coming. */
export class TaskList {
  #tasks = new Map<string, Task>();

  /** All, in the order of their coming. */
  all(): readonly Task[] {
    return [...this.#tasks.values()];
  }

  /** The host tells them all. */
  replace(tasks: readonly Task[]): void {
    this.#tasks = new Map(tasks.map((task) => [task.task_id, task]));
  }

  /** The host tells what became of one. */
  put(task: Task): void {
    this.#tasks.set(task.task_id, task);
    for (const oldest of this.#tasks.keys()) {
      if (this.#tasks.size <= PLAYER_TASKS) break;
      this.#tasks.delete(oldest);
    }
  }
}

function phaseAt(task: Task, picture: number): TaskPhase {
  if (Date.parse(task.started_at) > picture) return "later";
  return task.ended_at !== null && Date.parse(task.ended_at) > picture ? "running" : task.state;
}

/** The place of a moment in the video's own time; `null`: one can't go there. */
function placeOf(ms: number, timeline: TimelineWindow | null): number | null {
  if (!timeline || timeline.date_zero === null) return null;
  const place = (ms - timeline.date_zero) / 1000;
  return place >= timeline.oldest && place <= timeline.edge ? place : null;
}

function rowOf(task: Task, depth: number, { picture, timeline }: TaskMoment): TaskRow {
  const [start, end] = [Date.parse(task.started_at), task.ended_at === null ? null : Date.parse(task.ended_at)];
  const phase = phaseAt(task, picture);
  const lasted = phase === "later" ? null : Math.max(0, Math.min(picture, end ?? picture) - start) / 1000;
  const endPlace = end === null ? (timeline?.edge ?? null) : placeOf(end, timeline);
  return { task, depth, phase, lasted, place: placeOf(start, timeline), end: endPlace };
}

/** Rows in the order of their beginning, what is inside a task right below it. */
export function taskRows(tasks: readonly Task[], moment: TaskMoment): TaskRow[] {
  const known = new Set(tasks.map(({ task_id }) => task_id));
  const inside = new Map<string | null, Task[]>();
  for (const task of tasks) {
    // Of a parent that was forgotten nothing can be shown.
    const parent = task.parent_id !== null && known.has(task.parent_id) ? task.parent_id : null;
    inside.set(parent, [...(inside.get(parent) ?? []), task]);
  }
  const rows: TaskRow[] = [];
  const add = (parent: string | null, depth: number): void => {
    for (const task of inside.get(parent) ?? []) {
      if (rows.length >= tasks.length) return; // tasks that name each other as parents
      rows.push(rowOf(task, depth, moment));
      add(task.task_id, depth + 1);
    }
  };
  add(null, 0);
  return rows;
}
