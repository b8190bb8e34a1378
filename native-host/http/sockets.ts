// The WebSockets of viewers, by their path: the live engine's, and a person's who steers the page.
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Share } from "../../protocol/options.ts";
import { ControlSockets } from "./control-socket.ts";
import { LiveSockets } from "./live-sockets.ts";
import type { LiveStreams } from "./live-streams.ts";

/** The WebSockets, by their path. */
export class Sockets {
  readonly control: ControlSockets;
  readonly live: LiveSockets;

  constructor(streams: LiveStreams) {
    this.control = new ControlSockets(streams);
    this.live = new LiveSockets(streams);
  }

  /** Takes a request to switch to WebSocket, which came by a way. */
  upgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer, from: Share): void {
    const { control, live } = this;
    (LiveSockets.isFor(incoming.url ?? "") ? live : control).upgrade(incoming, socket, head, from);
  }

  /** Ends all of them. */
  close(): void {
    this.control.close();
    this.live.close();
  }
}
