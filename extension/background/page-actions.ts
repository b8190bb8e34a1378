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
import type { CapturedTabs } from "./captured-tabs.ts";
import type { HostConnection } from "./host-connection.ts";
import { LEFT_ORIGIN, type PageOwners } from "./page-owners.ts";
import { forPage, nameOnly } from "./page-results.ts";
import { isExtension, originOf, type Requester } from "./page-sender.ts";
import type { Streams } from "./streams.ts";
import type { TabRecordings } from "./tab-recordings.ts";

/** What the actions work with. */
export interface ActionParts {
  readonly streams: Pick<Streams, "startStream" | "stopStream">;
  readonly captured: Pick<CapturedTabs, "streamOf" | "captureOf" | "view">;
  readonly recordings: Pick<TabRecordings, "start" | "stop" | "view">;
  readonly host: Pick<HostConnection, "call">;
  readonly owners: PageOwners;
  /** Of recordings: each ends by itself, whoever started the stream. */
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
    const { streams, captured, owners } = this.#parts;
    // Whoever started what runs keeps it.
    if (captured.view(page.tab_id).phase !== "idle") throw new FlyBrowserError("stream_already_active");
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
    return result.success ? { ...result, info: forPage(result.info, mine) } : result;
  }

  /** The state of the stream of the page's tab. */
  async getStreamStatus(page: Requester): Promise<StreamStatus> {
    const stream_id = this.#parts.captured.streamOf(page.tab_id);
    if (stream_id === null) return NO_STREAM_STATUS;
    const mine = await this.#mine(page);
    const status = await this.#parts.host.call("getStreamStatus", { stream_id });
    if (status.status === undefined) return status;
    return { ...status, status: forPage(status.status, mine) } as StreamStatus;
  }

  /** Records the page's tab. The page learns the name of the file, not where it is. */
  async startRecording(page: Requester, options: StartRecordingOptions): Promise<StartRecordingResult> {
    const { recordings, recorders } = this.#parts;
    if (recordings.view(page.tab_id).phase === "recording") throw new FlyBrowserError("recording_already_active");
    const result = await recorders.owning(page.tab_id, page.origin, async () => {
      await this.#stillThere(page);
      const started = await recordings.start(page.tab_id, options);
      try {
        await this.#stillThere(page);
      } catch (thrown) {
        await recordings.stop(page.tab_id).catch(() => {});
        throw thrown;
      }
      return started;
    });
    return { ...result, file_path: nameOnly(result.file_path) };
  }

  /** Ends the recording of the page's tab. */
  async stopRecording(page: Requester): Promise<StopRecordingResult> {
    const result = await this.#parts.recordings.stop(page.tab_id);
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
    const stream_id = this.#parts.captured.captureOf(page.tab_id);
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
