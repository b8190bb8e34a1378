// The connection to the native host: made when it is needed, greeted with the versions, its errors translated.
import type * as v from "valibot";
import browser from "webextension-polyfill";
import { Backoff, sleep, timeout } from "../../protocol/async.ts";
import { Emitter } from "../../protocol/emitter.ts";
import { FlyBrowserError } from "../../protocol/errors.ts";
import { type EndedProcess, ExtensionContract, HostContract, type HostInfo } from "../../protocol/native-messages.ts";
import type { StreamInfo } from "../../protocol/results.ts";
import { type Handlers, type Listeners, Peer } from "../../protocol/rpc.ts";
import { sentence, type Words } from "../../protocol/sentence.ts";
import { portTransport } from "../../protocol/transport.ts";
import { NATIVE_HOST_NAME, PROTOCOL_VERSION } from "../../protocol/version.ts";
import { logOf } from "../log.ts";
import { hostError } from "./chrome-errors.ts";
import { retry } from "./retry.ts";
import { SilenceWatch } from "./silence-watch.ts";

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
  /** Called when a host that had answered is gone, but not after `close()`. `lives`: only the way to it is. */
  readonly onLost: (lives: boolean) => void;
  /** Called when `info` or `error` changed. */
  readonly onChange: () => void;
}

/** ms that a host must live for the next one to be started at once. */
const LONG_ENOUGH = 10_000;
/** ms before the next one where it didn't. */
const PAUSES = { first: 250, longest: 3_000 } as const;

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
  /** What that one has ended, once it has looked. */
  #examined: Promise<EndedProcess | null> = Promise.resolve(null);
  readonly #silence = new SilenceWatch(() => void this.#examine());

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
    if (event === "chunk") this.#silence.sent();
    this.#peer?.emit(event, params);
  }

  /** Ends the connection, and by that the host. Idempotent. */
  close(): void {
    const peer = this.#peer;
    this.#peer = null;
    this.#info = null;
    this.#silence.end();
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
            if (this.#peer === peer) this.#silence.heard();
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
      this.#silence.begin();
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

  /** A host that says nothing may be busy, or was stopped: another one can tell, and ends it then. */
  async #examine(): Promise<void> {
    const [peer, info] = [this.#peer, this.#info];
    if (!peer || !info || this.#spare) return;
    log.warn("the host says nothing: it is examined");
    const spare = this.#start();
    this.#spare = spare;
    const examined = spare.peer.call("endFrozen", { session_id: info.session_id });
    this.#examined = examined.then(
      ({ ended }) => ended,
      () => null,
    );
    const ended = await this.#examined;
    if (ended !== null && this.#peer === peer) peer.close(); // Chrome tells of its end a moment later
    if (ended !== null) return;
    this.#silence.moreSeldom();
    if (this.#spare !== spare || this.#peer !== peer) return; // it has died meanwhile, and this is the next one
    this.#spare = null;
    spare.peer.close();
  }

  #closed(peer: HostPeer, reason: Words): void {
    if (this.#peer !== peer) return;
    this.#peer = null;
    if (!this.#info) return; // during the greeting: connect() tells
    this.#info = null;
    this.#silence.end();
    this.#error = hostError(reason, true);
    log.warn(this.#error.message);
    if (this.#spare) void this.#examined.then((ended) => this.#options.onLost(ended === "bridge"));
    else this.#options.onLost(false);
    this.#options.onChange();
  }
}
