// The connection to the service worker, made anew when Chrome has restarted it: a port for calls, a MessagePort for media.
import * as v from "valibot";
import {
  BackgroundForOffscreenContract,
  OFFSCREEN_PORT,
  OffscreenContract,
} from "../../protocol/extension-messages.ts";
import { type MediaAck, MediaAckSchema } from "../../protocol/media-messages.ts";
import type { PublisherReport, Viewer } from "../../protocol/native-messages.ts";
import { type Handlers, Peer } from "../../protocol/rpc.ts";
import { backgroundTransport } from "../background-connection.ts";
import type { MediaPort } from "./publisher.ts";

type BackgroundPeer = Peer<typeof OffscreenContract, typeof BackgroundForOffscreenContract>;

/** What a {@link BackgroundPorts} needs. */
export interface BackgroundPortsOptions {
  readonly handlers: Handlers<typeof OffscreenContract>;
  readonly onAck: (ack: MediaAck) => void;
  /** The service worker has gone; `true`: connect again, which starts a new one. */
  readonly onLost: () => boolean;
}

/** The one owner of both ports. */
export class BackgroundPorts {
  readonly #options: BackgroundPortsOptions;
  #peer: BackgroundPeer | null = null;
  #media: MessagePort | null = null;

  constructor(options: BackgroundPortsOptions) {
    this.#options = options;
  }

  /** The port for media; `null` while there is no service worker. */
  get mediaPort(): MediaPort | null {
    return this.#media;
  }

  /** Connects; starts the service worker where it sleeps. */
  async connect(): Promise<void> {
    const peer: BackgroundPeer = new Peer({
      transport: backgroundTransport(OFFSCREEN_PORT),
      local: OffscreenContract,
      remote: BackgroundForOffscreenContract,
      handlers: this.#options.handlers,
      listeners: {},
      onClose: () => this.#lost(peer),
    });
    this.#peer = peer;
    const channel = new MessageChannel();
    channel.port1.onmessage = (event: MessageEvent) => {
      const parsed = v.safeParse(MediaAckSchema, event.data);
      if (parsed.success) this.#options.onAck(parsed.output);
    };
    const { active } = await navigator.serviceWorker.ready;
    if (this.#peer !== peer) return;
    active?.postMessage({ kind: "media_port" }, [channel.port2]);
    this.#media = channel.port1;
  }

  /** Tells the service worker that a capture has ended by itself. */
  captureEnded(stream_id: string, reason: string): void {
    this.#peer?.emit("capture_ended", { stream_id, reason });
  }

  /** Tells who watches a stream by WebRTC now. */
  viewersChanged(stream_id: string, viewers: readonly Viewer[]): void {
    this.#peer?.emit("viewers_changed", { stream_id, viewers: [...viewers] });
  }

  /** Tells how a connection to a WHIP server is doing. */
  publisherChanged(stream_id: string, publisher_id: string, report: PublisherReport): void {
    this.#peer?.emit("publisher_changed", { stream_id, publisher_id, report });
  }

  #lost(peer: BackgroundPeer): void {
    if (this.#peer !== peer) return;
    this.#peer = null;
    this.#media?.close();
    this.#media = null;
    if (this.#options.onLost()) void this.connect();
  }
}
