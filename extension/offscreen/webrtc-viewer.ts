// One viewer by WebRTC: its RTCPeerConnection from the offer to the end, whichever side ends it. The tracks that it sends are
// not its own, and live on.
import { FlyBrowserError } from "../../protocol/errors.ts";
import type { Candidate, IceServer, Viewer } from "../../protocol/native-messages.ts";
import { sentence } from "../../protocol/sentence.ts";
import { logOf } from "../log.ts";
import { gathered } from "./webrtc-gathering.ts";
import { prepareOffer } from "./webrtc-sdp.ts";

/** ms from the answer to the first connection. */
const CONNECTING = 15_000;
/** ms for which a connection that was lost may come back by itself. */
const DISCONNECTED = 5_000;

/** bit/s with which sending begins at most. */
const MAX_START_BITRATE = 2_500_000;

/** How much is sent. */
export interface MediaLimits {
  /** bit/s */
  readonly video_bitrate: number;
  /** bit/s */
  readonly audio_bitrate: number;
  readonly frame_rate: number;
}

/** What is sent, and how much of it. */
export interface ViewerMedia extends MediaLimits {
  readonly video: MediaStreamTrack;
  readonly audio: MediaStreamTrack | null;
}

/** The limits alone, of something that has more. */
export function limitsOf({ video_bitrate, audio_bitrate, frame_rate }: MediaLimits): MediaLimits {
  return { video_bitrate, audio_bitrate, frame_rate };
}

/** What a {@link WebRtcViewer} needs. */
export interface WebRtcViewerOptions {
  readonly viewer: Viewer;
  readonly ice_servers: readonly IceServer[];
  readonly media: ViewerMedia;
  /** Called once, when it is over. */
  readonly onClosed: () => void;
}

const log = logOf("webrtc");

/** The connection to one viewer. */
export class WebRtcViewer {
  readonly viewer: Viewer;
  readonly #options: WebRtcViewerOptions;
  readonly #connection: RTCPeerConnection;
  /** What video and sound are said to belong to: WHEP wants one, and clients play `event.streams[0]`. */
  readonly #together = new MediaStream();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(options: WebRtcViewerOptions) {
    this.viewer = options.viewer;
    this.#options = options;
    // Plain objects without undefined members, as WebRTC's dictionaries want them.
    const iceServers = options.ice_servers.map((server) => ({ ...server })) as RTCIceServer[];
    this.#connection = new RTCPeerConnection({ iceServers, bundlePolicy: "max-bundle" });
    this.#connection.addEventListener("connectionstatechange", () => this.#changed());
  }

  /**
   * The answer to `offer`, with its candidates.
   * @throws FlyBrowserError `webrtc_offer_invalid`; the viewer is closed then
   */
  async answer(offer: string): Promise<string> {
    const connection = this.#connection;
    try {
      const start = Math.min(this.#options.media.video_bitrate, MAX_START_BITRATE);
      await connection.setRemoteDescription({ type: "offer", sdp: prepareOffer(offer, start) });
      await this.#send("video", this.#options.media.video);
      if (this.#options.media.audio) await this.#send("audio", this.#options.media.audio);
      await connection.setLocalDescription(await connection.createAnswer());
      if (!sendsVideo(connection))
        throw new FlyBrowserError("webrtc_offer_invalid", { reason: sentence("offer.no_codec") });
      await limit(connection, this.#options.media, DEGRADATION);
    } catch (thrown) {
      this.close("its offer could not be answered");
      if (thrown instanceof FlyBrowserError) throw thrown;
      const reason = thrown instanceof Error ? thrown.message : String(thrown);
      throw new FlyBrowserError("webrtc_offer_invalid", { reason }, { cause: thrown });
    }
    this.#watchGoodbye();
    this.#closeAfter(CONNECTING, "it did not connect");
    await gathered(connection);
    return connection.localDescription?.sdp ?? "";
  }

  /** Takes candidates that came after the offer; what Chrome can't use of them is left out. */
  async addCandidates(candidates: readonly Candidate[]): Promise<void> {
    for (const candidate of candidates) {
      await this.#connection.addIceCandidate(candidate).catch((thrown: unknown) => log.warn("a candidate", thrown));
    }
  }

  /** Goes on with other tracks, and so much of them; nothing is negotiated anew. */
  async show(media: ViewerMedia): Promise<void> {
    await replaceTracks(this.#connection, media);
    await limit(this.#connection, media).catch((thrown: unknown) => log.warn("its limits", thrown));
  }

  /** Ends the connection; the other side learns of it. Idempotent. */
  close(reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    log.info(`viewer ends: ${reason}`);
    this.#connection.close();
    this.#options.onClosed();
  }

  /** Puts the track into the first section that asks for its kind. */
  async #send(kind: "video" | "audio", track: MediaStreamTrack): Promise<void> {
    const transceiver = this.#connection.getTransceivers().find(({ receiver }) => receiver.track.kind === kind);
    if (!transceiver) return;
    transceiver.direction = "sendonly";
    transceiver.sender.setStreams(this.#together);
    await transceiver.sender.replaceTrack(track);
  }

  /** A connection that the viewer closes says so by DTLS at once; the connection's own state takes five seconds. */
  #watchGoodbye(): void {
    const transport = this.#connection.getSenders().find((sender) => sender.transport)?.transport;
    transport?.addEventListener("statechange", () => {
      if (transport.state === "closed") this.close("it went away");
    });
  }

  #changed(): void {
    const { connectionState } = this.#connection;
    if (connectionState === "connected") clearTimeout(this.#timer);
    else if (connectionState === "disconnected") this.#closeAfter(DISCONNECTED, "its connection was lost");
    else if (connectionState === "failed" || connectionState === "closed")
      this.close(`its connection ${connectionState}`);
  }

  #closeAfter(ms: number, reason: string): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.close(reason), ms);
  }
}

/** Has a connection send no more than that; of several encodings (simulcast) each `share` of the video. */
export async function limit(
  connection: RTCPeerConnection,
  { video_bitrate, audio_bitrate, frame_rate }: MediaLimits,
  degradation?: RTCDegradationPreference,
  share: (rid: string | undefined) => number = () => 1,
): Promise<void> {
  for (const sender of connection.getSenders()) {
    if (!sender.track) continue;
    const parameters = sender.getParameters();
    const video = sender.track.kind === "video";
    for (const encoding of parameters.encodings) {
      encoding.maxBitrate = video ? Math.round(video_bitrate * share(encoding.rid)) : audio_bitrate;
      if (video) encoding.maxFramerate = frame_rate;
    }
    if (video && degradation) parameters.degradationPreference = degradation;
    await sender.setParameters(parameters);
  }
}

/** Has a connection send other tracks in the place of those that it sends. */
export async function replaceTracks(
  connection: RTCPeerConnection,
  tracks: Pick<ViewerMedia, "video" | "audio">,
): Promise<void> {
  for (const sender of connection.getSenders()) {
    const track = tracks[sender.track?.kind === "audio" ? "audio" : "video"];
    if (sender.track && track) await sender.replaceTrack(track).catch((thrown: unknown) => log.warn("a track", thrown));
  }
}

/** A page is read: when the line or the machine is too slow, fewer sharp frames are better than blurred ones. */
const DEGRADATION: RTCDegradationPreference = "maintain-resolution";

function sendsVideo(connection: RTCPeerConnection): boolean {
  return connection
    .getTransceivers()
    .some(({ sender, currentDirection }) => sender.track?.kind === "video" && currentDirection === "sendonly");
}
