// The offscreen document: made when the first capture needs it, found again by a restarted service worker. Its media don't
// come this way, but by a MessagePort (media-relay.ts).
import type * as v from "valibot";
import browser from "webextension-polyfill";
import { Deadline, LATE, sleep, timeout } from "../../protocol/async.ts";
import { FlyBrowserError } from "../../protocol/errors.ts";
import { BackgroundForOffscreenContract, OffscreenContract } from "../../protocol/extension-messages.ts";
import { type Listeners, Peer } from "../../protocol/rpc.ts";
import { sentence } from "../../protocol/sentence.ts";
import { portTransport } from "../../protocol/transport.ts";
import { logOf } from "../log.ts";

/** The document's path in the built extension. */
export const OFFSCREEN_PATH = "extension/offscreen/index.html";
/** ms that the document has to load and to say hello. */
const TIMEOUT = 8_000;
/** ms in which a document whose connection was lost must have gone, or be there again. */
const BACK_WITHIN = 2_000;
/** ms between two looks. */
const LOOK_EVERY = 50;

type OffscreenPeer = Peer<typeof BackgroundForOffscreenContract, typeof OffscreenContract>;
type OffscreenMethods = typeof OffscreenContract.methods;

const log = logOf("offscreen");

/** What an {@link OffscreenConnection} needs. */
export interface OffscreenConnectionOptions {
  readonly listeners: Listeners<typeof OffscreenContract>;
  /** A document has connected that nobody waits for: its connection was lost for a moment. */
  readonly onReconnect: () => void;
  /** The document has gone, closed or crashed, and all its captures with it. */
  readonly onGone: () => void;
}

/** The one owner of the offscreen document. */
export class OffscreenConnection {
  readonly #options: OffscreenConnectionOptions;
  #peer: OffscreenPeer | null = null;
  #hasMediaPort = false;
  #opening: Promise<void> | null = null;
  #announce: () => void = () => {};

  constructor(options: OffscreenConnectionOptions) {
    this.#options = options;
  }

  /** Takes the port by which the document says hello. */
  takePort(port: chrome.runtime.Port): void {
    const peer: OffscreenPeer = new Peer({
      transport: portTransport(port),
      local: BackgroundForOffscreenContract,
      remote: OffscreenContract,
      handlers: {},
      listeners: this.#options.listeners,
      onClose: () => {
        if (this.#peer !== peer) return;
        this.#peer = null;
        this.#hasMediaPort = false;
        void this.#lost();
      },
      onInvalid: (error) => log.warn(error.message),
    });
    this.#peer = peer;
    this.#connected();
  }

  /** Told when the MessagePort for the media has arrived, the other half of the hello. */
  mediaPortArrived(): void {
    this.#hasMediaPort = true;
    this.#connected();
  }

  /**
   * Makes sure that the document is there and connected.
   * @throws FlyBrowserError `timeout`; `capture_failed` when Chrome does not make the document
   */
  open(): Promise<void> {
    if (this.#peer && this.#hasMediaPort) return Promise.resolve();
    this.#opening ??= this.#open().finally(() => {
      this.#opening = null;
    });
    return this.#opening;
  }

  /** Whether the document is there, connected or not. */
  async exists(): Promise<boolean> {
    const contexts = await chrome.runtime.getContexts({
      contextTypes: [chrome.runtime.ContextType.OFFSCREEN_DOCUMENT],
    });
    return contexts.length > 0;
  }

  /**
   * Calls a method of the document, making it first where needed.
   * @throws FlyBrowserError as `open`, and what the document throws; `capture_failed` when it goes meanwhile
   */
  async call<M extends keyof OffscreenMethods & string>(
    method: M,
    params: v.InferOutput<OffscreenMethods[M]["params"]>,
  ): Promise<v.InferOutput<OffscreenMethods[M]["result"]>> {
    await this.open();
    const peer = this.#peer;
    try {
      if (peer) return await peer.call(method, params);
    } catch (thrown) {
      if (this.#peer === peer) throw thrown;
    }
    throw new FlyBrowserError("capture_failed", { reason: sentence("capture.document_gone") });
  }

  /** Removes the document with everything in it. Idempotent. */
  async close(): Promise<void> {
    if (await this.exists()) await chrome.offscreen.closeDocument().catch(() => {});
  }

  #connected(): void {
    if (!this.#peer || !this.#hasMediaPort) return;
    if (this.#opening !== null) this.#announce();
    else this.#options.onReconnect();
  }

  /** A document that is there connects again by itself; one that hangs is as good as gone. */
  async #lost(): Promise<void> {
    const deadline = new Deadline(BACK_WITHIN);
    while ((await this.exists()) && !deadline.passed) {
      await sleep(LOOK_EVERY);
      if (this.#peer) return;
    }
    if (this.#peer) return;
    await this.close();
    log.warn("the capturing document went away");
    this.#options.onGone();
  }

  async #open(): Promise<void> {
    const connected = new Promise<void>((resolve) => {
      this.#announce = resolve;
    });
    // A document that is there connects by itself (it also does so when the service worker was restarted).
    if (!(await this.exists())) await this.#create();
    if ((await timeout(connected, TIMEOUT)) !== LATE) return;
    throw new FlyBrowserError("timeout", { what: sentence("capture.document"), seconds: TIMEOUT / 1000 });
  }

  async #create(): Promise<void> {
    try {
      await chrome.offscreen.createDocument({
        url: browser.runtime.getURL(OFFSCREEN_PATH),
        reasons: [chrome.offscreen.Reason.USER_MEDIA],
        justification: "Records the tab that the user chose to stream.",
      });
    } catch (thrown) {
      // Two starts at the same moment: the other one has made it.
      if (/single offscreen document/i.test(String(thrown))) return;
      throw new FlyBrowserError("capture_failed", { reason: String(thrown) }, { cause: thrown });
    }
  }
}
