// What one connection and one client may ask for at a time and in a second, so that nobody with a link keeps the others waiting.
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { CORS, type HttpResponse, textResponse } from "./response.ts";

/** Limits of one connection and of one client. */
export interface Limits {
  /** Requests under way. On a connection: pipelined ones, which no browser and no proxy sends. */
  readonly open: number;
  /** Requests a second over time, and at once after a pause. A low-latency player needs 20. */
  readonly per_second: number;
  readonly burst: number;
}

const CONNECTION: Limits = { open: 16, per_second: 100, burst: 200 };
/** An address may be that of a house, with many players behind it. */
const CLIENT: Limits = { open: 512, per_second: 1_000, burst: 2_000 };
/** Bytes that may wait on a connection when its next request comes: two of the largest segments. */
const MAX_UNREAD = 32 * 1024 * 1024;
/** Requests refused in a row after which a connection is closed: each of them costs, too. */
const MAX_REFUSED = 50;
/** Clients that are remembered; the one that was quiet longest is forgotten. */
const MAX_CLIENTS = 10_000;

const BUSY = textResponse(429, "Too many requests. Try again in a moment.", { "Retry-After": "1", ...CORS });
const UNREAD = textResponse(503, "Too much waits to be read.", { "Retry-After": "1", ...CORS });
const GOODBYE: HttpResponse = { ...BUSY, headers: { ...BUSY.headers, Connection: "close" } };

/** What one connection or client uses. */
class Account {
  readonly #limits: Limits;
  #open = 0;
  #tokens: number;
  #at = performance.now();
  /** Since the last request that was let in. */
  refused = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
    this.#tokens = limits.burst;
  }

  /** As many are under way as may be. */
  get full(): boolean {
    return this.#open >= this.#limits.open;
  }

  /** Whether another request fits; it is counted then. */
  enter(): boolean {
    const now = performance.now();
    const { burst, per_second } = this.#limits;
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#at) / 1_000) * per_second);
    this.#at = now;
    if (this.#tokens < 1 || this.full) {
      this.refused++;
      return false;
    }
    this.#tokens--;
    this.#open++;
    this.refused = 0;
    return true;
  }

  leave(): void {
    this.#open--;
  }
}

/** The limits of one server. */
export class ClientLimits {
  readonly #connections = new WeakMap<Socket, Account>();
  /** By address, those that were quiet longest first. */
  readonly #clients = new Map<string, Account>();

  /** Counts a request until it has its response; gives the response of one that is refused. */
  refusal(
    incoming: IncomingMessage,
    outgoing: { once(event: "close", listener: () => void): unknown },
  ): HttpResponse | null {
    const { socket } = incoming;
    const client = addressOf(incoming);
    // What a tunnel forwards comes on few connections.
    const connection = client === null || !isLoopback(socket) ? this.#connectionOf(socket) : null;
    if (socket.writableLength > MAX_UNREAD) return UNREAD;
    const accounts = [connection, client === null ? null : this.#clientOf(client)].filter((each) => each !== null);
    const entered: Account[] = [];
    for (const account of accounts) {
      if (account.enter()) entered.push(account);
      else {
        for (const each of entered) each.leave();
        if (!connection || account.refused <= MAX_REFUSED) return BUSY;
        // The response to a pipelined request would wait behind those that are under way, and all that follow with it.
        if (connection.full) socket.destroy();
        return GOODBYE;
      }
    }
    outgoing.once("close", () => {
      for (const each of entered) each.leave();
    });
    return null;
  }

  #connectionOf(socket: Socket): Account {
    const known = this.#connections.get(socket) ?? new Account(CONNECTION);
    this.#connections.set(socket, known);
    return known;
  }

  #clientOf(address: string): Account {
    const known = this.#clients.get(address) ?? new Account(CLIENT);
    this.#clients.delete(address);
    this.#clients.set(address, known);
    const [quietest] = this.#clients.keys();
    if (this.#clients.size > MAX_CLIENTS && quietest !== undefined) this.#clients.delete(quietest);
    return known;
  }
}

function isLoopback({ remoteAddress = "" }: Socket): boolean {
  return /^(?:::ffff:)?127\.|^::1$/.test(remoteAddress);
}

/**
 * Whose request it is: the address it comes from or, behind a tunnel or proxy on this machine, the one that this says. `null`: a
 * program of this machine, whose connections are limited one by one.
 */
export function addressOf({ socket, headers }: Pick<IncomingMessage, "socket" | "headers">): string | null {
  if (!isLoopback(socket)) return socket.remoteAddress ?? "";
  const forwarded = headers["x-forwarded-for"];
  const last = (Array.isArray(forwarded) ? forwarded.join() : forwarded)?.split(",").at(-1)?.trim();
  return last ? last.slice(0, 64) : null;
}
