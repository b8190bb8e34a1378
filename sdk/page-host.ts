// Finds running hosts by their control files, and the host of one page by the page's DevTools id. The extension starts
// hosts; nothing here does.
import { Deadline, sleep } from "../protocol/async.ts";
import { FlyBrowserError } from "../protocol/errors.ts";
import { isProcessAlive, listControlFiles } from "../protocol/node/control-files.ts";
import { stateDirectory } from "../protocol/node/state-directory.ts";
import { ControlClient } from "./control-client.ts";
import { profileStateDirectory, throwawayProfiles } from "./profile.ts";
import type { TaskSink } from "./task-tracker.ts";

/** State directories in which hosts of this user may have control files: the user's own, and those of throw-away profiles. */
export function stateDirectories(): string[] {
  return [stateDirectory(), ...throwawayProfiles().map(({ path }) => profileStateDirectory(path))];
}

/** Every running host of this user. */
export function runningHosts(directories: readonly string[] = stateDirectories()): ControlClient[] {
  const files = directories.flatMap((directory) => listControlFiles(directory));
  return files.map((file) => new ControlClient(file));
}

/** The host whose browser has this page open; `null`: none that answers. */
async function knownHost(
  targetId: string,
  directories: readonly string[],
  onError: (error: unknown) => void = () => {},
) {
  for (const host of runningHosts(directories)) {
    try {
      if ((await host.listTabs()).some((tab) => tab.target_id === targetId)) return host;
    } catch (error) {
      onError(error); // may be starting, or shutting down
    }
  }
  return null;
}

/** Whether a host that runs knows this page. */
export async function hostKnows(targetId: string, directories: readonly string[]): Promise<boolean> {
  return (await knownHost(targetId, directories)) !== null;
}

/** ms that the extension has to start the host. */
const HOST_TIMEOUT = 20_000;
/** ms between two looks for it. */
const LOOK_INTERVAL = 50;

/** ms between two looks for the extension. */
const CHECK_INTERVAL = 250;

/**
 * Waits for the host whose browser has this page open. `check` is called now and then meanwhile, and ends the wait with what it throws.
 * @throws FlyBrowserError `page_without_extension` when there is none in time.
 */
export async function hostOfPage(
  targetId: string,
  directories: readonly string[],
  { timeout = HOST_TIMEOUT, check = async () => {} }: { timeout?: number; check?: () => Promise<void> } = {},
): Promise<ControlClient> {
  const deadline = new Deadline(timeout);
  let last: unknown;
  let checked = performance.now();
  while (!deadline.passed) {
    const found = await knownHost(targetId, directories, (error) => {
      last = error;
    });
    if (found) return found;
    if (performance.now() - checked >= CHECK_INTERVAL) {
      await check();
      checked = performance.now();
    }
    await sleep(LOOK_INTERVAL);
  }
  throw new FlyBrowserError("page_without_extension", { seconds: timeout / 1000 }, { cause: last });
}

/** Hosts that one question is put to, one after another. */
const MAX_ASKED = 3;

/** As much of a {@link ControlClient} as {@link PageHost} uses. */
type HostClient = Pick<ControlClient, "file" | "beginTask" | "updateTask">;

/** The host of one page: looked for when it is first needed, and again when its process has died. */
export class PageHost<C extends HostClient = ControlClient> {
  readonly #find: (again: boolean) => Promise<C>;
  #client: C | null = null;

  /** `find` waits for the host of the page, and rejects if there is none; `again`: there was one just now. */
  constructor(find: (again: boolean) => Promise<C>) {
    this.#find = find;
  }

  /** Whether the host that was found last still runs. */
  get runs(): boolean {
    return this.#client !== null && isProcessAlive(this.#client.file.pid);
  }

  /** The host that runs now. @throws FlyBrowserError as `find` does. */
  async client(): Promise<C> {
    if (this.#client && isProcessAlive(this.#client.file.pid)) return this.#client;
    const again = this.#client !== null;
    try {
      this.#client = await this.#find(again);
    } catch (thrown) {
      this.#client = null; // the extension may have to begin anew, with all the time that this takes
      throw thrown;
    }
    return this.#client;
  }

  /**
   * Asks the host for what can be asked twice: of one that goes away meanwhile, its successor is asked.
   * @throws FlyBrowserError as `find` and `ask` do
   */
  async ask<T>(ask: (client: C) => Promise<T>): Promise<T> {
    for (let time = 1; ; time++) {
      const client = await this.client();
      try {
        return await ask(client);
      } catch (thrown) {
        const lost = thrown instanceof FlyBrowserError && thrown.code === "host_lost";
        if (!lost || time === MAX_ASKED) throw thrown;
        // Its process may live on for a moment, and nobody answers in it any more.
        if (this.#client === client) this.#client = await this.#find(true);
      }
    }
  }

  /** Sends the tasks of a stream to whichever host runs then. */
  taskSink(streamId: string): TaskSink {
    return {
      begin: async (task) => (await this.client()).beginTask(streamId, task),
      update: async (task_id, change) => (await this.client()).updateTask(streamId, task_id, change),
    };
  }
}
