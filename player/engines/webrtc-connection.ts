// One connection by WebRTC from offer to end. Made anew for each attempt; never decides whether there is another.
import { closeSession, iceServers, openSession, sendCandidates, type WhepSession } from "./whep-client.ts";

/** ms for which candidates are waited for before the offer goes out; later ones follow it. */
const GATHERING = 300;
/** ms for which a connection that was lost may come back by itself. */
const DISCONNECTED = 3_000;

/** What a connection tells. Nothing comes after `close`. */
export interface ConnectionEvents {
  /** Both sides have answered; media may come from now on. */
  readonly onAnswered: () => void;
  /** It is over, or never came about. */
  readonly onLost: (reason: unknown) => void;
}

/** A connection that receives one picture and one sound. */
export class WebRtcConnection {
  readonly stream = new MediaStream();
  readonly #peer = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
  readonly #events: ConnectionEvents;
  #session: WhepSession | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(endpoint: string, events: ConnectionEvents) {
    this.#events = events;
    for (const kind of ["video", "audio"] as const) {
      const { receiver } = this.#peer.addTransceiver(kind, { direction: "recvonly" });
      soonest(receiver);
      this.stream.addTrack(receiver.track);
    }
    this.#peer.addEventListener("connectionstatechange", () => this.#changed());
    this.#open(endpoint).catch((thrown: unknown) => this.#lost(thrown));
  }

  /** What was measured of it. */
  stats(): Promise<RTCStatsReport> {
    return this.#peer.getStats();
  }

  /** Ends it, and says so to the host. Idempotent. */
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
    const gathered = gathering(peer);
    await Promise.race([gathered, new Promise((resolve) => setTimeout(resolve, GATHERING))]);
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
    await peer.setRemoteDescription({ type: "answer", sdp: apart(session.answer) });
    if (this.#closed) return;
    this.#watchGoodbye();
    this.#events.onAnswered();
    await gathered;
    if (!this.#closed) await sendCandidates(session, late);
  }

  /** The other side says by DTLS that it closes; the connection's own state tells that five seconds later. */
  #watchGoodbye(): void {
    const transport = this.#peer.getReceivers().find((receiver) => receiver.transport)?.transport;
    transport?.addEventListener("statechange", () => {
      if (transport.state === "closed") this.#lost("the other side closed the connection");
    });
  }

  #changed(): void {
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

/** Asks for the smallest buffer that the line allows; the browser raises it by itself where pictures come unevenly. */
function soonest(receiver: RTCRtpReceiver): void {
  // Before the standard's name came, Chrome had one of its own, in seconds.
  const known: { jitterBufferTarget?: number | null; playoutDelayHint?: number | null } = receiver;
  if (known.jitterBufferTarget !== undefined) known.jitterBufferTarget = 0;
  else if (known.playoutDelayHint !== undefined) known.playoutDelayHint = 0;
}

/** Chrome asks for one channel of sound unless it is told otherwise. */
export function withStereo(sdp: string): string {
  const payload = /^a=rtpmap:(\d+) opus\//im.exec(sdp)?.[1];
  if (payload === undefined || new RegExp(`^a=fmtp:${payload} .*stereo=1`, "m").test(sdp)) return sdp;
  return sdp.replace(new RegExp(`^(a=fmtp:${payload} [^\\r\\n]*)`, "m"), "$1;stereo=1;sprop-stereo=1");
}

/** Without the name of the stream that picture and sound have in common, for which Chrome would hold the picture back. */
export function apart(sdp: string): string {
  return sdp.replace(/^(a=(?:ssrc:\d+ )?msid:)\S+/gm, "$1-");
}

function gathering(peer: RTCPeerConnection): Promise<void> {
  if (peer.iceGatheringState === "complete") return Promise.resolve();
  return new Promise((resolve) => {
    const changed = () => {
      // A connection that is closed gathers no more; whoever waits checks that.
      if (peer.iceGatheringState !== "complete" && peer.signalingState !== "closed") return;
      peer.removeEventListener("icegatheringstatechange", changed);
      resolve();
    };
    peer.addEventListener("icegatheringstatechange", changed);
  });
}
