// The WebSocket of a player by a link that allows control, under /s/<stream_id>/<view_token>/control: what a person does goes in, who has
// control comes out. Input may come by a data channel as well: the socket gives the ticket for it, and says for how long it holds. A link
// that doesn't allow control is answered as if there were nothing.
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { type HostMessage, MAX_INPUT_BYTES } from "../../protocol/control-messages.ts";
import type { Share } from "../../protocol/options.ts";
import type { Seat } from "../stream/control-desk.ts";
import type { LiveStream, LiveStreams } from "./live-streams.ts";
import type { Asked } from "./open-responses.ts";
import { type OpenInputChannel, SteeringPerson } from "./steering-person.ts";
import { NO_SOCKET, refuseUpgrade, SOCKETS_FULL } from "./upgrade-refusal.ts";

/** Where it is. */
const PATH = /^\/s\/([\w-]{1,64})\/([\w-]{1,64})\/control(?:\?.*)?$/;
/** Players that may be connected to one stream. */
const MAX_PLAYERS = 32;
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
  readonly #openChannel: OpenInputChannel;
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: MAX_INPUT_BYTES, perMessageDeflate: false });
  readonly #players = new Set<Player>();
  readonly #timer: NodeJS.Timeout;

  constructor(streams: LiveStreams, openChannel: OpenInputChannel) {
    this.#streams = streams;
    this.#openChannel = openChannel;
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
      const { link_id } = asked;
      this.#serve(player, (tell) => desk.join({ link_id, name: facts.name, tell }));
    });
  }

  /** Ends all. Idempotent. */
  close(): void {
    clearInterval(this.#timer);
    for (const { socket } of this.#players) socket.close(GOING_AWAY);
    for (const { socket } of this.#players) socket.terminate();
  }

  #serve(player: Player, join: (tell: (message: HostMessage) => void) => Seat): void {
    const { socket, stream } = player;
    const tell = (message: HostMessage) => {
      if (socket.bufferedAmount > MAX_UNREAD) socket.terminate();
      else if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
    };
    const person = new SteeringPerson({
      ...{ tell, join },
      openChannel: (events) => this.#openChannel(stream.stream_id, events),
      onOffence: () => socket.close(POLICY),
    });
    const leaveStream = stream.onChange(() => {
      if (stream.packager.ended) socket.close(GOING_AWAY);
    });
    socket.on("pong", () => {
      player.alive = true;
    });
    socket.on("message", (data, binary) => person.said(binary ? "" : String(data)));
    socket.on("error", () => {}); // `close` follows
    socket.on("close", () => {
      this.#players.delete(player);
      leaveStream();
      person.leave();
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
