// The WebSockets of the live engine, under /s/<stream_id>/<view_token>/live: media go out (protocol/live-messages.ts), nothing comes in.
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import type { Share } from "../../protocol/options.ts";
import { VIEWER } from "../../protocol/player-messages.ts";
import type { LiveOutput } from "../media/live-reader.ts";
import type { LiveStream, LiveStreams } from "./live-streams.ts";
import type { Asked } from "./open-responses.ts";
import { NO_SOCKET, refuseUpgrade, SOCKETS_FULL } from "./upgrade-refusal.ts";
import { personOf } from "./viewers.ts";

/** Where it is. */
const PATH = /^\/s\/([\w-]{1,64})\/([\w-]{1,64})\/live(?:\?.*)?$/;
/** Viewers that one stream may have this way. */
const MAX_VIEWERS = 2_000;
/** ms between two pings. A viewer is gone that has answered none since the last one, or, where media wait in front of it, for three. */
const PING = 10_000;
const MISSED = 3;
/** Bytes of a message that is read before its sender is sent away. */
const MAX_MESSAGE = 1_024;
/** Close codes (RFC 6455 7.4.1). */
const NORMAL = 1000;
const GOING_AWAY = 1001;
const POLICY = 1008;

interface Viewer {
  readonly socket: WebSocket;
  readonly stream: LiveStream;
  readonly asked: Asked;
  /** See {@link personOf}. */
  readonly person: string;
  /** Pings in a row without an answer. */
  unanswered: number;
}

/** The sockets of all streams. */
export class LiveSockets {
  readonly #streams: LiveStreams;
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE, perMessageDeflate: false });
  readonly #viewers = new Set<Viewer>();
  readonly #timer: NodeJS.Timeout;

  constructor(streams: LiveStreams) {
    this.#streams = streams;
    this.#timer = setInterval(() => this.#ping(), PING).unref();
    streams.onEnding(({ stream_id, isOver }) => {
      for (const { stream, asked, socket } of this.#viewers) {
        if (stream.stream_id === stream_id && isOver(asked)) socket.terminate();
      }
    });
  }

  /** Whether a path is one of these. */
  static isFor(path: string): boolean {
    return PATH.test(path);
  }

  /** Those of a stream by the id of their link, each as the viewer's id. */
  viewersByLink(stream_id: string): ReadonlyMap<string, readonly string[]> {
    const byLink = new Map<string, string[]>();
    for (const { stream, asked, person } of this.#viewers) {
      if (stream.stream_id !== stream_id) continue;
      byLink.set(asked.link_id, [...(byLink.get(asked.link_id) ?? []), person]);
    }
    return byLink;
  }

  /** Answers a request for an upgrade. `from`: the way by which it came. */
  upgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer, from: Share): void {
    const [, stream_id = "", token = ""] = PATH.exec(incoming.url ?? "") ?? [];
    const found = this.#streams.find(stream_id, token, from);
    const feed = found?.stream.live;
    if (!found || !feed || found.stream.packager.ended) {
      refuseUpgrade(socket, NO_SOCKET);
      return;
    }
    if (feed.viewers >= MAX_VIEWERS) {
      refuseUpgrade(socket, SOCKETS_FULL);
      return;
    }
    this.#server.handleUpgrade(incoming, socket, head, (websocket) => {
      const viewer = { ...found, socket: websocket, person: personIn(incoming), unanswered: 0 };
      this.#viewers.add(viewer);
      websocket.on("pong", () => {
        viewer.unanswered = 0;
      });
      websocket.on("message", () => websocket.close(POLICY));
      websocket.on("error", () => {}); // `close` follows
      const leave = feed.join(outputOf(websocket, socket));
      websocket.on("close", () => {
        this.#viewers.delete(viewer);
        leave();
      });
    });
  }

  /** Ends all. Idempotent. */
  close(): void {
    clearInterval(this.#timer);
    for (const { socket } of this.#viewers) socket.close(GOING_AWAY);
    for (const { socket } of this.#viewers) socket.terminate();
  }

  #ping(): void {
    for (const viewer of this.#viewers) {
      const allowed = viewer.socket.bufferedAmount > 0 ? MISSED : 1;
      if (viewer.unanswered >= allowed) viewer.socket.terminate();
      else viewer.socket.ping();
      viewer.unanswered++;
    }
  }
}

/** Writes to the connection itself, since the frames are made already; between those of the WebSocket, which are written whole. */
function outputOf(websocket: WebSocket, connection: Duplex): LiveOutput {
  return {
    get waiting() {
      return connection.writableLength;
    },
    write(pieces) {
      if (websocket.readyState !== websocket.OPEN) return;
      connection.cork();
      for (const piece of pieces) connection.write(piece);
      connection.uncork();
    },
    end: () => websocket.close(NORMAL),
  };
}

/** What a viewer is told apart by, as for the other ways. */
function personIn({ url = "", headers, socket }: IncomingMessage): string {
  const name = new URL(url, "http://host").searchParams.get(VIEWER) ?? undefined;
  return personOf(`${socket.remoteAddress} ${headers["user-agent"] ?? ""}`, name);
}
