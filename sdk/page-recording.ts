// The recording of one page: begun, asked to end, and waited for until its file is made. Never knows whether the page is
// streamed too.
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { deserializeError } from "../protocol/errors.ts";
import type { TabReference } from "../protocol/native-messages.ts";
import type { StartRecordingOptions } from "../protocol/options.ts";
import type { StartRecordingResult, StopRecordingResult } from "../protocol/results.ts";
import type { ControlClient } from "./control-client.ts";

/** ms between two questions how far the file is. */
const ASK_AGAIN = 500;

/** What this needs of a {@link ControlClient}. */
type Client = Pick<ControlClient, "recordTab" | "getRecording" | "stopRecording">;

/** What hears of a recording's end. */
export interface RecordingEnd {
  readonly stopped: () => Promise<void>;
  readonly progress: (share: number) => void;
}

/** Keeps the recording of one page. */
export class PageRecording {
  readonly #host: () => Promise<Client>;
  #id: string | null = null;

  constructor(host: () => Promise<Client>) {
    this.#host = host;
  }

  /** The recording that was begun and not yet asked for its file; `null`: there is none. */
  get id(): string | null {
    return this.#id;
  }

  /**
   * Begins it, a relative path taken from this process's folder. `stream_id`: what is captured of the page for it.
   * @throws FlyBrowserError whatever startRecording throws.
   */
  async start(
    tab: TabReference,
    { path, ...rest }: StartRecordingOptions,
  ): Promise<{ result: StartRecordingResult; stream_id: string }> {
    const host = await this.#host();
    const result = await host.recordTab(tab, path === undefined ? rest : { ...rest, path: resolve(path) });
    this.#id = result.recording_id;
    return { result, stream_id: (await host.getRecording(result.recording_id)).stream_id };
  }

  /**
   * Ends recording `id` and waits until its file is made, however long that takes.
   * @param told `stopped`: nothing is captured for it any more; `progress`: the share of the file that is made, 0 to 1.
   * @throws FlyBrowserError `recording_not_found`, `host_lost`; what the recording failed of.
   */
  async stop(id: string, told: RecordingEnd): Promise<StopRecordingResult> {
    if (this.#id === id) this.#id = null;
    const host = await this.#host();
    let result: StopRecordingResult = await host.stopRecording(id);
    await told.stopped();
    while (result.status === "finishing") {
      told.progress(result.progress ?? 0);
      await sleep(ASK_AGAIN);
      result = await host.getRecording(result.recording_id);
    }
    if (result.status === "failed" && result.error) throw deserializeError(result.error);
    return result;
  }
}
