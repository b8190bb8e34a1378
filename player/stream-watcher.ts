// Follows the state of the stream: server-sent events, and a plain request when those are silent or broken, retried with
// backoff for as long as it takes.
import * as v from "valibot";
import { Backoff } from "../protocol/async.ts";
import {
  PLAYER_STATE_EVENT,
  PLAYER_TASK_EVENT,
  type PlayerState,
  PlayerStateSchema,
  type PlayerTask,
  PlayerTaskSchema,
} from "../protocol/player-messages.ts";
import { type ClockSample, steadyNow } from "./host-clock.ts";
import { withViewer } from "./viewer-name.ts";

/** What the watcher reports. */
export interface WatcherEvents {
  /** With `clock` when the message is the response to a request. */
  readonly onState: (state: PlayerState, clock: ClockSample | null) => void;
  /** A task has begun, changed or ended. */
  readonly onTask: (task: PlayerTask) => void;
  /** The host doesn't respond; it is tried again. */
  readonly onUnreachable: () => void;
  /** The host responds that there is no such stream, and keeps doing so if there was one before. Final. */
  readonly onGone: () => void;
}

/** ms within which the host must respond. */
const RESPONSE_TIMEOUT = 5_000;
/** ms without an event after which the state is requested: the heartbeats can't be seen through EventSource. */
const SILENCE = 30_000;
/**
 * ms for which a known stream may be missing: a host that replaces one that died responds at its address a moment before it
 * has taken the streams over.
 */
const MISSING = 8_000;
const RETRY = { first: 500, longest: 8_000, jitter: 0.2 };

/** Watches one stream. */
export class StreamWatcher {
  readonly #base: URL;
  readonly #events: WatcherEvents;
  readonly #closing = new AbortController();
  readonly #requestBackoff = new Backoff(RETRY);
  readonly #eventsBackoff = new Backoff(RETRY);
  #source: EventSource | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #requesting = false;
  /** When a known stream was first missing, ms. */
  #missingSince: number | null = null;
  #known = false;

  /** `base`: the folder of the stream, in which `state` and `events` lie. */
  constructor(base: URL, events: WatcherEvents) {
    this.#base = base;
    this.#events = events;
  }

  /** Requests the state now, unless that is under way: at the start, when playback stalls, when the machine is back. */
  refresh(): void {
    if (this.#closed || this.#requesting) return;
    clearTimeout(this.#timer);
    void this.#request();
  }

  /** Ends all requests. Idempotent. */
  close(): void {
    this.#closing.abort();
    this.#closeEvents();
  }

  get #closed(): boolean {
    return this.#closing.signal.aborted;
  }

  async #request(): Promise<void> {
    this.#requesting = true;
    const sent = steadyNow();
    try {
      const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(RESPONSE_TIMEOUT)]);
      const response = await fetch(new URL("state", this.#base), { cache: "no-store", signal });
      const received = steadyNow();
      if (response.status === 404 || response.status === 410) {
        if (this.#closed) return;
        this.#missingSince ??= steadyNow();
        if (this.#known && steadyNow() - this.#missingSince < MISSING) throw new Error("the stream is missing for now");
        this.close();
        this.#events.onGone();
        return;
      }
      if (!response.ok) throw new Error(`the host responded with ${response.status}`);
      const state = v.parse(PlayerStateSchema, await response.json());
      if (this.#closed) return;
      this.#requestBackoff.reset();
      this.#known = true;
      this.#missingSince = null;
      const server_time = Date.parse(state.server_time ?? "");
      this.#events.onState(state, Number.isNaN(server_time) ? null : { sent, received, server_time });
      this.#listen();
    } catch {
      if (!this.#closed) this.#lost();
    } finally {
      this.#requesting = false;
    }
  }

  /** Opens the event stream unless it is open. */
  #listen(): void {
    if (this.#closed) return;
    this.#refreshAfter(SILENCE);
    if (this.#source) return;
    const source = new EventSource(withViewer("events", this.#base));
    this.#source = source;
    source.addEventListener(PLAYER_STATE_EVENT, (event: MessageEvent<string>) => {
      this.#refreshAfter(SILENCE);
      this.#eventsBackoff.reset();
      const state = parse(PlayerStateSchema, event.data);
      if (state) this.#events.onState(state, null);
    });
    source.addEventListener(PLAYER_TASK_EVENT, (event: MessageEvent<string>) => {
      this.#refreshAfter(SILENCE);
      const task = parse(PlayerTaskSchema, event.data);
      if (task) this.#events.onTask(task);
    });
    source.onerror = () => {
      // EventSource doesn't say why; the response to a request does.
      source.close();
      if (this.#source !== source) return;
      this.#source = null;
      this.#refreshAfter(this.#eventsBackoff.next());
    };
  }

  #lost(): void {
    this.#closeEvents();
    this.#refreshAfter(this.#requestBackoff.next());
    this.#events.onUnreachable();
  }

  #closeEvents(): void {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = null;
  }

  #refreshAfter(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.refresh(), ms);
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
