// What happens in this host, in order, as the server-sent events of `GET /api/events`; the last of it is kept for listeners that
// were away for a moment.
import type { Hono } from "hono";
import type * as v from "valibot";
import type { CONTROL_EVENTS, ControlEventName } from "../../protocol/control-api.ts";
import { Emitter } from "../../protocol/emitter.ts";
import { FlyBrowserError, inWords } from "../../protocol/errors.ts";
import type { RecordingInfo, StreamInfo } from "../../protocol/results.ts";
import type { ServerEnv } from "./response.ts";
import { SseChannel, sseMessage } from "./sse.ts";

/** Events that are kept for those who come back. */
const KEPT = 256;
/** ms */
const HEARTBEAT = 15_000;
/** Bytes that may wait for a listener that doesn't read; it can come back for what it missed. */
const MAX_UNREAD = 1024 * 1024;
/** Listeners at a time. */
const MAX_LISTENERS = 64;

/** Something that happened. */
interface LoggedEvent {
  /** Unique among all hosts; tells where a listener was. */
  readonly id: string;
  readonly name: ControlEventName;
  readonly data: unknown;
}

/** The events of one host. */
export class EventLog {
  /** Ids of another host mean nothing here. */
  readonly #host: string;
  readonly #kept: LoggedEvent[] = [];
  readonly #listeners = new Emitter<LoggedEvent>();
  /** State and health of the living streams, as told last. */
  readonly #states = new Map<string, string>();
  /** Viewers of the living streams, as told last. */
  readonly #viewers = new Map<string, number>();
  /** Status and progress of the recordings that are not over, as told last. */
  readonly #recordings = new Map<string, string>();
  #count = 0;

  /** @param host a few characters that no other host has */
  constructor(host: string) {
    this.#host = host;
  }

  /** Logs an event and tells those who listen. */
  add<N extends ControlEventName>(name: N, data: v.InferOutput<(typeof CONTROL_EVENTS)[N]>): void {
    const event = { id: `${this.#host}.${++this.#count}`, name, data };
    this.#kept.push(event);
    if (this.#kept.length > KEPT) this.#kept.shift();
    this.#listeners.emit(event);
  }

  /** Logs the status of a stream if its state, its health or who has control of its page has changed, and its viewers if their number has. */
  status(info: StreamInfo): void {
    const { stream_id, state, health, viewer_count, control } = info;
    const over = state === "stopped" || state === "error";
    const known = this.#viewers.get(stream_id) ?? 0;
    const stateChanged = differs(this.#states, stream_id, `${state} ${health} ${control?.state} ${control?.by}`, over);
    const viewersChanged = differs(this.#viewers, stream_id, viewer_count, over);
    if (stateChanged) this.add("stream", inWords(info));
    if (viewersChanged && known !== viewer_count && !over) this.add("viewers", { stream_id, viewer_count });
  }

  /** Logs a recording if its status or progress has changed. */
  recording(info: RecordingInfo): void {
    const { recording_id, status, progress } = info;
    const over = status === "finished" || status === "recovered" || status === "failed";
    if (differs(this.#recordings, recording_id, `${status} ${progress}`, over)) this.add("recording", inWords(info));
  }

  /** What came after an event; `null`: that is no longer known, or was another host's. */
  since(id: string): readonly LoggedEvent[] | null {
    const [host, number] = id.split(".");
    const count = Number(number);
    if (host !== this.#host || !Number.isInteger(count) || count > this.#count) return null;
    const missed = this.#count - count;
    return missed > this.#kept.length ? null : this.#kept.slice(this.#kept.length - missed);
  }

  /** Calls `listener` with each event from now on; gives the function that ends this. */
  listen(listener: (event: LoggedEvent) => void): () => void {
    return this.#listeners.on(listener);
  }

  /** Id of the newest event. */
  get last_id(): string {
    return `${this.#host}.${this.#count}`;
  }
}

/** Whether something is new against what was told last, which is kept until it is over. */
function differs<T>(told: Map<string, T>, id: string, now: T, over: boolean): boolean {
  const before = told.get(id);
  if (over) told.delete(id);
  else told.set(id, now);
  return before !== now;
}

/** Adds `GET /api/events`. */
export function addEventRoutes(app: Hono<ServerEnv>, log: EventLog): void {
  const channel = new SseChannel({ heartbeat: HEARTBEAT, max_unread: MAX_UNREAD });
  log.listen((event) => channel.send(messageOf(event)));
  app.get("/api/events", ({ env, req }) => {
    if (channel.size >= MAX_LISTENERS) throw new FlyBrowserError("too_many_listeners", { limit: MAX_LISTENERS });
    return channel.open(env, missedSince(log, req.header("last-event-id")));
  });
}

const messageOf = ({ id, name, data }: LoggedEvent) => sseMessage(name, data, id);

function missedSince(log: EventLog, last_id: string | undefined): string {
  // An id without an event: a listener that loses the connection before the first one knows where it was. Not in front of missed
  // events: one that loses it among those would go on after all of them.
  if (last_id === undefined) return `id: ${log.last_id}\n\n`;
  const missed = log.since(last_id) ?? [{ id: log.last_id, name: "reset" as const, data: {} }];
  return `\n${missed.map(messageOf).join("")}`;
}
