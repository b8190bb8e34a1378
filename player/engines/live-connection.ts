// The WebSocket of the live engine: connects, reads its messages, and connects again when it is lost or silent.
import * as v from "valibot";
import { Backoff } from "../../protocol/async.ts";
import {
  LIVE_VERSION,
  type LiveMessage,
  LiveMessageSchema,
  type LiveObject,
  readObject,
} from "../../protocol/live-messages.ts";

/** What a {@link LiveConnection} tells. */
export interface LiveConnectionEvents {
  readonly onMessage: (message: LiveMessage) => void;
  readonly onObject: (object: LiveObject & { readonly payload: Uint8Array }) => void;
  /** It can't be had here: the host answers, and the socket doesn't come about, or speaks another version. */
  readonly onHopeless: (reason: string) => void;
}

/** ms in which the first message must be there. */
const OPEN_WITHIN = 4_000;
/** ms without a message after which the line counts as lost; frames come several times a second. */
const SILENCE = 3_000;
/** ms in which the host must answer. */
const ANSWER_WITHIN = 4_000;
/** Attempts in a row that failed while the host answered, after which it is given up. */
const MAX_FAILURES = 3;
const PAUSES = { first: 250, longest: 3_000, jitter: 0.2 } as const;

/** One viewer's connection. */
export class LiveConnection {
  readonly #url: URL;
  readonly #events: LiveConnectionEvents;
  readonly #backoff = new Backoff(PAUSES);
  #socket: WebSocket | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #heardAt = Number.NEGATIVE_INFINITY;
  #closed = false;

  /** `url`: of the socket, by http(s). */
  constructor(url: string, events: LiveConnectionEvents) {
    this.#url = new URL(url);
    this.#events = events;
    this.#connect();
  }

  /** ms since the last message. */
  get silence(): number {
    return performance.now() - this.#heardAt;
  }

  /** Connects anew, at once. */
  reconnect(): void {
    if (!this.#closed) this.#connect();
  }

  /** Ends it. Idempotent. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#drop();
  }

  #connect(): void {
    this.#drop();
    const url = new URL(this.#url);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = new WebSocket(url);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    this.#lostAfter(OPEN_WITHIN, socket);
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      this.#heardAt = performance.now();
      this.#lostAfter(SILENCE, socket);
      try {
        this.#take(data);
      } catch (thrown) {
        this.#giveUp(`what the host sent can't be read: ${String(thrown)}`);
      }
    };
    socket.onclose = () => this.#lost(socket);
  }

  #take(data: string | ArrayBuffer): void {
    if (typeof data !== "string") {
      this.#failures = 0;
      this.#backoff.reset();
      this.#events.onObject(readObject(data));
      return;
    }
    const message = v.parse(LiveMessageSchema, JSON.parse(data));
    if (message.type === "hello" && message.version !== LIVE_VERSION) {
      this.#giveUp(`the host speaks version ${message.version}, this player ${LIVE_VERSION}`);
      return;
    }
    this.#events.onMessage(message);
  }

  #lostAfter(ms: number, socket: WebSocket): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#lost(socket), ms);
  }

  #lost(socket: WebSocket): void {
    if (this.#closed || socket !== this.#socket) return;
    const heard = this.silence < SILENCE;
    this.#drop();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#connect(), this.#backoff.next());
    if (!heard) void this.#judge();
  }

  /** A socket that fails says nothing of the reason. Where the host answers a plain request it isn't the network. */
  async #judge(): Promise<void> {
    const signal = AbortSignal.timeout(ANSWER_WITHIN);
    const answer = await fetch(new URL("state", this.#url), { cache: "no-store", signal }).catch(() => null);
    if (this.#closed || !answer?.ok) return;
    const { state } = (await answer.json().catch(() => ({}))) as { state?: unknown };
    // Where nothing is captured at the moment there is nothing to push.
    if (this.#closed || state !== "active") return;
    this.#failures++;
    if (this.#failures >= MAX_FAILURES) this.#giveUp("the socket fails, while the host answers");
  }

  #giveUp(reason: string): void {
    this.close();
    this.#events.onHopeless(reason);
  }

  #drop(): void {
    const socket = this.#socket;
    this.#socket = null;
    if (!socket) return;
    socket.onmessage = null;
    socket.onclose = null;
    socket.close();
  }
}
