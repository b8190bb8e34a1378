// The recording of one page, from its start until its file is complete.
import { resolve } from "node:path";
import { sleep } from "../protocol/async.ts";
import { deserializeError } from "../protocol/errors.ts";
import type { TabReference } from "../protocol/native-messages.ts";
import type { StartRecordingOptions } from "../protocol/options.ts";
import type { StartRecordingResult, StopRecordingResultInWords as StopRecordingResult } from "../protocol/results.ts";
import type { ControlClient } from "./control-client.ts";
import type { Granted } from "./page-stream.ts";

/** ms between two requests for the progress. */
const POLL_INTERVAL = 500;

/** As much of a {@link ControlClient} as this uses. */
type RecordingClient = Pick<ControlClient, "recordTab" | "getRecording" | "stopRecording">;

/** Callbacks of {@link PageRecording.stop}. */
export interface StopCallbacks {
  /** The page is no longer captured for it. */
  readonly stopped: () => Promise<void>;
  /** Share of the file that is complete, 0 to 1. */
  readonly progress: (share: number) => void;
}

/** Starts and stops the recording of one page. */
export class PageRecording {
  readonly #host: () => Promise<RecordingClient>;
  readonly #granted: Granted;
  #id: string | null = null;
  #start: Promise<unknown> | null = null;

  /** `granted` runs what Chrome may refuse until the button was clicked. */
  constructor(host: () => Promise<RecordingClient>, granted: Granted = (begin) => begin()) {
    this.#host = host;
    this.#granted = granted;
  }

  /** The recording that was started and not yet stopped; `null`: none. */
  get id(): string | null {
    return this.#id;
  }

  /** The same, once a start that is under way has settled. */
  async started(): Promise<string | null> {
    await this.#start?.catch(() => {}); // it was told to whoever started it
    return this.#id;
  }

  /**
   * Starts it. A relative path is resolved against the working directory. `stream_id` names the capture that it records.
   * @throws FlyBrowserError whatever startRecording throws.
   */
  start(
    tab: TabReference,
    options: StartRecordingOptions,
  ): Promise<{ result: StartRecordingResult; stream_id: string }> {
    const start = this.#begin(tab, options);
    this.#start = start;
    return start;
  }

  async #begin(
    tab: TabReference,
    { path, ...rest }: StartRecordingOptions,
  ): Promise<{ result: StartRecordingResult; stream_id: string }> {
    const host = await this.#host();
    const options = path === undefined ? rest : { ...rest, path: resolve(path) };
    const result = await this.#granted(() => host.recordTab(tab, options));
    this.#id = result.recording_id;
    return { result, stream_id: (await host.getRecording(result.recording_id)).stream_id };
  }

  /**
   * Stops recording `id` and waits until its file is complete, however long that takes.
   * @throws FlyBrowserError `recording_not_found`, `host_lost`; the error of a recording that failed.
   */
  async stop(id: string, callbacks: StopCallbacks): Promise<StopRecordingResult> {
    if (this.#id === id) this.#id = null;
    const host = await this.#host();
    let result: StopRecordingResult = await host.stopRecording(id);
    await callbacks.stopped();
    while (result.status === "finishing") {
      callbacks.progress(result.progress ?? 0);
      await sleep(POLL_INTERVAL);
      result = await host.getRecording(result.recording_id);
    }
    if (result.status === "failed" && result.error) throw deserializeError(result.error);
    return result;
  }
}
