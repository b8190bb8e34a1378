// What happens in this host, in its order, with a bounded memory for listeners that were away for a moment.
// Never knows who listens by which means.
import type * as v from "valibot";
import type { CONTROL_EVENTS, ControlEventName } from "../../protocol/control-api.ts";
import type { RecordingInfo, StreamInfo } from "../../protocol/results.ts";

/** Events that are remembered for those who come back. */
const REMEMBERED = 256;

/** Something that happened. */
export interface LoggedEvent {
  /** Unique among all hosts; tells a listener where it was. */
  readonly id: string;
  readonly name: ControlEventName;
  readonly data: unknown;
}

/** The events of one host. */
export class EventLog {
  /** Ids of another host mean nothing here. */
  readonly #host: string;
  readonly #remembered: LoggedEvent[] = [];
  readonly #listeners = new Set<(event: LoggedEvent) => void>();
  /** State and health of the living streams, as told last. */
  readonly #told = new Map<string, string>();
  /** Viewers of the living streams, as told last. */
  readonly #viewers = new Map<string, number>();
  /** Status and progress of the recordings that are not over, as told last. */
  readonly #recordings = new Map<string, string>();
  #count = 0;

  /** `host`: a few characters that no other host has. */
  constructor(host: string) {
    this.#host = host;
  }

  /** Notes an event and tells it to those who listen. */
  add<N extends ControlEventName>(name: N, data: v.InferOutput<(typeof CONTROL_EVENTS)[N]>): void {
    const event = { id: `${this.#host}.${++this.#count}`, name, data };
    this.#remembered.push(event);
    if (this.#remembered.length > REMEMBERED) this.#remembered.shift();
    for (const listener of [...this.#listeners]) listener(event);
  }

  /** Notes the status of a stream, where its state or health is another than before, and its viewers, where they are. */
  status(info: StreamInfo): void {
    const { stream_id, state, health, viewer_count } = info;
    const over = state === "stopped" || state === "error";
    const changed = differs(this.#told, stream_id, `${state} ${health}`, over);
    const known = this.#viewers.get(stream_id) ?? 0;
    const moved = differs(this.#viewers, stream_id, viewer_count, over);
    if (changed) this.add("stream", info);
    if (moved && known !== viewer_count && !over) this.add("viewers", { stream_id, viewer_count });
  }

  /** Notes a recording, where its status or its progress is another than before. */
  recording(info: RecordingInfo): void {
    const { recording_id, status, progress } = info;
    const over = status === "finished" || status === "recovered" || status === "failed";
    if (differs(this.#recordings, recording_id, `${status} ${progress}`, over)) this.add("recording", info);
  }

  /** What came after an event; `null`: that is no longer known, or was another host's. */
  since(id: string): readonly LoggedEvent[] | null {
    const [host, number] = id.split(".");
    const count = Number(number);
    if (host !== this.#host || !Number.isInteger(count) || count > this.#count) return null;
    const missed = this.#count - count;
    return missed > this.#remembered.length ? null : this.#remembered.slice(this.#remembered.length - missed);
  }

  /** Calls `listener` with each event from now on; gives the function that ends this. */
  listen(listener: (event: LoggedEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Id of the newest event, for who has missed nothing. */
  get last_id(): string {
    return `${this.#host}.${this.#count}`;
  }
}

/** Whether something is new against what was told last, which is remembered until it is over. */
function differs<T>(told: Map<string, T>, id: string, now: T, over: boolean): boolean {
  const before = told.get(id);
  if (over) told.delete(id);
  else told.set(id, now);
  return before !== now;
}
