// One viewer of a relayed stream: its connection, which packets it gets under which numbers, and when it is taken for gone.
import { randomInt } from "node:crypto";
import type { DataChannel, Track } from "node-datachannel";
import { INPUT_CHANNEL } from "../../../protocol/control-messages.ts";
import type { Candidate, IceServer } from "../../../protocol/native-messages.ts";
import type { KeyframeWish } from "./keyframe-requests.ts";
import type { WebRtcLibrary } from "./library.ts";
import { Numbering } from "./numbering.ts";
import type { RecentPackets } from "./recent-packets.ts";
import { RelayConnection, STREAM_NAME } from "./relay-connection.ts";
import { delayAnswer, type RtcpNews, readRtcp, type SenderReport, senderReport } from "./rtcp.ts";
import { isRtcp, type RtpPacket, renumber } from "./rtp.ts";
import { planOf, type TrackPlan } from "./track-plan.ts";
import { ViewerLine } from "./viewer-line.ts";

/** ms from the answer to the first connection. */
const CONNECTING = 15_000;
/** ms without a report: browsers send one a second for video, the slowest of others one in five (RFC 3550, 6.2). */
const SILENT = 10_000;
/** Packets that are sent again within {@link AGAIN_WITHIN} ms at most. */
const MOST_AGAIN = 200;
const AGAIN_WITHIN = 500;

/** What a {@link RelayViewer} needs. */
export interface RelayViewerOptions {
  readonly library: WebRtcLibrary;
  readonly viewer_id: string;
  readonly ice_servers: readonly IceServer[];
  readonly address: string | null;
  /** bit/s of the video. */
  readonly video_bitrate: number;
  readonly recent: RecentPackets;
  /** ms since a sender report, named by the middle of its time, was sent on; `null`: it is forgotten. */
  readonly sinceReport: (middle: number) => number | null;
  readonly onWish: (wish: KeyframeWish) => void;
  /** It has opened its channel for input. */
  readonly onInput: (channel: DataChannel) => void;
  /** Called once, when it is over. */
  readonly onClosed: (reason: string) => void;
}

/** What was left out for viewers, and sent to them again. */
export interface RelayCounts {
  dropped_frames: number;
  packets_again: number;
}

interface Side {
  readonly plan: TrackPlan;
  readonly track: Track;
  readonly ssrc: number;
  open: boolean;
}

/** The connection to one viewer. */
export class RelayViewer {
  readonly counts: RelayCounts = { dropped_frames: 0, packets_again: 0 };
  readonly line: ViewerLine;
  readonly #options: RelayViewerOptions;
  readonly #connection: RelayConnection;
  readonly #numbering = new Numbering();
  #video: Side | null = null;
  #audio: Side | null = null;
  /** Kept, since the library's channels live as long as these. */
  #input: DataChannel | null = null;
  /** It gets nothing of the video until a group of pictures begins. */
  #waits = true;
  #begun = false;
  #again = { since: 0, count: 0 };
  #heardAt: number;
  #connected = false;
  #closed = false;

  constructor(options: RelayViewerOptions) {
    this.#options = options;
    this.line = new ViewerLine(options.video_bitrate);
    this.#heardAt = performance.now();
    this.#connection = new RelayConnection({
      ...options,
      name: options.viewer_id,
      onState: (state) => this.#changed(state),
      onChannel: (channel) => this.#channelOpened(channel),
    });
  }

  /** Whether a picture is owed to it: it is connected, its line has room, and it waits for a group to begin. */
  get wants_keyframe(): boolean {
    return this.#video?.open === true && this.#waits && this.line.takes(performance.now());
  }

  /** The answer to its offer; `null`: there is nothing in it that we send. Rejects where the offer is of no use. */
  async answer(offer: string): Promise<string | null> {
    const plan = planOf(offer, "receives");
    if (!plan.video) return null;
    this.#video = this.#add(plan.video);
    if (plan.audio) this.#audio = this.#add(plan.audio);
    const answer = await this.#connection.answer(plan);
    this.#heardAt = performance.now();
    // Its line is judged by its reports: the browser's own estimate knows nothing of a page that stood still until now.
    return answer.replace(/^a=rtcp-fb:\S+ goog-remb\r?\n/gm, "");
  }

  addCandidates(candidates: readonly Candidate[]): void {
    this.#connection.addCandidates(candidates);
  }

  /** Sends a packet of the video on. `overloaded`: this process is behind, and nobody gets anything. */
  video(packet: RtpPacket, now: number, overloaded: boolean): void {
    const side = this.#video;
    if (!side?.open) return;
    if (overloaded || !this.line.takes(now)) this.#waits = true;
    else if (this.#waits && packet.begins_group) {
      this.#waits = false;
      this.#numbering.resume(packet.sequence);
    }
    if (this.#waits) {
      if (packet.marker && this.#begun) this.counts.dropped_frames++;
      return;
    }
    this.#begun = true;
    const sequence = this.#numbering.next(packet.sequence);
    if (sequence === null) return;
    this.#send(side, packet, sequence);
    this.line.sent(packet.data.length, now);
  }

  /** Sends a packet of the sound on. */
  audio(packet: RtpPacket): void {
    if (this.#audio?.open) this.#send(this.#audio, packet, packet.sequence);
  }

  /** Sends on what the source says of the time of a track: by it sound and picture are kept together. */
  time(kind: "video" | "audio", report: SenderReport): void {
    const side = kind === "video" ? this.#video : this.#audio;
    if (side?.open) this.#write(side, senderReport(report, side.ssrc, STREAM_NAME));
  }

  /** Ends it where nothing was heard of it for too long. */
  check(now: number): void {
    if (now - this.#heardAt <= (this.#connected ? SILENT : CONNECTING)) return;
    this.close(this.#connected ? "it went silent" : "it did not connect");
  }

  /** Ends the connection; the other side learns of it. Idempotent. */
  close(reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#video) this.#video.open = false;
    if (this.#audio) this.#audio.open = false;
    this.#connection.close();
    this.#options.onClosed(reason);
  }

  #add(plan: TrackPlan): Side {
    const ssrc = randomInt(1, 2 ** 32);
    const opened = () => {
      side.open = !this.#closed;
      if (side.open && plan.kind === "video") this.#options.onWish("join");
    };
    const track = this.#connection.addTrack(plan, { direction: "SendOnly", ssrc }, (data) => this.#heard(data), opened);
    const side: Side = { plan, track, ssrc, open: false };
    return side;
  }

  /** One for input is all that a viewer may have; the next takes the place of the one before. */
  #channelOpened(channel: DataChannel): void {
    if (this.#closed || channel.getLabel() !== INPUT_CHANNEL) {
      channel.close();
      return;
    }
    this.#input?.close();
    this.#input = channel;
    this.#options.onInput(channel);
  }

  #changed(state: string): void {
    if (state === "connected") {
      this.#connected = true;
      this.#heardAt = performance.now();
    } else if (state === "failed" || state === "closed") this.close(`its connection ${state}`);
  }

  #heard(data: Buffer): void {
    if (!isRtcp(data)) return;
    const now = performance.now();
    this.#heardAt = now;
    const news = readRtcp(data);
    const side = this.#video;
    if (!side) return;
    for (const time of news.times) this.#write(side, delayAnswer(side.ssrc, time));
    for (const { ssrc, sequences } of news.missing) if (ssrc === side.ssrc) this.#sendAgain(side, sequences, now);
    if (news.keyframes.includes(side.ssrc)) this.#options.onWish("repair");
    this.#judge(news, side, now);
  }

  #judge({ reports }: RtcpNews, side: Side, now: number): void {
    for (const { ssrc, lost, last_report, delay } of reports) {
      if (ssrc !== side.ssrc) continue;
      const since = last_report === 0 ? null : this.#options.sinceReport(last_report);
      this.line.report({ lost, round_trip: since === null ? null : Math.max(0, since - delay) }, now);
    }
  }

  #sendAgain(side: Side, sequences: readonly number[], now: number): void {
    if (now - this.#again.since > AGAIN_WITHIN) this.#again = { since: now, count: 0 };
    for (const sequence of sequences) {
      const source = this.#numbering.source(sequence);
      const packet = source === null ? undefined : this.#options.recent.find(source);
      if (!packet || this.#again.count >= MOST_AGAIN) continue;
      this.#again.count++;
      this.counts.packets_again++;
      this.#send(side, packet, sequence);
    }
  }

  #send({ plan, track, ssrc }: Side, packet: RtpPacket, sequence: number): void {
    const { payload_type, extension_id } = plan;
    this.#write({ track }, renumber(packet, { payload_type, ssrc, sequence, extension_id }));
  }

  #write({ track }: Pick<Side, "track">, data: Buffer): void {
    try {
      track.sendMessageBinary(data);
    } catch (thrown) {
      this.close(`it can't be sent to: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
    }
  }
}
