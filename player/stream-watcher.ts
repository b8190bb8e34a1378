// Keeps up with what the host says about the stream: server-sent events, and a plain question when they are
// silent or broken, with back-off for as long as it takes. Never touches the media.
import * as v from "valibot";
import {
  PLAYER_STATE_EVENT,
  PLAYER_TASK_EVENT,
  type PlayerState,
  PlayerStateSchema,
} from "../protocol/player-messages.ts";
import { type Task, TaskSchema } from "../protocol/results.ts";
import { backOff, type ClockSample } from "./latency.ts";

/** What the watcher tells. */
export interface WatcherEvents {
  /** The host's word; with `clock` when the message answers a question of ours. */
  readonly onMessage: (message: PlayerState, clock: ClockSample | null) => void;
  /** The host's word of one task: it has begun, changed or ended. */
  readonly onTask: (task: Task) => void;
  /** The host doesn't answer; it is asked again. */
  readonly onUnreachable: () => void;
  /** The host answers that there is no such stream, and goes on answering so if it was there before. Final. */
  readonly onGone: () => void;
}

/** ms within which an answer must come. */
const ANSWER_TIMEOUT = 5_000;
/** ms of silence of the event stream after which the host is asked: its heartbeats can't be seen from here. */
const SILENCE = 30_000;
/**
 * ms for which a stream that was there may be unknown to the host: one that takes the place of a host that died
 * answers under its address a moment before it has taken the streams over.
 */
const MISSING = 8_000;

/** Watches one stream. */
export class StreamWatcher {
  readonly #base: URL;
  readonly #events: WatcherEvents;
  #source: EventSource | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asking: AbortController | null = null;
  #attempt = 0;
  /** Event streams in a row that broke before a word came. */
  #broken = 0;
  /** When a stream that was there was first missed, ms. */
  #missedAt: number | null = null;
  #seen = false;
  #closed = false;

  /** `base`: the folder of the stream, in which `state` and `events` lie. */
  constructor(base: URL, events: WatcherEvents) {
    this.#base = base;
    this.#events = events;
  }

  /** Asks now, unless a question is under way: at the start, when pictures stop, when the machine is back. */
  ask(): void {
    if (this.#closed || this.#asking) return;
    clearTimeout(this.#timer);
    void this.#ask();
  }

  /** Ends all requests. Idempotent. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#asking?.abort();
    this.#source?.close();
    this.#source = null;
  }

  async #ask(): Promise<void> {
    const asking = new AbortController();
    this.#asking = asking;
    const timeout = setTimeout(() => asking.abort(), ANSWER_TIMEOUT);
    const sent = Date.now();
    try {
      const response = await fetch(new URL("state", this.#base), { cache: "no-store", signal: asking.signal });
      const received = Date.now();
      if (response.status === 404 || response.status === 410) {
        if (this.#closed) return;
        this.#missedAt ??= Date.now();
        if (this.#seen && Date.now() - this.#missedAt < MISSING) throw new Error("the stream is not there now");
        this.close();
        this.#events.onGone();
        return;
      }
      if (!response.ok) throw new Error(`the host answered ${response.status}`);
      const message = v.parse(PlayerStateSchema, await response.json());
      if (this.#closed) return;
      this.#attempt = 0;
      this.#seen = true;
      this.#missedAt = null;
      const server_time = Date.parse(message.server_time ?? "");
      this.#events.onMessage(message, Number.isNaN(server_time) ? null : { sent, received, server_time });
      this.#listen();
    } catch {
      if (!this.#closed) this.#lost();
    } finally {
      clearTimeout(timeout);
      this.#asking = null;
    }
  }

  /** Opens the event stream unless it is open, and looks after it. */
  #listen(): void {
    this.#expectWord();
    if (this.#source) return;
    const source = new EventSource(new URL("events", this.#base));
    this.#source = source;
    source.addEventListener(PLAYER_STATE_EVENT, (event: MessageEvent<string>) => {
      this.#expectWord();
      this.#broken = 0;
      const message = parse(PlayerStateSchema, event.data);
      if (message) this.#events.onMessage(message, null);
    });
    source.addEventListener(PLAYER_TASK_EVENT, (event: MessageEvent<string>) => {
      this.#expectWord();
      const task = parse(TaskSchema, event.data);
      if (task) this.#events.onTask(task);
    });
    source.onerror = () => {
      // EventSource doesn't say why; the plain question does.
      source.close();
      if (this.#source !== source) return;
      this.#source = null;
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.ask(), backOff(this.#broken++, Math.random()));
    };
  }

  #expectWord(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.ask(), SILENCE);
  }

  #lost(): void {
    this.#source?.close();
    this.#source = null;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.ask(), backOff(this.#attempt++, Math.random()));
    this.#events.onUnreachable();
  }
}

function parse<S extends v.GenericSchema>(schema: S, data: string): v.InferOutput<S> | null {
  try {
    const parsed = v.safeParse(schema, JSON.parse(data));
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}
