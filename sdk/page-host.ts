// The host of one page: found when it is first needed, and again when it has died. Never starts one: the extension does.
import { isProcessAlive } from "../protocol/node/control-files.ts";
import type { ControlClient } from "./control-client.ts";
import type { TaskSink } from "./task-book.ts";

/** What this needs of a {@link ControlClient}. */
type Client = Pick<ControlClient, "file" | "beginTask" | "updateTask">;

/** Keeps the host of one page. */
export class PageHost<C extends Client = ControlClient> {
  readonly #find: () => Promise<C>;
  #client: C | null = null;

  /** `find` waits for the host whose browser has the page, and says so when there is none. */
  constructor(find: () => Promise<C>) {
    this.#find = find;
  }

  /** The host that runs now. @throws FlyBrowserError as `find` does. */
  async client(): Promise<C> {
    if (this.#client && isProcessAlive(this.#client.file.pid)) return this.#client;
    this.#client = await this.#find();
    return this.#client;
  }

  /** Where the tasks of what is captured are told: the host that runs by then. */
  taskSink(streamId: string): TaskSink {
    return {
      begin: async (task) => (await this.client()).beginTask(streamId, task),
      update: async (task_id, change) => (await this.client()).updateTask(streamId, task_id, change),
    };
  }
}
