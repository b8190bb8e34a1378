// The media of captured tabs on their way to the host: Chrome's capture in the offscreen document, then the relay.
import { Deadline, Serial, sleep } from "../../protocol/async.ts";
import { FlyBrowserError } from "../../protocol/errors.ts";
import type { TakenMedia } from "../../protocol/native-messages.ts";
import type { ResolvedStartStreamOptions } from "../../protocol/options.ts";
import type { StartTrace } from "../../protocol/start-trace.ts";
import { captureError, isHeld } from "./chrome-errors.ts";
import { captureRequest } from "./encoding.ts";
import type { MediaRelay } from "./media-relay.ts";
import type { OffscreenConnection } from "./offscreen-connection.ts";

/** What {@link TabMedia} works with. */
export interface TabMediaDependencies {
  readonly offscreen: Pick<OffscreenConnection, "open" | "exists" | "call" | "close">;
  readonly relay: Pick<MediaRelay, "attach" | "abandon" | "nextRun" | "detach" | "detachAll" | "drained">;
  /** `chrome.tabCapture.getMediaStreamId`; the id lives for seconds. */
  readonly getMediaStreamId: (tab_id: number) => Promise<string>;
  /** Whether a tab, or what is captured under an id, is private. */
  readonly isPrivate: (tab_id: number, stream_id: string) => Promise<boolean>;
  readonly isMuted: (tab_id: number) => Promise<boolean>;
}

/** ms in which the last chunk must reach the host after the recorder has stopped. */
const DRAIN_TIMEOUT = 2_000;
/** ms for which Chrome may still hold a capture that has gone, before another one of the tab can begin. */
const HELD_FOR = 3_000;
/** ms between two attempts meanwhile. */
const ATTEMPT_EVERY = 100;

/** Starts, restarts and stops them. */
export class TabMedia {
  readonly #deps: TabMediaDependencies;
  /** Chrome fails when several captures start at the same moment. */
  readonly #captures = new Serial();
  /** Streams that are let go at the moment, to be captured anew. */
  readonly #between = new Set<string>();

  constructor(dependencies: TabMediaDependencies) {
    this.#deps = dependencies;
  }

  /** Makes the offscreen document where there is none. @throws FlyBrowserError `timeout`, `capture_failed` */
  prepare(): Promise<void> {
    return this.#deps.offscreen.open();
  }

  /**
   * Captures a tab; answers with the host's id once its media are on their way. `open` has the host open the stream,
   * which must know it before its media come; `check` throws when nobody wants it any more.
   * @throws FlyBrowserError `tab_not_invoked`, `tab_not_capturable`, `capture_failed`; what `open` and `check` throw
   */
  start(
    tab_id: number,
    options: ResolvedStartStreamOptions,
    { open, check, trace }: { open: () => Promise<string>; check: () => void; readonly trace: StartTrace },
  ): Promise<string> {
    const { offscreen, relay } = this.#deps;
    return this.#captures.run(async () => {
      check();
      const [media_stream_id, opened] = await Promise.allSettled([
        this.#streamIdOf(tab_id, check).finally(() => trace.mark("stream_id")),
        open().finally(() => trace.mark("opened")),
      ]);
      if (media_stream_id.status === "rejected") throw captureError(media_stream_id.reason);
      if (opened.status === "rejected") throw opened.reason;
      check();
      relay.attach(opened.value);
      const hidden = await this.#deps.isPrivate(tab_id, opened.value);
      const capture = {
        ...{ stream_id: opened.value, media_stream_id: media_stream_id.value, first_run: 0 },
        private: hidden,
        muted: await this.#deps.isMuted(tab_id),
      };
      const { marks } = await offscreen.call("startCapture", captureRequest(capture, options));
      trace.add(marks);
      return opened.value;
    });
  }

  /** Ends the recorder and begins another one. `orderly`: the host still takes what is under way. */
  async restart(stream_id: string, reason: string, orderly: boolean): Promise<void> {
    await this.#deps.offscreen.call("restartRun", { stream_id, reason, orderly });
  }

  /**
   * Its media go on with a fresh run, under a new host or after the capture has gone: then the tab is captured again.
   * `check` throws when nobody wants it any more.
   * @throws FlyBrowserError `tab_not_invoked`, `tab_not_capturable`, `capture_failed`; what `check` throws
   */
  async goOn(tab_id: number, stream_id: string, options: ResolvedStartStreamOptions, check: () => void): Promise<void> {
    const { relay } = this.#deps;
    relay.abandon(stream_id, "a fresh run is due");
    relay.attach(stream_id);
    try {
      await this.restart(stream_id, "its media were lost", false);
    } catch (thrown) {
      if (!isGone(thrown)) throw thrown;
      const again = this.#between.has(stream_id);
      await this.#captures.run(async () => {
        // It may have been captured anew meanwhile; then all that it needs is the run.
        const gone = again
          ? await this.restart(stream_id, "its media were lost", false).then(() => false, isGone)
          : true;
        if (gone) await this.#captureAgain(tab_id, stream_id, options, check);
      });
    }
  }

  /**
   * The way to the host was made anew, which has taken so much of its media: they go on from there. `false`: they can't, a fresh run
   * is due.
   */
  async goOnFrom(stream_id: string, taken: TakenMedia): Promise<boolean> {
    this.#deps.relay.attach(stream_id);
    const { goes_on } = await this.#deps.offscreen.call("continueRun", { stream_id, taken });
    return goes_on;
  }

  /**
   * Goes on with another tab, and with the one that it has until that gives pictures. `check` throws when nobody wants it any more.
   * @throws FlyBrowserError `tab_not_invoked`, `tab_not_capturable`, `capture_failed`; what `check` throws: it is as it was
   */
  move(tab_id: number, stream_id: string, options: ResolvedStartStreamOptions, check: () => void): Promise<void> {
    return this.#captures.run(() => this.#captureAgain(tab_id, stream_id, options, check));
  }

  /**
   * Fails where Chrome wouldn't let the tab be captured anew, which it says while the capture goes on.
   * @throws FlyBrowserError `tab_not_invoked`, `tab_not_capturable`, `capture_failed`
   */
  async assertMayCapture(tab_id: number): Promise<void> {
    try {
      await this.#deps.getMediaStreamId(tab_id);
    } catch (thrown) {
      if (!isHeld(thrown)) throw captureError(thrown); // that it is captured already is what is to be expected
    }
  }

  /**
   * Captures the same tab with other options: Chrome gives no second capture of a tab, and the one that goes on never gets larger or
   * faster than it was begun. `check` throws when nobody wants it any more.
   * @throws FlyBrowserError as {@link move}; its capture has gone then
   */
  async captureAnew(
    tab_id: number,
    stream_id: string,
    options: ResolvedStartStreamOptions,
    check: () => void,
  ): Promise<void> {
    await this.#captures.run(async () => {
      check();
      this.#between.add(stream_id);
      try {
        await this.#deps.offscreen.call("letGo", { stream_id });
        await this.#captureAgain(tab_id, stream_id, options, check);
      } finally {
        this.#between.delete(stream_id);
      }
    });
  }

  /** `held`: the last picture is shown, whatever the tab shows. */
  async hold(stream_id: string, held: boolean): Promise<void> {
    await this.#deps.offscreen.call("holdPicture", { stream_id, held }).catch(() => {}); // it went, and its picture with it
  }

  /** The tab's user has muted it, or has taken that back. */
  async setMuted(stream_id: string, muted: boolean, muted_tab: ResolvedStartStreamOptions["muted_tab"]): Promise<void> {
    await this.#deps.offscreen.call("setMuted", { stream_id, muted, muted_tab }).catch(() => {}); // what is captured anew begins so
  }

  /** The host is gone: nothing can be sent until another one takes over. */
  hostLost(): void {
    this.#deps.relay.detachAll();
  }

  /**
   * Hides what is captured from all outputs, or shows it again; resolves when that holds. A document that doesn't confirm that it
   * hides something is ended: what is captured anew begins hidden.
   * @throws FlyBrowserError what the document throws, if it was to show it
   */
  async setPrivate(stream_id: string, hidden: boolean): Promise<void> {
    const { offscreen } = this.#deps;
    try {
      await offscreen.call("setPrivate", { stream_id, private: hidden });
    } catch (thrown) {
      if (!hidden) throw thrown;
      await offscreen.close();
      if (await offscreen.exists()) throw thrown;
    }
  }

  /** Ends the viewers by WebRTC; the capture goes on. */
  async closeViewers(stream_id: string): Promise<void> {
    await this.#deps.offscreen.call("closeViewers", { stream_id }).catch(() => {}); // it went, and they with it
  }

  /** Ends the capture. `withTail`: resolves when its last chunk has been sent to the host. */
  async stop(stream_id: string, withTail: boolean): Promise<void> {
    const { offscreen, relay } = this.#deps;
    if (await offscreen.exists()) await offscreen.call("stopCapture", { stream_id }).catch(() => {});
    if (withTail) await relay.drained(stream_id, DRAIN_TIMEOUT);
  }

  /** Chrome's id for a capture of the tab. A capture of before that is ending is waited for. */
  async #streamIdOf(tab_id: number, check: () => void): Promise<string> {
    const deadline = new Deadline(HELD_FOR);
    for (;;) {
      try {
        return await this.#deps.getMediaStreamId(tab_id);
      } catch (thrown) {
        if (!isHeld(thrown) || deadline.passed) throw thrown;
      }
      await sleep(ATTEMPT_EVERY);
      check();
    }
  }

  async #captureAgain(
    tab_id: number,
    stream_id: string,
    options: ResolvedStartStreamOptions,
    check: () => void,
  ): Promise<void> {
    const { offscreen, relay, getMediaStreamId } = this.#deps;
    const deadline = new Deadline(HELD_FOR);
    let again = false;
    for (;;) {
      check();
      try {
        const media_stream_id = await getMediaStreamId(tab_id);
        check();
        const hidden = await this.#deps.isPrivate(tab_id, stream_id);
        const muted = await this.#deps.isMuted(tab_id);
        const capture = { stream_id, media_stream_id, first_run: relay.nextRun(stream_id), private: hidden, muted };
        // The session of a stream that follows, or was let go, outlives its capture.
        await offscreen.call("moveCapture", captureRequest(capture, options));
        return;
      } catch (thrown) {
        const error = captureError(thrown);
        // The session may have ended with its capture, while it was to have another one.
        const ended: boolean = isGone(error) && !again;
        again ||= ended;
        if (!ended && (error.code !== "capture_failed" || deadline.passed)) throw error;
      }
      await sleep(ATTEMPT_EVERY);
    }
  }

  /** Throws away what may still come of a stream that is closed. */
  detach(stream_id: string): void {
    this.#deps.relay.detach(stream_id);
  }
}

/** Whether the offscreen document has no capture of the stream. */
function isGone(thrown: unknown): boolean {
  return thrown instanceof FlyBrowserError && thrown.code === "no_active_stream";
}
