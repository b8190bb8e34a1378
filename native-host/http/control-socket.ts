// The WebSocket of a player by a link that allows control, under /s/<stream_id>/<view_token>/control: what a person does goes in, who has
// control comes out. A link that doesn't allow it is answered as if there were nothing.
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import * as v from "valibot";
import { type WebSocket, WebSocketServer } from "ws";
import {
  type HostMessage,
  INPUT_RATE,
  type ViewerMessage,
  ViewerMessageSchema,
} from "../../protocol/control-messages.ts";
import type { Share } from "../../protocol/options.ts";
import type { Seat } from "../stream/control-desk.ts";
import type { LiveStream, LiveStreams } from "./live-streams.ts";
import type { Asked } from "./open-responses.ts";
import { TokenBucket } from "./token-bucket.ts";
import { NO_SOCKET, refuseUpgrade, SOCKETS_FULL } from "./upgrade-refusal.ts";

/** Where it is. */
const PATH = /^\/s\/([\w-]{1,64})\/([\w-]{1,64})\/control(?:\?.*)?$/;
/** Players that may be connected to one stream. */
const MAX_PLAYERS = 32;
/** Bytes of a message: a paste of 20,000 characters. */
const MAX_MESSAGE = 128 * 1024;
/** Bytes that may wait for a player that doesn't read. */
const MAX_UNREAD = 256 * 1024;
/** ms between two pings; without an answer to one until the next, the player is gone. */
const PING = 10_000;
/** Close codes (RFC 6455 7.4.1). */
const GOING_AWAY = 1001;
const POLICY = 1008;

interface Player {
  readonly socket: WebSocket;
  readonly stream: LiveStream;
  readonly asked: Asked;
  alive: boolean;
}

/** The sockets of all streams. */
export class ControlSockets {
  readonly #streams: LiveStreams;
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE, perMessageDeflate: false });
  readonly #players = new Set<Player>();
  readonly #timer: NodeJS.Timeout;

  constructor(streams: LiveStreams) {
    this.#streams = streams;
    this.#timer = setInterval(() => this.#ping(), PING).unref();
    streams.onEnding(({ stream_id, isOver }) => {
      for (const { stream, asked, socket } of this.#players) {
        if (stream.stream_id === stream_id && isOver(asked)) socket.terminate();
      }
    });
  }

  /** Answers a request for an upgrade. `from`: the way by which it came. */
  upgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer, from: Share): void {
    const [, stream_id = "", token = ""] = PATH.exec(incoming.url ?? "") ?? [];
    const found = stream_id === "" ? undefined : this.#streams.find(stream_id, token, from);
    const facts = found?.stream.links.factsOf?.(found.asked.link_id);
    const desk = found?.stream.control;
    if (!found || !desk || facts?.allow !== "control" || found.stream.packager.ended) {
      refuseUpgrade(socket, NO_SOCKET);
      return;
    }
    const { stream, asked } = found;
    const full = [...this.#players].filter((each) => each.stream === stream).length >= MAX_PLAYERS;
    if (full) {
      refuseUpgrade(socket, SOCKETS_FULL);
      return;
    }
    this.#server.handleUpgrade(incoming, socket, head, (websocket) => {
      const player: Player = { socket: websocket, stream, asked, alive: true };
      this.#players.add(player);
      const tell = (message: HostMessage) => {
        if (websocket.bufferedAmount > MAX_UNREAD) websocket.terminate();
        else if (websocket.readyState === websocket.OPEN) websocket.send(JSON.stringify(message));
      };
      this.#serve(player, desk.join({ link_id: asked.link_id, name: facts.name, tell }));
    });
  }

  /** Ends all. Idempotent. */
  close(): void {
    clearInterval(this.#timer);
    for (const { socket } of this.#players) socket.close(GOING_AWAY);
    for (const { socket } of this.#players) socket.terminate();
  }

  #serve(player: Player, seat: Seat): void {
    const { socket, stream } = player;
    const rate = new TokenBucket(INPUT_RATE);
    const leaveStream = stream.onChange(() => {
      if (stream.packager.ended) socket.close(GOING_AWAY);
    });
    socket.on("pong", () => {
      player.alive = true;
    });
    socket.on("message", (data, binary) => {
      const message = binary ? null : parse(String(data));
      // No player of ours sends what can't be read, or so much: who does is sent away, with what they held.
      if (!message || !rate.take()) socket.close(POLICY);
      else act(seat, message);
    });
    socket.on("error", () => {}); // `close` follows
    socket.on("close", () => {
      this.#players.delete(player);
      leaveStream();
      seat.leave();
    });
  }

  #ping(): void {
    for (const player of this.#players) {
      if (!player.alive) player.socket.terminate();
      player.alive = false;
      player.socket.ping();
    }
  }
}

function act(seat: Seat, message: ViewerMessage): void {
  if (message.type === "take") seat.take();
  else if (message.type === "decline") seat.decline(message.note);
  else if (message.type === "done") seat.done(message.note);
  else seat.input(message.input);
}

function parse(text: string): ViewerMessage | null {
  try {
    const parsed = v.safeParse(ViewerMessageSchema, JSON.parse(text));
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}
