// The WebSockets of viewers, by their path: the live engine's, and a person's who steers the page.
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Share } from "../../protocol/options.ts";
import { ControlSockets } from "./control-socket.ts";
import { LiveSockets } from "./live-sockets.ts";
import type { LiveStreams } from "./live-streams.ts";
import type { OpenInputChannel } from "./steering-person.ts";

/** The WebSockets, by their path. */
export class Sockets {
  readonly control: ControlSockets;
  readonly live: LiveSockets;

  /** `openChannel`: gives those who steer another way for input. */
  constructor(streams: LiveStreams, openChannel: OpenInputChannel) {
    this.control = new ControlSockets(streams, openChannel);
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
