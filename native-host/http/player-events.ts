// Server-sent events of one stream for player pages: its state when it changes, and a heartbeat. Bounded.
// Never holds the state.
import type { ServerResponse } from "node:http";
import {
  PLAYER_HEARTBEAT,
  PLAYER_STATE_EVENT,
  PLAYER_TASK_EVENT,
  PLAYER_TASKS,
  type PlayerState,
} from "../../protocol/player-messages.ts";
import type { StreamLookup, ViewableStream } from "./viewing.ts";

/** Event connections that one stream may have. */
const MAX_LISTENERS = 2_000;
/** Bytes that may wait for a page that doesn't read; above it the page is let go, and connects again. */
const MAX_UNREAD = 65_536;

/** The state with the newest tasks: what a page gets that knows nothing yet. */
export function stateWithTasks(stream: ViewableStream): PlayerState {
  return { ...stream.state(), tasks: stream.tasks.list().slice(-PLAYER_TASKS) };
}

const message = (event: string, content: unknown) => `event: ${event}\ndata: ${JSON.stringify(content)}\n\n`;

/** The event connections of one stream. */
export class PlayerEvents {
  readonly #stream: ViewableStream;
  readonly #lookup: StreamLookup;
  readonly #listeners = new Set<ServerResponse>();
  #sent = "";
  #stop: (() => void) | null = null;

  constructor(stream: ViewableStream, lookup: StreamLookup) {
    this.#stream = stream;
    this.#lookup = lookup;
  }

  /** No more pages can listen. */
  get full(): boolean {
    return this.#listeners.size >= MAX_LISTENERS;
  }

  /** Begins to send to a page, until it goes or the stream's address ends. `gone` is called once then. */
  add(page: ServerResponse, gone: () => void): void {
    page.writeHead(200, {
      "Content-Type": "text/event-stream",
      "Cache-Control": "no-store",
      "X-Content-Type-Options": "nosniff",
      "X-Accel-Buffering": "no",
    });
    this.#listeners.add(page);
    page.on("close", () => {
      this.#listeners.delete(page);
      if (this.#listeners.size === 0) this.#stopSending();
      gone();
    });
    this.#startSending();
    page.write(`retry: 1000\n${message(PLAYER_STATE_EVENT, stateWithTasks(this.#stream))}`);
  }

  #message(): string {
    return message(PLAYER_STATE_EVENT, this.#stream.state());
  }

  #startSending(): void {
    if (this.#stop) return;
    this.#sent = this.#message();
    const unsubscribe = this.#stream.onChange(() => this.#changed());
    const noTasks = this.#stream.tasks.onChange(({ task }) => this.#broadcast(message(PLAYER_TASK_EVENT, task)));
    const heartbeat = setInterval(() => this.#beat(), PLAYER_HEARTBEAT);
    heartbeat.unref();
    this.#stop = () => {
      unsubscribe();
      noTasks();
      clearInterval(heartbeat);
    };
  }

  #stopSending(): void {
    this.#stop?.();
    this.#stop = null;
  }

  #changed(): void {
    const message = this.#message();
    if (message === this.#sent) return;
    this.#sent = message;
    this.#broadcast(message);
  }

  #beat(): void {
    if (this.#lookup.get(this.#stream.stream_id) === this.#stream) this.#broadcast(": here\n\n");
    else for (const page of this.#listeners) page.end();
  }

  #broadcast(text: string): void {
    for (const page of this.#listeners) {
      if (page.writableLength > MAX_UNREAD) page.destroy();
      else page.write(text);
    }
  }
}
