// Runs functions as tasks of a page: in private time where that is asked for, and with a file of the task as it ends.
import { FlyBrowserError, toFlyBrowserError } from "../protocol/errors.ts";
import type { Task } from "../protocol/results.ts";
import type { TaskOptions, TaskWithClip } from "./task-options.ts";
import type { RunningTask, TaskTracker } from "./task-tracker.ts";

/** What is done in a task. */
export type TaskFunction<T> = (task: RunningTask) => T | Promise<T>;

/** What {@link TaskRunner} works with. */
export interface TaskRunnerOptions {
  readonly tasks: Pick<TaskTracker, "run" | "addClip">;
  /** Runs a function while nothing of the page is seen. */
  readonly private: <T>(fn: () => Promise<T>) => Promise<T>;
  /** Makes a file of a task that has ended, and gives the task with it. @throws FlyBrowserError */
  readonly clip: (task_id: string) => Promise<Task>;
}

/** Runs them. */
export class TaskRunner {
  readonly #options: TaskRunnerOptions;

  constructor(options: TaskRunnerOptions) {
    this.#options = options;
  }

  /** Runs a function as a task. @throws FlyBrowserError `private_unconfirmed`, `invalid_option`; whatever the function throws */
  async run<T>(name: string, options: Required<TaskOptions>, fn: TaskFunction<T>): Promise<T | TaskWithClip<T>> {
    let task_id: string | null = null;
    const work = () =>
      this.#options.tasks.run(name, (task) => {
        ({ task_id } = task);
        return fn(task);
      });
    const run = () => (options.private ? this.#options.private(work) : work());
    if (!options.clip) return run();
    try {
      const result = await run();
      return { result, ...(await this.#clipOf(task_id)) };
    } catch (thrown) {
      await this.#clipOf(task_id);
      throw thrown;
    }
  }

  /** `null`: it has not begun. */
  async #clipOf(task_id: string | null): Promise<Omit<TaskWithClip<unknown>, "result">> {
    try {
      if (task_id === null) throw new FlyBrowserError("task_not_found", { task_id: "" });
      const { clip = null } = await this.#options.clip(task_id);
      if (clip) this.#options.tasks.addClip(task_id, clip);
      return { clip, clip_error: null };
    } catch (thrown) {
      return { clip: null, clip_error: toFlyBrowserError(thrown) };
    }
  }
}
