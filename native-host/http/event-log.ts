// What happens in this host, in its order, with a bounded memory for listeners that were away for a moment.
// Never knows who listens by which means.
import type * as v from "valibot";
import type { CONTROL_EVENTS, ControlEventName } from "../../protocol/control-api.ts";
import type { StreamInfo } from "../../protocol/results.ts";

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

  /** Notes the status of a stream, where its state or health is another than before. */
  status(info: StreamInfo): void {
    const now = `${info.state} ${info.health}`;
    if (this.#told.get(info.stream_id) === now) return;
    const over = info.state === "stopped" || info.state === "error";
    if (over) this.#told.delete(info.stream_id);
    else this.#told.set(info.stream_id, now);
    this.add("stream", info);
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
