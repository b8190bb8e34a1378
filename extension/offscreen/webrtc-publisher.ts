// One connection by which the tab is sent to a WHIP server: its RTCPeerConnection from the offer to the end. The host does the HTTP.
import { FlyBrowserError, wordsOf } from "../../protocol/errors.ts";
import type { IceServer, PublisherReport } from "../../protocol/native-messages.ts";
import { logOf } from "../log.ts";
import { gathered } from "./webrtc-gathering.ts";
import { limit, replaceTracks, type ViewerMedia } from "./webrtc-viewer.ts";

/** ms from the answer to the first connection. */
const CONNECTING = 10_000;
/** ms for which a connection that was lost may come back by itself. */
const DISCONNECTED = 5_000;
/** ms between two reports. */
const REPORT_EVERY = 1_000;

/**
 * The encodings that are offered, the whole picture first: a server that doesn't answer simulcast gets that one alone, and Chrome
 * encodes no other.
 */
const ENCODINGS = [
  { rid: "f", share: 1, scaleResolutionDownBy: 1 },
  { rid: "h", share: 0.35, scaleResolutionDownBy: 2 },
  { rid: "q", share: 0.1, scaleResolutionDownBy: 4 },
] as const;
/** Codecs in the order in which they are offered; what else there is comes after them. */
const PREFERRED = ["video/h264", "video/vp8", "video/vp9"];

/** What a {@link WebRtcPublisher} needs. */
export interface WebRtcPublisherOptions {
  readonly publisher_id: string;
  readonly ice_servers: readonly IceServer[];
  /** Tracks that aren't its own, and live on. */
  readonly media: ViewerMedia;
  readonly onReport: (report: PublisherReport) => void;
  /** Called once, when it is over. */
  readonly onClosed: () => void;
}

const log = logOf("whip");

/** The connection to one server. */
export class WebRtcPublisher {
  readonly #options: WebRtcPublisherOptions;
  readonly #connection: RTCPeerConnection;
  #state: PublisherReport["state"] = "connecting";
  #timer: ReturnType<typeof setTimeout> | undefined;
  #reports: ReturnType<typeof setInterval> | undefined;
  /** Frames of the tab that were there before it was connected. */
  #before = 0;

  constructor(options: WebRtcPublisherOptions) {
    this.#options = options;
    const iceServers = options.ice_servers.map((server) => ({ ...server })) as RTCIceServer[];
    this.#connection = new RTCPeerConnection({ iceServers, bundlePolicy: "max-bundle" });
    this.#connection.addEventListener("connectionstatechange", () => this.#changed());
  }

  /** The offer, with its candidates. @throws FlyBrowserError `capture_failed` */
  async offer(): Promise<string> {
    const { video, audio, video_bitrate, audio_bitrate, frame_rate } = this.#options.media;
    const stream = new MediaStream(); // WHIP wants both in one
    try {
      const encodings = ENCODINGS.map(({ rid, share, scaleResolutionDownBy }) => {
        const maxBitrate = Math.round(video_bitrate * share);
        return { rid, scaleResolutionDownBy, maxBitrate, maxFramerate: frame_rate };
      });
      const sending = { direction: "sendonly" as const, streams: [stream] };
      const { sender } = this.#connection.addTransceiver(video, { ...sending, sendEncodings: encodings });
      this.#prefer();
      const parameters = sender.getParameters();
      parameters.degradationPreference = "maintain-resolution"; // as for viewers: pages are read
      await sender.setParameters(parameters);
      if (audio) {
        this.#connection.addTransceiver(audio, { ...sending, sendEncodings: [{ maxBitrate: audio_bitrate }] });
      }
      await this.#connection.setLocalDescription();
    } catch (thrown) {
      this.close("its offer could not be made");
      throw new FlyBrowserError("capture_failed", { reason: wordsOf(thrown) }, { cause: thrown });
    }
    await gathered(this.#connection);
    return this.#connection.localDescription?.sdp ?? "";
  }

  /** Takes the server's answer. @throws FlyBrowserError `webrtc_answer_invalid`; it is closed then */
  async answer(sdp: string): Promise<void> {
    try {
      await this.#connection.setRemoteDescription({ type: "answer", sdp });
    } catch (thrown) {
      this.close("its answer can't be used");
      throw new FlyBrowserError("webrtc_answer_invalid", { reason: wordsOf(thrown) }, { cause: thrown });
    }
    if (this.#state === "connecting") this.#closeAfter(CONNECTING, "it did not connect");
  }

  /** Goes on with other tracks, and so much of them; nothing is negotiated anew. */
  async show(media: ViewerMedia): Promise<void> {
    await replaceTracks(this.#connection, media);
    const share = (rid: string | undefined) => ENCODINGS.find((each) => each.rid === rid)?.share ?? 1;
    await limit(this.#connection, media, undefined, share).catch((thrown: unknown) => log.warn("its limits", thrown));
  }

  /** Ends the connection; the server learns of it. Idempotent. */
  close(reason: string): void {
    if (this.#state === "lost") return;
    this.#state = "lost";
    clearTimeout(this.#timer);
    clearInterval(this.#reports);
    log.info(`publisher ends: ${reason}`);
    this.#connection.close();
    this.#options.onReport({ state: "lost", bytes_sent: 0, dropped_frames: 0 });
    this.#options.onClosed();
  }

  #prefer(): void {
    const rank = ({ mimeType }: { mimeType: string }) => {
      const at = PREFERRED.indexOf(mimeType.toLowerCase());
      return at < 0 ? PREFERRED.length : at;
    };
    const all = RTCRtpSender.getCapabilities("video")?.codecs ?? [];
    const [video] = this.#connection.getTransceivers();
    video?.setCodecPreferences(all.toSorted((a, b) => rank(a) - rank(b)));
  }

  #changed(): void {
    const { connectionState } = this.#connection;
    if (connectionState === "connected") {
      clearTimeout(this.#timer);
      this.#state = "connected";
      this.#reports ??= setInterval(() => void this.#report(), REPORT_EVERY);
      void this.#report();
    } else if (connectionState === "disconnected") this.#closeAfter(DISCONNECTED, "its connection was lost");
    else if (connectionState === "failed" || connectionState === "closed")
      this.close(`its connection ${connectionState}`);
  }

  async #report(): Promise<void> {
    let [bytes_sent, captured, sent] = [0, 0, 0];
    const stats = await this.#connection.getStats().catch(() => null);
    stats?.forEach((each: Record<string, unknown>) => {
      if (each.type === "media-source" && each.kind === "video") captured = Number(each.frames ?? 0);
      if (each.type !== "outbound-rtp") return;
      bytes_sent += Number(each.bytesSent ?? 0) + Number(each.headerBytesSent ?? 0);
      if (each.kind === "video") sent = Math.max(sent, Number(each.framesSent ?? 0));
    });
    if (this.#state !== "connected") return;
    if (sent === 0) this.#before = captured;
    const dropped_frames = Math.max(0, captured - this.#before - sent);
    this.#options.onReport({ state: "connected", bytes_sent, dropped_frames });
  }

  #closeAfter(ms: number, reason: string): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.close(reason), ms);
  }
}
