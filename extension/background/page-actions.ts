// What a paired page can do with its own tab. Whether it is paired was checked before (page-server.ts).
import * as v from "valibot";
import { FlyBrowserError, inWords } from "../../protocol/errors.ts";
import type { Share, StartRecordingOptions } from "../../protocol/options.ts";
import {
  PageStartRecordingResultSchema,
  PageStartStreamResultSchema,
  PageStopRecordingResultSchema,
  type PageStopStreamResult,
  type PageStreamStatus,
  PageTaskSchema,
} from "../../protocol/page-results.ts";
import {
  NO_STREAM_STATUS,
  recoveringStatus,
  type StartRecordingResult,
  type StartStreamResult,
  type StopRecordingResult,
  type Task,
} from "../../protocol/results.ts";
import { sentence } from "../../protocol/sentence.ts";
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
import { pageStatus, pageStop, withNameOnly } from "./page-results.ts";
import { isExtension, originOf, type Requester } from "./page-sender.ts";
import type { TabRecordings } from "./tab-recordings.ts";

/** What {@link PageActions} works with. */
export interface PageActionsDependencies {
  readonly captured: Pick<CapturedTabs, "get" | "startStream" | "stopStream" | "streamOf" | "view">;
  readonly recordings: Pick<TabRecordings, "start" | "stop" | "view">;
  readonly host: Pick<HostConnection, "call">;
  readonly owners: PageOwners;
  /** Of recordings: each ends by itself, whoever started the stream. */
  readonly recorders: PageOwners;
  /** Whom the user shares streams with: a page can't choose more. `null`: the user never chose. */
  readonly loadShare: () => Promise<Share | null>;
  /** Address that a tab shows now. */
  readonly urlOf: (tab_id: number) => Promise<string>;
}

/** The methods of the page API, each for the tab of whoever calls. */
export class PageActions {
  readonly #deps: PageActionsDependencies;
  /** Starts by tab that are under way, and why one of them is no longer wanted. */
  readonly #starts = new Map<number, { stopped: string | null }>();

  constructor(dependencies: PageActionsDependencies) {
    this.#deps = dependencies;
  }

  /** Starts streaming the page's tab. @throws FlyBrowserError any code of a start; `tab_not_invoked` at once. */
  async startStream(page: Requester, options: unknown): Promise<StartStreamResult> {
    const { captured, owners } = this.#deps;
    // Whoever started what runs keeps it.
    const { tab_id } = page;
    // Other tabs are none of a page's business, whoever drives the browser.
    if ((options as { follow?: unknown } | undefined)?.follow === "active") {
      throw new FlyBrowserError("invalid_option", { option: "follow", value: "active", allowed: "page" });
    }
    if (this.#starts.has(tab_id) || captured.view(tab_id).phase !== "idle") {
      throw new FlyBrowserError("stream_already_active");
    }
    const start = { stopped: null as string | null };
    this.#starts.set(tab_id, start);
    const owned = owners.owning(page.tab_id, page.origin, async () => {
      await this.#stillThere(page);
      if (start.stopped !== null) throw new FlyBrowserError("start_stopped", { reason: start.stopped });
      const share = await this.#deps.loadShare();
      const given = (options ?? {}) as object;
      const result = await captured.startStream(page.tab_id, share === null ? given : { share, ...given });
      try {
        await this.#stillThere(page);
      } catch (thrown) {
        await captured.stopStream(page.tab_id, LEFT_ORIGIN);
        throw thrown;
      }
      return v.parse(PageStartStreamResultSchema, inWords(result));
    });
    return owned.finally(() => this.#starts.delete(tab_id));
  }

  /** Stops the stream of the page's tab. */
  async stopStream(page: Requester): Promise<PageStopStreamResult> {
    const by = `stopped by ${page.origin}`;
    const start = this.#starts.get(page.tab_id);
    if (start) start.stopped = by;
    const mine = await this.#mine(page);
    return pageStop(await this.#deps.captured.stopStream(page.tab_id, by), mine);
  }

  /** The state of the stream of the page's tab. */
  async getStreamStatus(page: Requester): Promise<PageStreamStatus> {
    const stream_id = this.#deps.captured.streamOf(page.tab_id);
    if (stream_id === null) return NO_STREAM_STATUS;
    const mine = await this.#mine(page);
    const { phase, info } = this.#deps.captured.view(page.tab_id);
    if (phase === "recovering" && info) return pageStatus(recoveringStatus(info), mine);
    return pageStatus(await this.#deps.host.call("getStreamStatus", { stream_id }), mine);
  }

  /** Records the page's tab. The page learns the name of the file, not where it is. */
  async startRecording(page: Requester, options: StartRecordingOptions): Promise<StartRecordingResult> {
    const { recordings, recorders } = this.#deps;
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
    return withNameOnly(v.parse(PageStartRecordingResultSchema, result));
  }

  /** Ends the recording of the page's tab. */
  async stopRecording(page: Requester): Promise<StopRecordingResult> {
    const result = await this.#deps.recordings.stop(page.tab_id);
    await this.#deps.recorders.ended(page.tab_id);
    return { ...withNameOnly(v.parse(PageStopRecordingResultSchema, result)), error: null };
  }

  /** Marks the beginning of a task on the stream of the page's tab. @throws FlyBrowserError `no_active_stream` */
  async beginTask(page: Requester, task: BeginTask): Promise<Task> {
    const checked = parseTaskMessage(BeginTaskSchema, task);
    const begun = await this.#deps.host.call("beginTask", { stream_id: this.#stream(page), task: checked });
    return v.parse(PageTaskSchema, begun);
  }

  /** Changes or ends one. @throws FlyBrowserError `no_active_stream`, `task_not_found` */
  async updateTask(page: Requester, task_id: string, change: UpdateTask): Promise<Task> {
    const checked = parseTaskMessage(UpdateTaskSchema, change);
    const updated = await this.#deps.host.call("updateTask", {
      stream_id: this.#stream(page),
      task_id,
      change: checked,
    });
    return v.parse(PageTaskSchema, updated);
  }

  #stream(page: Requester): string {
    const stream_id = this.#deps.captured.get(page.tab_id)?.stream_id;
    if (!stream_id) throw new FlyBrowserError("no_active_stream");
    return stream_id;
  }

  async #mine(page: Requester): Promise<boolean> {
    return (await this.#deps.owners.ownerOf(page.tab_id)) === page.origin;
  }

  async #stillThere(page: Requester): Promise<void> {
    if (isExtension(page.origin) || originOf(await this.#deps.urlOf(page.tab_id)) === page.origin) return;
    throw new FlyBrowserError("page_not_allowed", { reason: sentence("page.other_site") });
  }
}
