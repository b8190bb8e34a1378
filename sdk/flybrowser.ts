// FlyBrowser: a page of a browser that carries the extension, and its stream. Speaks to the extension only through
// the control API of its host. Never captures or encodes anything.
import type { GoToOptions, HTTPResponse, Page } from "puppeteer-core";
import { FlyBrowserError } from "../protocol/errors.ts";
import { isProcessAlive } from "../protocol/node/control-files.ts";
import { parseStartStreamOptions, type StartStreamOptions } from "../protocol/options.ts";
import {
  NO_STREAM_STATUS,
  NO_STREAM_STOP,
  type StartStreamResult,
  type StopStreamResult,
  type StreamStatus,
} from "../protocol/results.ts";
import type { ControlClient } from "./control-client.ts";
import { hostOfPage, stateDirectories } from "./find-host.ts";
import { type DriverOptions, driverOptions, endBrowser, startBrowser } from "./launch.ts";
import type { LaunchOptions } from "./launch-options.ts";
import { type AnyPage, targetIdOf } from "./page-target.ts";
import { profileStateDirectory } from "./profile.ts";

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

  /** Stops the stream; a browser that {@link FlyBrowser.launch} started ends, with its profile. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    try {
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
