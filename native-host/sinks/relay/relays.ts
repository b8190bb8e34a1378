// The relay as the host knows it: starts its process when the first viewer by WebRTC comes, and brings the capturing document and it
// together. Where that fails, the browser encodes for each viewer, as it does without the library.
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { LATE, timeout } from "../../../protocol/async.ts";
import { FlyBrowserError } from "../../../protocol/errors.ts";
import type { ExtensionContract } from "../../../protocol/native-messages.ts";
import { isExecutable } from "../../../protocol/node/executable.ts";
import { browserPid } from "../../../protocol/node/processes.ts";
import { HostForRelayContract, RelayHostContract } from "../../../protocol/relay-messages.ts";
import { type Params, Peer, type Result } from "../../../protocol/rpc.ts";
import { partLogger } from "../../logging.ts";
import { RELAY_ARGUMENT } from "./relay-argument.ts";
import { ipcTransport } from "./transports.ts";

type Method = "openRelay" | "answerRelay" | "closeRelay";
/** Calls the extension. */
export type CallExtension = <M extends Method>(
  method: M,
  params: Params<typeof ExtensionContract, M>,
) => Promise<Result<typeof ExtensionContract, M>>;

/** ms for all of it; a viewer waits meanwhile. */
const READY_WITHIN = 5_000;
/** ms after a failure before it is tried once more. */
const AGAIN_AFTER = 30_000;
/** Characters of a process's last words. */
const LAST_WORDS = 500;

const log = partLogger("relay");

/** What viewers of a stream lost by the relay. */
export interface RelayLoss {
  readonly dropped_frames: number;
  readonly packets_again: number;
}

/** A way for what a viewer does with the page, by their connection to the relay. */
export interface RelayInput {
  /** Opens it: the viewer shows it on its data channel. */
  readonly ticket: string;
  /** Ends it. Idempotent. */
  close(): void;
}

/** What is told of it. */
export interface RelayInputEvents {
  /** A message as it came. */
  readonly onText: (text: string) => void;
  /** The relay has ended. */
  readonly onLost: () => void;
}

type RelayPeer = Peer<typeof HostForRelayContract, typeof RelayHostContract>;

interface RelayProcess {
  readonly peer: RelayPeer;
  readonly child: ChildProcess;
  /** Those that came to it by this host. */
  readonly streams: Set<string>;
  /** By ticket. */
  readonly inputs: Map<string, RelayInputEvents>;
}

/** Starts the process: for tests another one. */
export type SpawnRelay = () => ChildProcess;

/** What a {@link Relays} needs. */
export interface RelaysOptions {
  readonly call: CallExtension;
  /** Whether there is a library to relay with. */
  readonly available: boolean;
  readonly spawn?: SpawnRelay;
}

/** The relay of a host. */
export class Relays {
  readonly #options: RelaysOptions;
  readonly #losses = new Map<string, RelayLoss>();
  /** What is under way, by stream. */
  readonly #coming = new Map<string, Promise<boolean>>();
  #process: RelayProcess | null = null;
  #failedAt = Number.NEGATIVE_INFINITY;
  #closed = false;

  constructor(options: RelaysOptions) {
    this.#options = options;
  }

  /** Whether viewers are likely to share an encoder. */
  get offered(): boolean {
    return this.#options.available && performance.now() - this.#failedAt > AGAIN_AFTER;
  }

  /** What viewers of a stream lost since this host relays it; `null`: it doesn't. */
  loss(stream_id: string): RelayLoss | null {
    return this.#losses.get(stream_id) ?? null;
  }

  /** Resolves when viewers of a stream can be opened; gives whether they share an encoder. */
  ready(stream_id: string): Promise<boolean> {
    if (!this.offered || this.#closed) return Promise.resolve(false);
    const coming = this.#coming.get(stream_id) ?? this.#connect(stream_id);
    this.#coming.set(stream_id, coming);
    return coming;
  }

  /** Opens a way for input of a viewer of a stream; `null`: this host has no relay for it. */
  async openInput(stream_id: string, events: RelayInputEvents): Promise<RelayInput | null> {
    const running = this.#process;
    if (!running?.streams.has(stream_id)) return null;
    const ticket = randomBytes(24).toString("base64url");
    running.inputs.set(ticket, events);
    const close = () => {
      if (running.inputs.delete(ticket)) running.peer.emit("input_over", { ticket });
    };
    try {
      await running.peer.call("openInput", { stream_id, ticket });
      return { ticket, close };
    } catch (error) {
      log.info("no way for input by the relay of {stream_id}: {error}", { stream_id, error });
      close();
      return null;
    }
  }

  /** Lets go of the process; it ends when no document captures any more. Idempotent. */
  close(): void {
    this.#closed = true;
    this.#process?.peer.close();
    this.#process?.child.unref();
    this.#process = null;
  }

  async #connect(stream_id: string): Promise<boolean> {
    try {
      if ((await timeout(this.#bringTogether(stream_id), READY_WITHIN)) !== LATE) return true;
      throw new FlyBrowserError("timeout", { what: "relay", seconds: READY_WITHIN / 1000 });
    } catch (error) {
      if (!(error instanceof FlyBrowserError && error.code === "no_active_stream")) this.#failedAt = performance.now();
      log.warning("viewers of {stream_id} get an encoder each: {error}", { stream_id, error });
      void this.#options.call("closeRelay", { stream_id }).catch(() => {}); // it went with its capture
      return false;
    } finally {
      this.#coming.delete(stream_id);
    }
  }

  async #bringTogether(stream_id: string): Promise<void> {
    const { call } = this.#options;
    const opened = await call("openRelay", { stream_id });
    if (opened === null) return; // by this host, or by one before it
    const { peer, streams } = this.#running();
    const { answer } = await peer.call("openSource", { stream_id, ...opened });
    streams.add(stream_id);
    await call("answerRelay", { stream_id, answer });
    log.info("viewers of {stream_id} share one encoder", { stream_id });
  }

  #running(): RelayProcess {
    if (this.#process) return this.#process;
    const child = (this.#options.spawn ?? spawnRelay)();
    const peer: RelayPeer = new Peer({
      transport: ipcTransport(child),
      local: HostForRelayContract,
      remote: RelayHostContract,
      handlers: {},
      listeners: {
        relayed: ({ stream_id, ...loss }) => this.#losses.set(stream_id, loss),
        input: ({ ticket, text }) => running.inputs.get(ticket)?.onText(text),
      },
      onInvalid: (error) => log.warning("{reason}", { reason: error.message }),
    });
    const running: RelayProcess = { peer, child, streams: new Set(), inputs: new Map() };
    this.#process = running;
    let words = "";
    child.stderr?.on("data", (data: Buffer) => {
      words = `${words}${data}`.slice(-LAST_WORDS);
    });
    child.once("exit", (code, signal) => {
      log.info("the relay has ended: {how} {words}", { how: signal ?? code, words });
      peer.close();
      if (this.#process === running) this.#process = null;
      // Its own end is orderly, with nobody left; else the document would find out in seconds only.
      for (const stream_id of running.streams) {
        this.#losses.delete(stream_id);
        void this.#options.call("closeRelay", { stream_id }).catch(() => {});
      }
      for (const { onLost } of running.inputs.values()) onLost();
      running.inputs.clear();
    });
    return running;
  }
}

function spawnRelay(): ChildProcess {
  const program = isExecutable() || process.argv[1] === undefined ? [] : [process.argv[1]];
  // On Windows the browser starts a shell, which starts the host.
  const pid = process.platform === "win32" ? null : browserPid();
  const browser = pid === null ? [] : [String(pid)];
  // The host is meant by this flag: a relay makes and forgets buffers all the time.
  const flags = process.execArgv.filter((flag) => !flag.startsWith("--max-semi-space-size"));
  return spawn(process.execPath, [...flags, ...program, RELAY_ARGUMENT, ...browser], {
    detached: true,
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    windowsHide: true,
  });
}
