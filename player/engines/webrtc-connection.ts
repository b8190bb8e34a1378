// One WebRTC connection, from offer to close. Each attempt makes a new one.
import { sleep } from "../../protocol/async.ts";
import { INPUT_CHANNEL } from "../../protocol/control-messages.ts";
import { closeSession, iceServers, openSession, sendCandidates, type WhepSession } from "./whep-client.ts";

/** ms to gather ICE candidates before the offer is sent; later ones are trickled. */
const GATHERING = 300;
/** ms that a disconnected connection has to recover by itself. */
const DISCONNECTED = 3_000;

/** What a connection reports; nothing after `close`. */
export interface ConnectionEvents {
  /** Offer and answer are exchanged: media may arrive from now on. */
  readonly onAnswered: () => void;
  /** It was closed or lost, or never came about. */
  readonly onLost: (reason: unknown) => void;
}

/** A connection that receives one video and one audio track, and may have a channel for input. */
export class WebRtcConnection {
  readonly stream = new MediaStream();
  readonly #peer = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
  readonly #events: ConnectionEvents;
  #session: WhepSession | null = null;
  #input: RTCDataChannel | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  /** `steers`: it has a channel for what this viewer does with the page. */
  constructor(endpoint: string, events: ConnectionEvents, steers: boolean) {
    this.#events = events;
    // Offered from the start: WHEP knows no second offer.
    if (steers) this.#input = this.#peer.createDataChannel(INPUT_CHANNEL);
    for (const kind of ["video", "audio"] as const) {
      const { receiver } = this.#peer.addTransceiver(kind, { direction: "recvonly" });
      minimiseJitterBuffer(receiver);
      this.stream.addTrack(receiver.track);
    }
    this.#peer.addEventListener("connectionstatechange", () => this.#stateChanged());
    this.#open(endpoint).catch((thrown: unknown) => this.#lost(thrown));
  }

  /** The channel for input; one that was closed is opened anew, which takes no offer. `null`: it has none. */
  inputChannel(): RTCDataChannel | null {
    if (!this.#input || this.#closed) return null;
    const over = this.#input.readyState === "closed" || this.#input.readyState === "closing";
    if (over && this.#peer.connectionState === "connected") this.#input = this.#peer.createDataChannel(INPUT_CHANNEL);
    return this.#input;
  }

  /** The browser's own statistics of it. */
  stats(): Promise<RTCStatsReport> {
    return this.#peer.getStats();
  }

  /** Closes it, and tells the host so. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#peer.close();
    if (this.#session) closeSession(this.#session);
  }

  async #open(endpoint: string): Promise<void> {
    const peer = this.#peer;
    const late: RTCIceCandidate[] = [];
    const [servers, offer] = await Promise.all([iceServers(endpoint), peer.createOffer()]);
    if (this.#closed) return;
    if (servers.length > 0) peer.setConfiguration({ bundlePolicy: "max-bundle", iceServers: servers });
    await peer.setLocalDescription({ type: "offer", sdp: withStereo(offer.sdp ?? "") });
    const gathered = gatheringComplete(peer);
    await Promise.race([gathered, sleep(GATHERING)]);
    if (this.#closed) return;
    peer.addEventListener("icecandidate", ({ candidate }) => {
      if (candidate?.candidate) late.push(candidate);
    });
    const session = await openSession(endpoint, peer.localDescription?.sdp ?? "");
    if (this.#closed) {
      closeSession(session);
      return;
    }
    this.#session = session;
    await peer.setRemoteDescription({ type: "answer", sdp: withoutSync(session.answer) });
    if (this.#closed) return;
    this.#watchTransport();
    this.#events.onAnswered();
    await gathered;
    if (!this.#closed) await sendCandidates(session, late);
  }

  /** A DTLS close of the other side shows here at once, in the connection's own state only five seconds later. */
  #watchTransport(): void {
    const transport = this.#peer.getReceivers().find((receiver) => receiver.transport)?.transport;
    transport?.addEventListener("statechange", () => {
      if (transport.state === "closed") this.#lost("the other side closed the connection");
    });
  }

  #stateChanged(): void {
    const { connectionState } = this.#peer;
    clearTimeout(this.#timer);
    if (connectionState === "failed" || connectionState === "closed") this.#lost(`the connection ${connectionState}`);
    else if (connectionState === "disconnected") {
      this.#timer = setTimeout(() => this.#lost("the connection was lost"), DISCONNECTED);
    }
  }

  #lost(reason: unknown): void {
    if (this.#closed) return;
    this.close();
    this.#events.onLost(reason);
  }
}

/** Asks for the smallest jitter buffer; the browser enlarges it by itself where frames arrive unevenly. */
function minimiseJitterBuffer(receiver: RTCRtpReceiver): void {
  // Older Chromes only know their own name for it, in seconds.
  const known: { jitterBufferTarget?: number | null; playoutDelayHint?: number | null } = receiver;
  if (known.jitterBufferTarget !== undefined) known.jitterBufferTarget = 0;
  else if (known.playoutDelayHint !== undefined) known.playoutDelayHint = 0;
}

/** The SDP with stereo Opus: Chrome asks for mono unless told otherwise (RFC 7587, section 7). */
export function withStereo(sdp: string): string {
  const payload = /^a=rtpmap:(\d+) opus\//im.exec(sdp)?.[1];
  if (payload === undefined || new RegExp(`^a=fmtp:${payload} .*stereo=1`, "m").test(sdp)) return sdp;
  return sdp.replace(new RegExp(`^(a=fmtp:${payload} [^\\r\\n]*)`, "m"), "$1;stereo=1;sprop-stereo=1");
}

/** The SDP without the stream id that video and audio share: to keep both in sync, Chrome would delay the video. */
export function withoutSync(sdp: string): string {
  return sdp.replace(/^(a=(?:ssrc:\d+ )?msid:)\S+/gm, "$1-");
}

function gatheringComplete(peer: RTCPeerConnection): Promise<void> {
  if (peer.iceGatheringState === "complete") return Promise.resolve();
  return new Promise((resolve) => {
    const changed = () => {
      // A closed connection gathers no more; the caller checks for that.
      if (peer.iceGatheringState !== "complete" && peer.signalingState !== "closed") return;
      peer.removeEventListener("icegatheringstatechange", changed);
      resolve();
    };
    peer.addEventListener("icegatheringstatechange", changed);
  });
}
