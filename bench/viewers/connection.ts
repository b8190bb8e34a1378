// One keep-alive HTTP/1.1 connection, one request at a time, as lean as can be: a simulator of a thousand viewers shares two
// cores with what it measures. Plain http only, without redirects or retries.
import { connect, type Socket } from "node:net";

/** An HTTP response, its body decoded from chunks. */
export interface HttpResponse {
  readonly status: number;
  readonly body: Buffer;
}

interface PendingRequest {
  readonly resolve: (response: HttpResponse) => void;
  readonly reject: (error: Error) => void;
}

const HEAD_END = Buffer.from("\r\n\r\n");
const LENGTH = /\r\ncontent-length: (\d+)/i;
const CHUNKED = /\r\ntransfer-encoding: chunked/i;

/** Takes one complete response from the start of `data`, with its length in bytes; `null` while it is incomplete. */
export function takeResponse(data: Buffer): { response: HttpResponse; length: number } | null {
  const headEnd = data.indexOf(HEAD_END);
  if (headEnd < 0) return null;
  const head = data.toString("latin1", 0, headEnd);
  const start = headEnd + HEAD_END.length;
  const status = Number(head.slice(9, 12));
  const told = LENGTH.exec(head)?.[1];
  if (told === undefined && CHUNKED.test(head)) {
    const chunks = takeChunks(data, start);
    return chunks && { response: { status, body: chunks.body }, length: chunks.end };
  }
  const length = Number(told ?? 0);
  if (data.length < start + length) return null;
  return { response: { status, body: data.subarray(start, start + length) }, length: start + length };
}

function takeChunks(data: Buffer, start: number): { body: Buffer; end: number } | null {
  const parts: Buffer[] = [];
  let at = start;
  for (;;) {
    const lineEnd = data.indexOf("\r\n", at, "latin1");
    if (lineEnd < 0) return null;
    const size = Number.parseInt(data.toString("latin1", at, lineEnd), 16);
    const next = lineEnd + 2 + size + 2;
    if (data.length < next) return null;
    if (size === 0) return { body: Buffer.concat(parts), end: next };
    parts.push(data.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = next;
  }
}

/** A connection to one server. */
export class Connection {
  readonly #socket: Socket;
  /** What stands behind the path of a request. */
  readonly #head: string;
  #pending: PendingRequest | null = null;
  #pieces: Buffer[] = [];
  #closed = false;
  /** Bytes received, headers and all. */
  received = 0;

  /** @param timeout ms without a byte after which it fails */
  constructor(origin: URL, timeout: number) {
    this.#head = ` HTTP/1.1\r\nHost: ${origin.host}\r\n\r\n`;
    this.#socket = connect({ host: origin.hostname, port: Number(origin.port), noDelay: true });
    this.#socket.setTimeout(timeout);
    this.#socket.on("data", (data) => this.#take(data));
    this.#socket.on("error", (error) => this.#fail(error));
    this.#socket.on("close", () => this.#fail(new Error("the server closed the connection")));
    this.#socket.on("timeout", () => this.#fail(new Error("no response in time")));
  }

  /** Gets `path` (with its query). @throws Error when the connection fails or nothing comes in time. */
  get(path: string): Promise<HttpResponse> {
    if (this.#closed) return Promise.reject(new Error("the connection is closed"));
    return new Promise((resolve, reject) => {
      this.#pending = { resolve, reject };
      this.#socket.write(`GET ${path}${this.#head}`, "latin1");
    });
  }

  /** Closes; a request under way fails. Idempotent. */
  close(): void {
    this.#fail(new Error("closed by the bench"));
  }

  #take(data: Buffer): void {
    this.received += data.length;
    this.#pieces.push(data);
    const all = this.#pieces.length === 1 ? data : Buffer.concat(this.#pieces);
    const taken = takeResponse(all);
    this.#pieces = taken ? (taken.length < all.length ? [all.subarray(taken.length)] : []) : [all];
    if (!taken) return;
    const pending = this.#pending;
    this.#pending = null;
    pending?.resolve(taken.response);
  }

  #fail(error: Error): void {
    this.#closed = true;
    this.#socket.destroy();
    this.#pending?.reject(error);
    this.#pending = null;
  }
}
