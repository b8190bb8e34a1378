// The connection to the relay: the tab is encoded once and sent to it, and it sends that to every viewer. Viewers come and go by a data
// channel beside the media, so that they outlive the host.
import { FlyBrowserError, wordsOf } from "../../protocol/errors.ts";
import type { Candidate, IceServer, Viewer } from "../../protocol/native-messages.ts";
import {
  DocumentForRelayContract,
  RELAY_ALIVE_EVERY,
  RELAY_CHANNEL,
  RELAY_SILENT,
  RelayContract,
} from "../../protocol/relay-messages.ts";
import { Peer } from "../../protocol/rpc.ts";
import { sentence, type Words } from "../../protocol/sentence.ts";
import type { Transport } from "../../protocol/transport.ts";
import { logOf } from "../log.ts";
import { gathered } from "./webrtc-gathering.ts";
import { limit, replaceTracks, type ViewerMedia } from "./webrtc-viewer.ts";

/** ms from the answer to the open channel. */
const CONNECTING = 4_000;

/** What a {@link WebRtcRelay} needs. */
export interface WebRtcRelayOptions {
  /** Tracks that aren't its own, and live on. */
  readonly media: ViewerMedia;
  /** A viewer that was let in has gone. */
  readonly onViewerClosed: (viewer_id: string) => void;
  /** Called once, when it is over. */
  readonly onClosed: () => void;
}

const log = logOf("relay");

/** The connection. */
export class WebRtcRelay {
  readonly #options: WebRtcRelayOptions;
  readonly #connection = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
  readonly #channel = this.#connection.createDataChannel(RELAY_CHANNEL);
  readonly #peer: Peer<typeof DocumentForRelayContract, typeof RelayContract>;
  readonly #opened: Promise<void>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #alive: ReturnType<typeof setInterval> | undefined;
  #state: "new" | "open" | "closed" = "new";

  constructor(options: WebRtcRelayOptions) {
    this.#options = options;
    this.#opened = new Promise((resolve) => {
      this.#channel.addEventListener("open", () => resolve());
    });
    this.#peer = new Peer({
      transport: channelTransport(this.#channel),
      local: DocumentForRelayContract,
      remote: RelayContract,
      handlers: {},
      listeners: {
        viewer_closed: ({ viewer_id, reason }) => {
          log.info(`viewer ends: ${reason}`);
          options.onViewerClosed(viewer_id);
        },
        alive: () => this.#closeAfter(RELAY_SILENT, "it went silent"),
      },
      onClose: () => this.close("it closed its channel"),
      onInvalid: (error) => log.warn(error.message),
    });
    this.#connection.addEventListener("connectionstatechange", () => {
      const { connectionState } = this.#connection;
      if (connectionState === "failed" || connectionState === "closed") this.close(`its connection ${connectionState}`);
    });
    this.#closeAfter(2 * CONNECTING, "it did not connect");
  }

  /** Whether viewers can be opened by it. */
  get open(): boolean {
    return this.#state === "open";
  }

  /** The offer, with its candidates. @throws FlyBrowserError `capture_failed`; it is closed then */
  async offer(): Promise<string> {
    const { video, audio, video_bitrate, audio_bitrate, frame_rate } = this.#options.media;
    const stream = new MediaStream();
    try {
      const sending = { direction: "sendonly" as const, streams: [stream] };
      const encoding = { maxBitrate: video_bitrate, maxFramerate: frame_rate };
      const transceiver = this.#connection.addTransceiver(video, { ...sending, sendEncodings: [encoding] });
      transceiver.setCodecPreferences(baselineCodecs());
      const parameters = transceiver.sender.getParameters();
      parameters.degradationPreference = "maintain-resolution"; // pages are read
      await transceiver.sender.setParameters(parameters);
      if (audio) this.#connection.addTransceiver(audio, { ...sending, sendEncodings: [{ maxBitrate: audio_bitrate }] });
      await this.#connection.setLocalDescription();
    } catch (thrown) {
      this.close("its offer could not be made");
      throw new FlyBrowserError("capture_failed", { reason: wordsOf(thrown) }, { cause: thrown });
    }
    await gathered(this.#connection);
    return this.#connection.localDescription?.sdp ?? "";
  }

  /** Takes the relay's answer; resolves when viewers can be opened. @throws FlyBrowserError `webrtc_answer_invalid`; it is closed then */
  async answer(sdp: string): Promise<void> {
    try {
      this.#closeAfter(CONNECTING, "it did not connect");
      await this.#connection.setRemoteDescription({ type: "answer", sdp });
      await Promise.race([this.#opened, this.#over()]);
    } catch (thrown) {
      this.close("its answer can't be used");
      throw new FlyBrowserError("webrtc_answer_invalid", { reason: wordsOf(thrown) }, { cause: thrown });
    }
    if (this.#state === "closed") {
      throw new FlyBrowserError("webrtc_answer_invalid", { reason: sentence("whip.not_connected") });
    }
    this.#state = "open";
    this.#alive = setInterval(() => this.#peer.emit("alive", {}), RELAY_ALIVE_EVERY);
    this.#closeAfter(RELAY_SILENT, "it went silent");
  }

  /** Lets a viewer in; gives the answer to its offer, `null`: it doesn't take what is sent. @throws FlyBrowserError as the relay's `openViewer` */
  async openViewer(
    { viewer_id }: Viewer,
    offer: string,
    { ice_servers, address }: { readonly ice_servers: readonly IceServer[]; readonly address: string | null },
  ): Promise<string | null> {
    const params = { viewer_id, offer, ice_servers: [...ice_servers], address };
    return (await this.#peer.call("openViewer", params)).answer;
  }

  async addCandidates(viewer_id: string, candidates: readonly Candidate[]): Promise<void> {
    await this.#peer.call("addViewerCandidates", { viewer_id, candidates: [...candidates] });
  }

  /** Ends one viewer. Idempotent. */
  closeViewer(viewer_id: string): void {
    this.#peer.call("closeViewer", { viewer_id }).catch(() => {}); // it is about to end as a whole
  }

  /** Goes on with other tracks, and so much of them; nothing is negotiated anew. */
  async show(media: ViewerMedia): Promise<void> {
    await replaceTracks(this.#connection, media);
    await limit(this.#connection, media).catch((thrown: unknown) => log.warn("its limits", thrown));
    this.#peer.emit("bitrate_changed", { video_bitrate: media.video_bitrate });
  }

  /** Ends it, with all viewers. Idempotent. */
  close(reason: string): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    clearTimeout(this.#timer);
    clearInterval(this.#alive);
    log.info(`the relay ends: ${reason}`);
    this.#peer.close();
    this.#connection.close();
    this.#ended();
    this.#options.onClosed();
  }

  #ended = () => {};

  #over(): Promise<void> {
    return new Promise((resolve) => {
      this.#ended = resolve;
    });
  }

  #closeAfter(ms: number, reason: string): void {
    clearTimeout(this.#timer);
    if (this.#state !== "closed") this.#timer = setTimeout(() => this.close(reason), ms);
  }
}

/** H.264 alone, as every viewer takes it: Constrained Baseline in several packets a frame. */
function baselineCodecs(): RTCRtpCodec[] {
  return (RTCRtpSender.getCapabilities("video")?.codecs ?? []).filter(
    ({ mimeType, sdpFmtpLine = "" }) =>
      mimeType.toLowerCase() === "video/h264" &&
      /packetization-mode=1/.test(sdpFmtpLine) &&
      /profile-level-id=42[ce]0/i.test(sdpFmtpLine),
  );
}

/** A data channel with JSON. */
function channelTransport(channel: RTCDataChannel): Transport {
  let closed: (reason: Words) => void = () => {};
  channel.addEventListener("close", () => closed(sentence("connection.gone")));
  return {
    send(message) {
      if (channel.readyState === "open") channel.send(JSON.stringify(message));
    },
    onMessage(receive) {
      channel.addEventListener("message", ({ data }: MessageEvent) => {
        if (typeof data !== "string") return;
        try {
          receive(JSON.parse(data));
        } catch {
          receive(null); // refused as no message
        }
      });
    },
    onClose(listener) {
      closed = listener;
    },
    close() {
      channel.close();
    },
  };
}
