// Server-sent events (WHATWG HTML 9.2): the connections that hear the same events, with a heartbeat between them.
import type { ServerResponse } from "node:http";
import type { HttpBindings } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";

const HEADERS = {
  "Content-Type": "text/event-stream",
  "Cache-Control": "no-store",
  "X-Content-Type-Options": "nosniff",
  // A reverse proxy must not hold events back until there are more of them.
  "X-Accel-Buffering": "no",
};
/** ms after which a client connects again. */
const RETRY = 1_000;

/** An event as it goes over the wire, with JSON as its data. `id`: what a client that comes back sends as Last-Event-ID. */
export function sseMessage(event: string, data: unknown, id?: string): string {
  return `${id === undefined ? "" : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** What an {@link SseChannel} needs. */
export interface SseChannelOptions {
  /** ms between two comments by which both sides see that the other is there. */
  readonly heartbeat: number;
  /** Bytes that may wait for a client that doesn't read; above that it is disconnected, and may come back. */
  readonly max_unread: number;
  /** Asked at each heartbeat: false ends all connections. */
  readonly isOpen?: () => boolean;
}

/** Clients that hear the same events. */
export class SseChannel {
  readonly #options: SseChannelOptions;
  readonly #clients = new Set<ServerResponse>();
  #heartbeat: NodeJS.Timeout | undefined;

  constructor(options: SseChannelOptions) {
    this.#options = options;
  }

  /** How many listen. */
  get size(): number {
    return this.#clients.size;
  }

  /**
   * Begins to send to whoever has asked, until they leave; `first`: what this one gets before the events of all. Gives what a
   * handler of hono returns then. `onClose` is called once.
   */
  open({ incoming, outgoing }: HttpBindings, first: string, onClose: () => void = () => {}): Response {
    outgoing.once("close", onClose);
    outgoing.writeHead(200, HEADERS);
    if (incoming.method === "HEAD") {
      outgoing.end();
      return RESPONSE_ALREADY_SENT;
    }
    const client = outgoing as ServerResponse;
    this.#clients.add(client);
    this.#heartbeat ??= setInterval(() => this.#beat(), this.#options.heartbeat).unref();
    client.once("close", () => {
      this.#clients.delete(client);
      if (this.#clients.size > 0) return;
      clearInterval(this.#heartbeat);
      this.#heartbeat = undefined;
    });
    client.write(`retry: ${RETRY}\n${first}`);
    return RESPONSE_ALREADY_SENT;
  }

  /** Sends something to everybody who listens now. */
  send(text: string): void {
    for (const client of this.#clients) {
      if (client.writableLength > this.#options.max_unread) client.destroy();
      else client.write(text);
    }
  }

  #beat(): void {
    if (this.#options.isOpen?.() ?? true) this.send(": here\n\n");
    else for (const client of this.#clients) client.end();
  }
}
