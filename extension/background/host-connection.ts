// The connection to the native host: made when it is needed, greeted with the versions, its errors translated.
import type * as v from "valibot";
import browser from "webextension-polyfill";
import { Backoff, sleep, timeout } from "../../protocol/async.ts";
import { Emitter } from "../../protocol/emitter.ts";
import { FlyBrowserError } from "../../protocol/errors.ts";
import { ExtensionContract, HostContract, type HostInfo } from "../../protocol/native-messages.ts";
import type { StreamInfo } from "../../protocol/results.ts";
import { type Handlers, type Listeners, Peer } from "../../protocol/rpc.ts";
import { sentence, type Words } from "../../protocol/sentence.ts";
import { portTransport } from "../../protocol/transport.ts";
import { NATIVE_HOST_NAME, PROTOCOL_VERSION } from "../../protocol/version.ts";
import { logOf } from "../log.ts";
import { hostError } from "./chrome-errors.ts";
import { retry } from "./retry.ts";

type HostPeer = Peer<typeof ExtensionContract, typeof HostContract>;
type HostMethods = typeof HostContract.methods;

/** What a {@link HostConnection} needs. */
export interface HostConnectionOptions {
  readonly handlers: Handlers<typeof ExtensionContract>;
  readonly listeners: Listeners<typeof HostContract>;
  /** Port of a host that died under live streams. */
  readonly preferredPort: () => number | null;
  /** Session of the host whose streams go on; `null`: there are none. */
  readonly continues: () => string | null;
  /** Recordings that go on in the next host. */
  readonly resumes: () => string[];
  /** The last status of the streams that go on in the next host. */
  readonly streams: () => StreamInfo[];
  /** Called when a host that had answered is gone, but not after `close()`. */
  readonly onLost: (error: FlyBrowserError) => void;
  /** Called when `info` or `error` changed. */
  readonly onChange: () => void;
}

/** ms that a host must live for the next one to be started at once. */
const LONG_ENOUGH = 10_000;
/** ms before the next one where it didn't. */
const PAUSES = { first: 250, longest: 3_000 } as const;
/** ms between two looks at a host that is sent media; it acknowledges them within half a second. */
const LOOK_EVERY = 250;
/** Looks in a row without a word of it, before one that may be frozen is examined: that costs a process. Twice as many after each in vain. */
const LOOKS = { first: 4, longest: 32 } as const;

/** A connection that was made. */
interface Line {
  readonly peer: HostPeer;
  readonly closedBecause: () => Words | null;
}

const log = logOf("host");

/**
 * Checks that the host speaks our version of the protocol.
 * @throws FlyBrowserError `version_mismatch`, naming the side to update
 */
export function checkVersion(host_version: number): void {
  if (host_version === PROTOCOL_VERSION) return;
  const extensionIsOlder = PROTOCOL_VERSION < host_version;
  throw new FlyBrowserError("version_mismatch", {
    older: extensionIsOlder ? "extension" : "host",
    older_version: Math.min(PROTOCOL_VERSION, host_version),
    newer: extensionIsOlder ? "host" : "extension",
    newer_version: Math.max(PROTOCOL_VERSION, host_version),
  });
}

/** The one owner of the native port. */
export class HostConnection {
  readonly #options: HostConnectionOptions;
  #peer: HostPeer | null = null;
  #connecting: Promise<HostInfo> | null = null;
  #info: HostInfo | null = null;
  #error: FlyBrowserError | null = null;
  #staying = false;
  readonly #arrivals = new Emitter();
  /** When the host answered, ms of the monotonic clock. */
  #since = Number.NEGATIVE_INFINITY;
  readonly #pauses = new Backoff(PAUSES);
  /** A host that was started to examine the one at hand, and is the next one if that is frozen. */
  #spare: Line | null = null;
  /** Media were sent since the last look, or something was heard. */
  #sent = false;
  #heard = false;
  #silentLooks = 0;
  readonly #patience = new Backoff(LOOKS);
  #examineAfter: number = this.#patience.next();
  #looks: ReturnType<typeof setInterval> | undefined;

  constructor(options: HostConnectionOptions) {
    this.#options = options;
  }

  /** What the host said of itself; `null` while there is no connection. */
  get info(): HostInfo | null {
    return this.#info;
  }

  /** Why the last attempt failed; `null` after one that didn't. */
  get error(): FlyBrowserError | null {
    return this.#error;
  }

  /**
   * Connects where there is no connection yet. A host that had no FFmpeg is asked again: it may have been installed meanwhile.
   * @throws FlyBrowserError `host_not_installed`, `host_cannot_start`, `host_lost`, `version_mismatch`, `timeout`
   */
  connect(): Promise<HostInfo> {
    if (this.#info?.ffmpeg) return Promise.resolve(this.#info);
    this.#connecting ??= (this.#peer && this.#info ? this.#ask(this.#peer, this.#info) : this.#connect()).finally(
      () => {
        this.#connecting = null;
      },
    );
    return this.#connecting;
  }

  /** Tries to connect until that is done, or no longer wanted. */
  async stayConnected(wanted: () => boolean): Promise<void> {
    if (this.#staying) return;
    this.#staying = true;
    const missing = () => !this.#info && wanted();
    if (performance.now() - this.#since > LONG_ENOUGH) this.#pauses.reset();
    else await sleep(this.#pauses.next());
    await retry(async () => void (await this.connect()), { wanted: missing, log });
    this.#staying = false;
  }

  /** Resolves when a host has answered that did not before, after `ms` in any case. */
  async arrives(ms: number): Promise<void> {
    let leave = () => {};
    const arrived = new Promise<void>((resolve) => {
      leave = this.#arrivals.on(resolve);
    });
    await timeout(arrived, ms);
    leave();
  }

  /**
   * Calls a method of the host, connecting first where needed.
   * @throws FlyBrowserError as `connect`, and what the host throws
   */
  async call<M extends keyof HostMethods & string>(
    method: M,
    params: v.InferOutput<HostMethods[M]["params"]>,
  ): Promise<v.InferOutput<HostMethods[M]["result"]>> {
    await this.connect();
    if (!this.#peer) throw new FlyBrowserError("host_lost", { reason: sentence("host.gone") });
    return this.#peer.call(method, params);
  }

  /** Sends an event to the host; without a host it is lost. */
  emit<E extends keyof (typeof ExtensionContract)["events"] & string>(
    event: E,
    params: v.InferOutput<(typeof ExtensionContract)["events"][E]>,
  ): void {
    if (event === "chunk") this.#sent = true;
    this.#peer?.emit(event, params);
  }

  /** Ends the connection, and by that the host. Idempotent. */
  close(): void {
    const peer = this.#peer;
    this.#peer = null;
    this.#info = null;
    clearInterval(this.#looks);
    peer?.close();
    this.#spare?.peer.close();
    this.#options.onChange();
  }

  #greet(peer: HostPeer): Promise<HostInfo> {
    return peer.call("hello", {
      protocol_version: PROTOCOL_VERSION,
      extension_version: browser.runtime.getManifest().version,
      user_agent: navigator.userAgent,
      preferred_port: this.#options.preferredPort(),
      continues: this.#options.continues(),
      resumes: this.#options.resumes(),
      streams: this.#options.streams(),
    });
  }

  async #ask(peer: HostPeer, known: HostInfo): Promise<HostInfo> {
    const info = await this.#greet(peer).catch(() => known);
    if (this.#peer !== peer || !info.ffmpeg) return known;
    this.#info = info;
    this.#options.onChange();
    return info;
  }

  /** Starts a host. */
  #start(): Line {
    let closedBecause: Words | null = null;
    const transport = portTransport(browser.runtime.connectNative(NATIVE_HOST_NAME) as unknown as chrome.runtime.Port);
    const peer: HostPeer = new Peer({
      transport: {
        ...transport,
        onMessage: (receive) =>
          transport.onMessage((message) => {
            if (this.#peer === peer) this.#heard = true;
            receive(message);
          }),
      },
      local: ExtensionContract,
      remote: HostContract,
      handlers: this.#options.handlers,
      listeners: this.#options.listeners,
      onClose: (reason) => {
        closedBecause = reason;
        if (this.#spare?.peer === peer) this.#spare = null;
        this.#closed(peer, reason);
      },
      onInvalid: (error) => log.warn(error.message),
    });
    return { peer, closedBecause: () => closedBecause };
  }

  async #connect(): Promise<HostInfo> {
    const { peer, closedBecause } = this.#spare ?? this.#start();
    this.#spare = null;
    this.#peer = peer;
    try {
      const info = await this.#greet(peer);
      checkVersion(info.protocol_version);
      if (this.#peer !== peer)
        throw new FlyBrowserError("host_lost", { reason: closedBecause() ?? sentence("host.closed") });
      this.#info = info;
      this.#error = null;
      this.#since = performance.now();
      this.#watch();
      log.info(`connected: host ${info.host_version}, pid ${info.pid}, port ${info.port}`);
      this.#options.onChange();
      this.#arrivals.emit();
      return info;
    } catch (thrown) {
      if (this.#peer === peer) this.#peer = null;
      // Closing it here is no reason of its own.
      const reason = closedBecause();
      this.#error = reason === null ? (thrown as FlyBrowserError) : hostError(reason, false);
      peer.close();
      this.#options.onChange();
      throw this.#error;
    }
  }

  /** Looks whether the host answers to the media that it is sent. */
  #watch(): void {
    clearInterval(this.#looks);
    this.#patience.reset();
    this.#examineAfter = this.#patience.next();
    this.#silentLooks = 0;
    this.#looks = setInterval(() => {
      if (this.#heard) this.#silentLooks = 0;
      else if (this.#sent) this.#silentLooks++;
      this.#heard = false;
      this.#sent = false;
      if (this.#silentLooks < this.#examineAfter || this.#spare) return;
      this.#silentLooks = 0;
      void this.#examine();
    }, LOOK_EVERY);
  }

  /** A host that says nothing may be busy, or was stopped: another one can tell, and ends it then. */
  async #examine(): Promise<void> {
    const [peer, info] = [this.#peer, this.#info];
    if (!peer || !info) return;
    log.warn("the host says nothing: it is examined");
    const spare = this.#start();
    this.#spare = spare;
    const { ended } = await spare.peer
      .call("endFrozen", { session_id: info.session_id })
      .catch(() => ({ ended: false }));
    if (ended && this.#peer === peer) peer.close(); // Chrome tells of its end a moment later
    if (ended) return;
    this.#examineAfter = this.#patience.next();
    if (this.#spare !== spare) return; // it has died meanwhile, and this is the next one
    this.#spare = null;
    spare.peer.close();
  }

  #closed(peer: HostPeer, reason: Words): void {
    if (this.#peer !== peer) return;
    this.#peer = null;
    if (!this.#info) return; // during the greeting: connect() tells
    this.#info = null;
    clearInterval(this.#looks);
    this.#error = hostError(reason, true);
    log.warn(this.#error.message);
    this.#options.onLost(this.#error);
    this.#options.onChange();
  }
}
