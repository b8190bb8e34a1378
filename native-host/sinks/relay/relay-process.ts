// The relay's process. It outlives the host that started it for as long as documents capture: their viewers see on while another host
// takes over. Without one it ends, at once where its host is gone too. A process of its own, also because the library is not ours: what
// crashes or hangs in it takes no stream, no recording with it.
import type { DataChannel } from "node-datachannel";
import { FlyBrowserError } from "../../../protocol/errors.ts";
import { isProcessAlive } from "../../../protocol/node/control-files.ts";
import {
  DocumentForRelayContract,
  HostForRelayContract,
  RELAY_ALIVE_EVERY,
  RELAY_CHANNEL,
  RelayContract,
  RelayHostContract,
} from "../../../protocol/relay-messages.ts";
import { Peer } from "../../../protocol/rpc.ts";
import { loadLibrary, type WebRtcLibrary } from "./library.ts";
import { RELAY_ARGUMENT } from "./relay-argument.ts";
import { RelayInputs } from "./relay-inputs.ts";
import { RelaySource } from "./relay-source.ts";
import { channelTransport, ipcTransport } from "./transports.ts";

/** ms without a document after which it ends although its host lives: that starts another one when it is needed. */
const IDLE = 30_000;
/** ms in which those who were connected are told that it is over. */
const FAREWELL = 300;
/** ms between two looks at the browser. */
const WATCH_EVERY = 1_000;
/** ms between two looks at the clock, and by how much it may be late before nobody gets video any more until it has caught up. */
const LOOK_EVERY = 100;
const BEHIND = 500;
const CAUGHT_UP = 50;

/** All sources, and the end of the process. */
class Relay {
  readonly #library: WebRtcLibrary;
  readonly #sources = new Map<string, RelaySource>();
  readonly #inputs = new RelayInputs((ticket, text) => this.#host.emit("input", { ticket, text }));
  readonly #host: Peer<typeof RelayHostContract, typeof HostForRelayContract>;
  #hostGone = false;
  #idle: ReturnType<typeof setTimeout> | undefined;
  #overloaded = false;

  /** @param browser its process id; `null`: not known */
  constructor(library: WebRtcLibrary, browser: number | null) {
    this.#library = library;
    this.#host = new Peer({
      transport: ipcTransport(process),
      local: RelayHostContract,
      remote: HostForRelayContract,
      handlers: {
        openSource: (params) => this.#open(params),
        openInput: ({ stream_id, ticket }) => {
          if (!this.#sources.has(stream_id)) throw new FlyBrowserError("no_active_stream");
          this.#inputs.open(stream_id, ticket);
          return {};
        },
      },
      listeners: { input_over: ({ ticket }) => this.#inputs.close(ticket) },
      onClose: () => {
        this.#hostGone = true;
        this.#rest();
      },
    });
    let lookedAt = performance.now();
    setInterval(() => {
      const late = performance.now() - lookedAt - LOOK_EVERY;
      lookedAt = performance.now();
      if (late > BEHIND) this.#overloaded = true;
      else if (late < CAUGHT_UP) this.#overloaded = false;
    }, LOOK_EVERY);
    setInterval(() => this.#tell(), RELAY_ALIVE_EVERY);
    if (browser !== null) setInterval(() => isProcessAlive(browser) || end(), WATCH_EVERY);
    this.#rest();
  }

  async #open(params: { stream_id: string; offer: string; video_bitrate: number }): Promise<{ answer: string }> {
    const { stream_id, offer, video_bitrate } = params;
    this.#sources.get(stream_id)?.close("another document captures it");
    let document: Peer<typeof RelayContract, typeof DocumentForRelayContract> | null = null;
    let alive: ReturnType<typeof setInterval> | undefined;
    const source: RelaySource = new RelaySource({
      library: this.#library,
      ...{ stream_id, video_bitrate },
      overloaded: () => this.#overloaded,
      onChannel: (channel) => {
        if (channel.getLabel() !== RELAY_CHANNEL || document) return;
        document = documentPeer(channel, source);
        alive = setInterval(() => document?.emit("alive", {}), RELAY_ALIVE_EVERY);
      },
      onInput: (channel) => this.#inputs.serve(stream_id, channel),
      onViewerClosed: (viewer_id, reason) => document?.emit("viewer_closed", { viewer_id, reason }),
      onClosed: () => {
        clearInterval(alive);
        document?.close();
        if (this.#sources.get(stream_id) === source) this.#sources.delete(stream_id);
        this.#rest();
      },
    });
    this.#sources.set(stream_id, source);
    clearTimeout(this.#idle);
    try {
      return { answer: await source.answer(offer) };
    } catch (thrown) {
      source.close("its offer can't be used");
      throw thrown;
    }
  }

  #tell(): void {
    for (const [stream_id, source] of this.#sources) {
      if (source.viewer_count > 0) this.#host.emit("relayed", { stream_id, ...source.counts });
    }
  }

  /** Ends the process once nobody needs it. */
  #rest(): void {
    clearTimeout(this.#idle);
    if (this.#sources.size > 0) return;
    this.#idle = setTimeout(end, this.#hostGone ? FAREWELL : IDLE);
  }
}

function documentPeer(
  channel: DataChannel,
  source: RelaySource,
): Peer<typeof RelayContract, typeof DocumentForRelayContract> {
  return new Peer({
    transport: channelTransport(channel),
    local: RelayContract,
    remote: DocumentForRelayContract,
    handlers: {
      openViewer: async (request) => ({ answer: await source.openViewer(request) }),
      addViewerCandidates: ({ viewer_id, candidates }) => {
        source.addCandidates(viewer_id, candidates);
        return {};
      },
      closeViewer: ({ viewer_id }) => {
        source.closeViewer(viewer_id);
        return {};
      },
    },
    listeners: {
      alive: () => source.heard(),
      bitrate_changed: ({ video_bitrate }) => source.become(video_bitrate),
    },
    onClose: () => source.close("the document closed its channel"),
  });
}

/** Not by `process.exit`, which waits for the library's threads. */
function end(): void {
  process.kill(process.pid, "SIGKILL");
}

/** Is the relay; never returns. Without the library the process ends with status 1. */
export async function relayAndExit(argv: readonly string[] = process.argv): Promise<never> {
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, end);
  const library = await loadLibrary().catch((thrown: unknown) => {
    process.stderr.write(`${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
    process.exit(1);
  });
  const browser = Number(argv[argv.indexOf(RELAY_ARGUMENT) + 1]);
  new Relay(library, browser > 1 ? browser : null);
  return new Promise(() => {});
}
