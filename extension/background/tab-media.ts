// The media of captured tabs on their way to the host: Chrome's capture in the offscreen document, then the relay.
import { Serial } from "../../protocol/async.ts";
import type { ResolvedStartStreamOptions } from "../../protocol/options.ts";
import { captureError } from "./chrome-errors.ts";
import { captureRequest } from "./encoding.ts";
import type { MediaRelay } from "./media-relay.ts";
import type { OffscreenConnection } from "./offscreen-connection.ts";

/** What {@link TabMedia} works with. */
export interface TabMediaDependencies {
  readonly offscreen: Pick<OffscreenConnection, "open" | "exists" | "call">;
  readonly relay: Pick<MediaRelay, "attach" | "detach" | "detachAll" | "drained">;
  /** `chrome.tabCapture.getMediaStreamId`; the id lives for seconds. */
  readonly getMediaStreamId: (tab_id: number) => Promise<string>;
}

/** ms in which the last chunk must reach the host after the recorder has stopped. */
const DRAIN_TIMEOUT = 2_000;

/** Starts, restarts and stops them. */
export class TabMedia {
  readonly #deps: TabMediaDependencies;
  /** Chrome fails when several captures start at the same moment. */
  readonly #captures = new Serial();

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
    { open, check }: { readonly open: () => Promise<string>; readonly check: () => void },
  ): Promise<string> {
    const { offscreen, relay, getMediaStreamId } = this.#deps;
    return this.#captures.run(async () => {
      check();
      const [media_stream_id, opened] = await Promise.allSettled([getMediaStreamId(tab_id), open()]);
      if (media_stream_id.status === "rejected") throw captureError(media_stream_id.reason);
      if (opened.status === "rejected") throw opened.reason;
      check();
      relay.attach(opened.value);
      await offscreen.call("startCapture", captureRequest(opened.value, media_stream_id.value, options));
      return opened.value;
    });
  }

  /** Ends the recorder and begins another one. `orderly`: the host still takes what is under way. */
  async restart(stream_id: string, reason: string, orderly: boolean): Promise<void> {
    await this.#deps.offscreen.call("restartRun", { stream_id, reason, orderly });
  }

  /** A new host takes them from here on. */
  async moveToNewHost(stream_id: string): Promise<void> {
    this.#deps.relay.attach(stream_id);
    await this.restart(stream_id, "the host was replaced", false);
  }

  /** The host is gone: nothing can be sent until another one takes over. */
  hostLost(): void {
    this.#deps.relay.detachAll();
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

  /** Throws away what may still come of a stream that is closed. */
  detach(stream_id: string): void {
    this.#deps.relay.detach(stream_id);
  }

  /** Ids of what is captured, also by an earlier service worker. */
  async list(): Promise<string[]> {
    const { offscreen } = this.#deps;
    return (await offscreen.exists()) ? offscreen.call("listCaptures", {}).catch(() => []) : [];
  }
}
