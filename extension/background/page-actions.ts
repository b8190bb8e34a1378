// What a paired page can do, each with its own tab and nothing else.
// Never checks whether it is paired (page-server.ts), never gives out links of a stream that the page did not start.
import { FlyBrowserError } from "../../protocol/errors.ts";
import type { StartRecordingOptions } from "../../protocol/options.ts";
import {
  NO_STREAM_STATUS,
  type StartRecordingResult,
  type StartStreamResult,
  type StopRecordingResult,
  type StopStreamResult,
  type StreamStatus,
  type Task,
} from "../../protocol/results.ts";
import {
  type BeginTask,
  BeginTaskSchema,
  parseTaskMessage,
  type UpdateTask,
  UpdateTaskSchema,
} from "../../protocol/task-messages.ts";
import type { HostConnection } from "./host-connection.ts";
import { LEFT_ORIGIN, type PageOwners } from "./page-owners.ts";
import { nameOnly, withoutLinks } from "./page-results.ts";
import { isExtension, originOf, type Requester } from "./page-sender.ts";
import type { Streams } from "./streams.ts";

/** What the actions work with. */
export interface ActionParts {
  readonly streams: Pick<Streams, "startStream" | "stopStream" | "streamOf" | "view">;
  readonly host: Pick<HostConnection, "call">;
  readonly owners: PageOwners;
  /** Of recordings: one of a stream that the user has started ends before the stream does. */
  readonly recorders: PageOwners;
  /** Address that a tab shows now. */
  readonly urlOf: (tab_id: number) => Promise<string>;
}

/** Does it. */
export class PageActions {
  readonly #parts: ActionParts;

  constructor(parts: ActionParts) {
    this.#parts = parts;
  }

  /** Starts streaming the page's tab. @throws FlyBrowserError any code of a start; `tab_not_invoked` at once. */
  async startStream(page: Requester, options: unknown): Promise<StartStreamResult> {
    const { streams, owners } = this.#parts;
    // Whoever started what runs keeps it.
    if (streams.view(page.tab_id).phase !== "idle") throw new FlyBrowserError("stream_already_active");
    return owners.owning(page.tab_id, page.origin, async () => {
      await this.#stillThere(page);
      const result = await streams.startStream(page.tab_id, options);
      try {
        await this.#stillThere(page);
      } catch (thrown) {
        await streams.stopStream(page.tab_id, LEFT_ORIGIN);
        throw thrown;
      }
      return result;
    });
  }

  /** Stops the stream of the page's tab. */
  async stopStream(page: Requester): Promise<StopStreamResult> {
    const mine = await this.#mine(page);
    const result = await this.#parts.streams.stopStream(page.tab_id, `stopped by ${page.origin}`);
    return mine || !result.success ? result : { ...result, info: withoutLinks(result.info) };
  }

  /** The state of the stream of the page's tab. */
  async getStreamStatus(page: Requester): Promise<StreamStatus> {
    const stream_id = this.#parts.streams.streamOf(page.tab_id);
    if (stream_id === null) return NO_STREAM_STATUS;
    const mine = await this.#mine(page);
    const status = await this.#parts.host.call("getStreamStatus", { stream_id });
    if (mine || status.status === undefined) return status;
    return { ...status, status: withoutLinks(status.status) } as StreamStatus;
  }

  /** Records the page's tab. The page learns the name of the file, not where it is. */
  async startRecording(page: Requester, options: StartRecordingOptions): Promise<StartRecordingResult> {
    const stream_id = this.#stream(page);
    const result = await this.#parts.recorders.owning(page.tab_id, page.origin, async () => {
      await this.#stillThere(page);
      return this.#parts.host.call("startRecording", { stream_id, options });
    });
    return { ...result, file_path: nameOnly(result.file_path) };
  }

  /** Ends the recording of the page's tab. */
  async stopRecording(page: Requester): Promise<StopRecordingResult> {
    const result = await this.#parts.host.call("stopRecording", { stream_id: this.#stream(page) });
    await this.#parts.recorders.ended(page.tab_id);
    return { ...result, file_path: nameOnly(result.file_path), error: null };
  }

  /** Marks the beginning of a task on the stream of the page's tab. @throws FlyBrowserError `no_active_stream` */
  beginTask(page: Requester, task: BeginTask): Promise<Task> {
    return this.#parts.host.call("beginTask", {
      stream_id: this.#stream(page),
      task: parseTaskMessage(BeginTaskSchema, task),
    });
  }

  /** Changes or ends one. @throws FlyBrowserError `no_active_stream`, `task_not_found` */
  updateTask(page: Requester, task_id: string, change: UpdateTask): Promise<Task> {
    return this.#parts.host.call("updateTask", {
      stream_id: this.#stream(page),
      task_id,
      change: parseTaskMessage(UpdateTaskSchema, change),
    });
  }

  #stream(page: Requester): string {
    const stream_id = this.#parts.streams.streamOf(page.tab_id);
    if (stream_id === null) throw new FlyBrowserError("no_active_stream");
    return stream_id;
  }

  async #mine(page: Requester): Promise<boolean> {
    return (await this.#parts.owners.ownerOf(page.tab_id)) === page.origin;
  }

  async #stillThere(page: Requester): Promise<void> {
    if (isExtension(page.origin) || originOf(await this.#parts.urlOf(page.tab_id)) === page.origin) return;
    throw new FlyBrowserError("page_not_allowed", { reason: "its tab shows another site by now" });
  }
}
