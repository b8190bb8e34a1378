// FlyBrowser: a page of a browser that carries the extension, and its stream. Speaks to the extension only through
// the control API of its host. Never captures or encodes anything.
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { GoToOptions, HTTPResponse, Page } from "puppeteer-core";
import { deserializeError, FlyBrowserError } from "../protocol/errors.ts";
import { isProcessAlive } from "../protocol/node/control-files.ts";
import {
  parseStartRecordingOptions,
  parseStartStreamOptions,
  type StartRecordingOptions,
  type StartStreamOptions,
} from "../protocol/options.ts";
import {
  NO_STREAM_STATUS,
  NO_STREAM_STOP,
  type StartRecordingResult,
  type StartStreamResult,
  type StopRecordingResult,
  type StopStreamResult,
  type StreamStatus,
} from "../protocol/results.ts";
import type { ControlClient } from "./control-client.ts";
import { hostOfPage, stateDirectories } from "./find-host.ts";
import { type DriverOptions, driverOptions, endBrowser, startBrowser } from "./launch.ts";
import type { LaunchOptions } from "./launch-options.ts";
import { type AnyPage, targetIdOf } from "./page-target.ts";
import { profileStateDirectory } from "./profile.ts";

/** ms between two questions how far a recording is. */
const ASK_AGAIN = 500;

/** Who the pieces of one {@link FlyBrowser} belong to. */
interface Parts<P> {
  readonly page: P;
  readonly directories: readonly string[];
  /** Whether the browser still runs, as far as one can tell. */
  readonly isOpen: () => boolean;
  /** Ends what `launch` began; nothing for a page of the caller's. */
  readonly end: () => Promise<void>;
}

/** A browser page and its live stream. Made by {@link FlyBrowser.launch} or {@link FlyBrowser.attach}. */
export class FlyBrowser<P extends AnyPage = Page> {
  /** The page, of the library that drives it. */
  readonly page: P;
  readonly #parts: Parts<P>;
  #host: ControlClient | null = null;
  #streamId: string | null = null;
  /** The stream that was being recorded, also after it has ended. */
  #recordedStreamId: string | null = null;
  #closing: Promise<void> | null = null;

  private constructor(parts: Parts<P>) {
    this.page = parts.page;
    this.#parts = parts;
  }

  /**
   * Starts a Chromium with the extension and the host in a throw-away profile.
   * @throws FlyBrowserError `browser_not_found`, `browser_failed`, `not_built`, `package_missing`, `invalid_option`,
   * `unknown_option`; `timeout` when the host doesn't come up.
   */
  static async launch(options: LaunchOptions = {}): Promise<FlyBrowser> {
    const { browser, profile } = await startBrowser(options);
    try {
      const page = (await browser.pages())[0] ?? (await browser.newPage());
      const flybrowser = new FlyBrowser({
        page,
        directories: [profileStateDirectory(profile)],
        isOpen: () => browser.connected,
        end: () => endBrowser(browser, profile),
      });
      await flybrowser.#findHost();
      return flybrowser;
    } catch (error) {
      await endBrowser(browser, profile);
      throw error;
    }
  }

  /**
   * Takes a page of Puppeteer's or Playwright's whose browser was started with {@link FlyBrowser.launchOptions}.
   * @throws FlyBrowserError `timeout` when no host knows the page.
   */
  static async attach<P extends AnyPage>(page: P): Promise<FlyBrowser<P>> {
    const flybrowser = new FlyBrowser({
      page,
      directories: stateDirectories(),
      isOpen: () => !page.isClosed(),
      end: async () => {},
    });
    await flybrowser.#findHost();
    return flybrowser;
  }

  /**
   * What to give to `puppeteer.launch`, or to Playwright's `chromium.launchPersistentContext(user_data_dir, …)`.
   * The profile is made now and removed when this process ends.
   * @throws FlyBrowserError as {@link FlyBrowser.launch}.
   */
  static launchOptions(options: LaunchOptions = {}): Promise<DriverOptions> {
    return driverOptions(options);
  }

  /** Opens an address. @throws FlyBrowserError `page_not_reachable`. */
  async goto(url: string, options?: GoToOptions): Promise<HTTPResponse | null> {
    try {
      const page = this.page as unknown as Page;
      return await page.goto(url, options);
    } catch (cause) {
      const reason = (cause instanceof Error ? cause.message : String(cause)).replace(/ at \S+$/, "");
      throw new FlyBrowserError("page_not_reachable", { url, reason }, { cause });
    }
  }

  /**
   * Streams the page, and returns when a viewer who opens `player_url` gets a picture.
   * @throws FlyBrowserError `invalid_option`, `unknown_option`, `stream_already_active`, and what goes wrong on the way.
   */
  async startStream(options: StartStreamOptions = {}): Promise<StartStreamResult> {
    parseStartStreamOptions(options);
    const host = await this.#findHost();
    const result = await host.startStream({ target_id: await targetIdOf(this.page) }, options);
    this.#streamId = result.stream_id;
    return result;
  }

  /** The state of this page's stream. */
  async getStreamStatus(): Promise<StreamStatus> {
    if (this.#streamId === null || !this.#parts.isOpen()) return NO_STREAM_STATUS;
    return (await this.#findHost()).getStreamStatus(this.#streamId);
  }

  /** Stops this page's stream and gives its totals. With nothing running it says so; it never throws for that. */
  async stopStream(): Promise<StopStreamResult> {
    const streamId = this.#streamId;
    if (streamId === null || !this.#parts.isOpen()) return NO_STREAM_STOP;
    const result = await (await this.#findHost()).stopStream(streamId);
    if (this.#streamId === streamId) this.#streamId = null;
    return result;
  }

  /**
   * Records the page's stream, from its last keyframe on, without a second encoding. A relative `path` is taken from this
   * process's folder.
   * @throws FlyBrowserError `invalid_option`, `unknown_option`, `no_active_stream`, `recording_already_active`,
   * `recording_path_unusable`, `disk_full`, `unsupported_combination`.
   */
  async startRecording(options: StartRecordingOptions = {}): Promise<StartRecordingResult> {
    const { path, ...rest } = parseStartRecordingOptions(options);
    const streamId = this.#streamId;
    if (streamId === null || !this.#parts.isOpen()) throw new FlyBrowserError("no_active_stream");
    const host = await this.#findHost();
    const result = await host.startRecording(streamId, path === undefined ? rest : { ...rest, path: resolve(path) });
    this.#recordedStreamId = streamId;
    return result;
  }

  /**
   * Ends the recording and gives its file once it is made, however long that takes; `onProgress` is told the share that is
   * done, 0 to 1. `error` in the result says why a recording ended before, a full disk for instance.
   * @throws FlyBrowserError `no_active_recording`, `recording_failed`, `host_lost`.
   */
  async stopRecording(onProgress: (share: number) => void = () => {}): Promise<StopRecordingResult> {
    const streamId = this.#recordedStreamId;
    if (streamId === null || !this.#parts.isOpen()) throw new FlyBrowserError("no_active_recording");
    this.#recordedStreamId = null;
    const host = await this.#findHost();
    let result: StopRecordingResult = await host.stopRecording(streamId);
    while (result.status === "finishing") {
      onProgress(result.progress ?? 0);
      await sleep(ASK_AGAIN);
      result = await host.getRecording(result.recording_id);
    }
    if (result.status === "failed" && result.error) throw deserializeError(result.error);
    return result;
  }

  /** Finishes the recording and stops the stream; a browser that {@link FlyBrowser.launch} started ends, with its profile. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    try {
      if (this.#recordedStreamId !== null) await this.stopRecording().catch(() => {}); // its media are kept
      await this.stopStream();
    } catch {
      // The host is gone, and the stream with it; the browser must end all the same.
    } finally {
      await this.#parts.end();
    }
  }

  /** The page's host. The extension starts a new one when the old one dies. */
  async #findHost(): Promise<ControlClient> {
    if (this.#host && isProcessAlive(this.#host.file.pid)) return this.#host;
    this.#host = await hostOfPage(await targetIdOf(this.page), this.#parts.directories);
    return this.#host;
  }
}
