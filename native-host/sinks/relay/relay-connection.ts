// One connection of the relay, by node-datachannel: answers an offer with its candidates, and tells how it is doing.
import type { DataChannel, PeerConnection, Track } from "node-datachannel";
import { sleep } from "../../../protocol/async.ts";
import type { Candidate, IceServer } from "../../../protocol/native-messages.ts";
import { libraryServers } from "./ice-servers.ts";
import type { WebRtcLibrary } from "./library.ts";
import { answerLines, type OfferPlan, type TrackPlan } from "./track-plan.ts";

/** ms for which candidates are waited for: on a machine without STUN servers they are there at once. */
const GATHERING = 1_500;

/** What a {@link RelayConnection} needs. */
export interface RelayConnectionOptions {
  readonly library: WebRtcLibrary;
  readonly name: string;
  readonly ice_servers: readonly IceServer[];
  /** The address of this machine by which alone media go; `null`: any. */
  readonly address: string | null;
  readonly onState: (state: string) => void;
  readonly onChannel?: (channel: DataChannel) => void;
}

/** How a track is described in the answer. */
export interface TrackSide {
  readonly direction: "SendOnly" | "RecvOnly";
  /** More parameters of its format. */
  readonly parameters?: string;
  /** Only where it is sent. */
  readonly ssrc?: number;
}

/** A connection. */
export class RelayConnection {
  readonly #connection: PeerConnection;
  readonly #library: WebRtcLibrary;
  /** Kept, since the library's tracks live as long as these. */
  readonly #tracks: Track[] = [];
  #gathered = () => {};
  #closed = false;

  constructor({ library, name, ice_servers, address, onState, onChannel }: RelayConnectionOptions) {
    this.#library = library;
    this.#connection = new library.PeerConnection(name, {
      iceServers: libraryServers(ice_servers),
      ...(address === null ? {} : { bindAddress: address }),
    });
    this.#connection.onStateChange((state) => {
      if (!this.#closed) onState(state);
    });
    this.#connection.onGatheringStateChange((state) => {
      if (state === "complete") this.#gathered();
    });
    if (onChannel) this.#connection.onDataChannel(onChannel);
  }

  /** Adds a track for a section of the offer; before `answer`. */
  addTrack(plan: TrackPlan, side: TrackSide, onMessage: (data: Buffer) => void, onOpen?: () => void): Track {
    const { Video, Audio } = this.#library;
    const format = [plan.format, side.parameters].filter(Boolean).join(";");
    const media = plan.kind === "video" ? new Video(plan.mid, side.direction) : new Audio(plan.mid, side.direction);
    if (media instanceof Video) media.addVideoCodec(plan.payload_type, "H264", format);
    else media.addOpusCodec(plan.payload_type, format);
    for (const line of answerLines(plan)) media.parseSdpLine(line);
    if (side.ssrc !== undefined) media.addSSRC(side.ssrc, STREAM_NAME, STREAM_NAME, plan.kind);
    const track = this.#connection.addTrack(media);
    track.onMessage((data) => {
      if (!this.#closed) onMessage(data);
    });
    if (onOpen) track.onOpen(() => !this.#closed && onOpen());
    this.#tracks.push(track);
    return track;
  }

  /** The answer, with all candidates. Rejects where the library can't make one. */
  async answer({ bare_offer, candidates, unused }: OfferPlan): Promise<string> {
    const { Video, Audio } = this.#library;
    for (const { mid, kind } of unused) {
      this.#tracks.push(this.#connection.addTrack(new (kind === "video" ? Video : Audio)(mid, "Inactive")));
    }
    const gathered = new Promise<void>((resolve) => {
      this.#gathered = resolve;
    });
    this.#connection.setRemoteDescription(bare_offer, "offer");
    for (const { mid, candidate } of candidates) this.#addCandidate(candidate, mid);
    if (this.#connection.gatheringState() !== "complete") await Promise.race([gathered, sleep(GATHERING)]);
    const sdp = this.#connection.localDescription()?.sdp;
    if (this.#closed || sdp === undefined) throw new Error("it was closed");
    return sdp;
  }

  /** Takes candidates that came after the offer. */
  addCandidates(candidates: readonly Candidate[]): void {
    for (const { candidate, sdpMid } of candidates) this.#addCandidate(candidate, sdpMid ?? "0");
  }

  /** What can't be used, of a name that nobody knows perhaps, is left out: the other side finds us by ours. */
  #addCandidate(candidate: string, mid: string): void {
    if (this.#closed) return;
    try {
      this.#connection.addRemoteCandidate(candidate, mid);
    } catch {
      // see above
    }
  }

  /** Ends it; the other side learns of it. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#gathered();
    this.#connection.close();
  }
}

/** What sound and picture are said to belong to: WHEP wants one stream, and clients play `event.streams[0]`. */
export const STREAM_NAME = "flybrowser";
