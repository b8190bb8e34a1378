// Server-sent events of one stream for player pages: its state when it changes, and its tasks.
import type { HttpBindings } from "@hono/node-server";
import {
  PLAYER_HEARTBEAT,
  PLAYER_STATE_EVENT,
  PLAYER_TASK_EVENT,
  PLAYER_TASKS,
  type PlayerState,
} from "../../protocol/player-messages.ts";
import type { LiveStream } from "./live-streams.ts";
import { SseChannel, sseMessage } from "./sse.ts";

/** Player pages that one stream may have. */
const MAX_PAGES = 2_000;
/** Bytes that may wait for a page that doesn't read. */
const MAX_UNREAD = 65_536;

/** The state with the newest tasks: what a page gets that knows nothing yet. */
export function stateWithTasks(stream: LiveStream): PlayerState {
  return { ...stream.state(), tasks: stream.tasks.list().slice(-PLAYER_TASKS) };
}

/** The events of one stream. */
export class PlayerEvents {
  readonly #stream: LiveStream;
  readonly #channel: SseChannel;
  /** The state that all pages know. */
  #told = "";

  /** @param isLive whether the stream can still be reached; when it can't, its pages are disconnected */
  constructor(stream: LiveStream, isLive: () => boolean) {
    this.#stream = stream;
    this.#channel = new SseChannel({ heartbeat: PLAYER_HEARTBEAT, max_unread: MAX_UNREAD, isOpen: isLive });
    stream.onChange(() => this.#stateChanged());
    stream.tasks.onChange(({ task }) => this.#channel.send(sseMessage(PLAYER_TASK_EVENT, task)));
  }

  /** No more pages can listen. */
  get full(): boolean {
    return this.#channel.size >= MAX_PAGES;
  }

  /** Sends the state to a page, and what changes until it leaves. `onClose` is called once then. */
  open(env: HttpBindings, onClose: () => void): Response {
    if (this.#channel.size === 0) this.#told = this.#message();
    return this.#channel.open(env, sseMessage(PLAYER_STATE_EVENT, stateWithTasks(this.#stream)), onClose);
  }

  #message(): string {
    return sseMessage(PLAYER_STATE_EVENT, this.#stream.state());
  }

  #stateChanged(): void {
    if (this.#channel.size === 0) return;
    const message = this.#message();
    if (message === this.#told) return;
    this.#told = message;
    this.#channel.send(message);
  }
}
