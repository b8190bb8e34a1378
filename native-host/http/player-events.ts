// Server-sent events of one stream for player pages: its state when it changes, and its tasks.
import type { HttpBindings } from "@hono/node-server";
import * as v from "valibot";
import {
  PLAYER_HEARTBEAT,
  PLAYER_STATE_EVENT,
  PLAYER_TASK_EVENT,
  PLAYER_TASKS,
  type PlayerState,
  PlayerTaskSchema,
} from "../../protocol/player-messages.ts";
import type { Task } from "../../protocol/results.ts";
import type { LiveStream } from "./live-streams.ts";
import { SseChannel, sseMessage } from "./sse.ts";

/** Player pages that one stream may have. */
const MAX_PAGES = 2_000;
/** Of these from one address. */
const MAX_PAGES_OF_ONE = 200;
/** Bytes that may wait for a page that doesn't read. */
const MAX_UNREAD = 65_536;

/** A task without what viewers aren't told. */
const told = (task: Task) => v.parse(PlayerTaskSchema, task);

/** The state with the newest tasks: what a page gets that knows nothing yet. */
export function stateWithTasks(stream: LiveStream): PlayerState {
  return { ...stream.state(), tasks: stream.tasks.list().slice(-PLAYER_TASKS).map(told) };
}

/** The events of one stream. */
export class PlayerEvents {
  readonly #stream: LiveStream;
  readonly #channel: SseChannel;
  /** Pages by the address of their client. */
  readonly #clients = new Map<string, number>();
  /** The state that all pages know. */
  #told = "";

  /** @param isLive whether the stream can still be reached; when it can't, its pages are disconnected */
  constructor(stream: LiveStream, isLive: () => boolean) {
    this.#stream = stream;
    this.#channel = new SseChannel({ heartbeat: PLAYER_HEARTBEAT, max_unread: MAX_UNREAD, isOpen: isLive });
    stream.onChange(() => this.#stateChanged());
    stream.tasks.onChange(({ task }) => this.#channel.send(sseMessage(PLAYER_TASK_EVENT, told(task))));
  }

  /** No more pages can listen, or none of this client. */
  isFull(client: string | null): boolean {
    const own = client === null ? 0 : (this.#clients.get(client) ?? 0);
    return this.#channel.size >= MAX_PAGES || own >= MAX_PAGES_OF_ONE;
  }

  /** Sends the state to a page, and what changes until it leaves. `onClose` is called once then. */
  open(env: HttpBindings, client: string | null, onClose: () => void): Response {
    const leave = this.#enter(client);
    if (this.#channel.size === 0) this.#told = this.#message();
    return this.#channel.open(env, sseMessage(PLAYER_STATE_EVENT, stateWithTasks(this.#stream)), () => {
      leave();
      onClose();
    });
  }

  /** Counts a page of a client; gives the function that says it is gone. */
  #enter(client: string | null): () => void {
    if (client === null) return () => {};
    this.#clients.set(client, (this.#clients.get(client) ?? 0) + 1);
    return () => {
      const left = (this.#clients.get(client) ?? 1) - 1;
      if (left > 0) this.#clients.set(client, left);
      else this.#clients.delete(client);
    };
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
