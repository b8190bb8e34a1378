// The stream of one page: its start, its end, and an end that comes in the middle of the start.
import { sleep } from "../protocol/async.ts";
import { FlyBrowserError } from "../protocol/errors.ts";
import type { StartStreamOptions } from "../protocol/options.ts";
import {
  NO_STREAM_STOP,
  type StartStreamResultInWords as StartStreamResult,
  type StopStreamResultInWords as StopStreamResult,
} from "../protocol/results.ts";
import { sentence } from "../protocol/sentence.ts";
import type { ControlClient } from "./control-client.ts";

/** ms between two looks for a stream that is to be stopped while it starts. */
const LOOK_INTERVAL = 50;

/** As much of a {@link ControlClient} as this uses. */
type StreamClient = Pick<ControlClient, "listTabs" | "startStream" | "stopStream">;

/** Runs what begins a capture. */
export type Granted = <T>(begin: () => Promise<T>) => Promise<T>;

/** A start that is under way. */
interface Start {
  /** `null` until the page is known. */
  target_id: string | null;
  stopped: boolean;
  over: boolean;
}

/** Starts and stops the stream of one page. */
export class PageStream {
  readonly #host: () => Promise<StreamClient>;
  readonly #granted: Granted;
  #id: string | null = null;
  #start: Start | null = null;

  /** `granted` runs what Chrome may refuse until the button was clicked. */
  constructor(host: () => Promise<StreamClient>, granted: Granted = (begin) => begin()) {
    this.#host = host;
    this.#granted = granted;
  }

  /** The stream that was started and not yet stopped; `null`: none. */
  get id(): string | null {
    return this.#id;
  }

  /**
   * Starts it; `targetId` gives the page's id.
   * @throws FlyBrowserError whatever startStream throws; `start_stopped` when {@link stop} came first
   */
  async start(targetId: () => Promise<string>, options: StartStreamOptions): Promise<StartStreamResult> {
    const start: Start = { target_id: null, stopped: false, over: false };
    this.#start ??= start; // a second one is refused by the extension
    try {
      const host = await this.#host();
      const target_id = await targetId();
      if (start.stopped) throw stopped();
      start.target_id = target_id;
      const begin = () => host.startStream({ target_id }, options, options.follow === "active");
      const result = await this.#granted(begin);
      if (start.stopped) {
        await host.stopStream(result.stream_id);
        throw stopped();
      }
      this.#id = result.stream_id;
      return result;
    } catch (thrown) {
      throw start.stopped && !isRefused(thrown) ? stopped() : thrown;
    } finally {
      start.over = true;
      if (this.#start === start) this.#start = null;
    }
  }

  /** Stops it, or its start, which then throws. Without either the result says so. */
  async stop(): Promise<StopStreamResult> {
    const ended = this.#start ? await this.#stopStart(this.#start) : NO_STREAM_STOP;
    const id = this.#id;
    if (id === null) return ended;
    const result = await (await this.#host()).stopStream(id);
    if (this.#id === id) this.#id = null;
    return result;
  }

  /** The extension gives a start its stream before there is anything to see: by that it is stopped, or by its result. */
  async #stopStart(start: Start): Promise<StopStreamResult> {
    start.stopped = true;
    let result: StopStreamResult = NO_STREAM_STOP;
    while (!start.over) {
      if (start.target_id !== null && !result.success) result = await this.#tryToStop(start.target_id);
      await sleep(LOOK_INTERVAL);
    }
    return result;
  }

  async #tryToStop(target_id: string): Promise<StopStreamResult> {
    try {
      const host = await this.#host();
      const tab = (await host.listTabs()).find((each) => each.target_id === target_id);
      return tab?.stream_id ? await host.stopStream(tab.stream_id) : NO_STREAM_STOP;
    } catch {
      return NO_STREAM_STOP; // the start itself says what is wrong with the host
    }
  }
}

/** The page had a stream already: whoever stops that one has not stopped this start. */
function isRefused(thrown: unknown): boolean {
  return thrown instanceof FlyBrowserError && thrown.code === "stream_already_active";
}

function stopped(): FlyBrowserError {
  return new FlyBrowserError("start_stopped", { reason: sentence("capture.stopped_early") });
}
