// One captured tab in the relay: the connection by which its one encoding comes from the capturing document, and the viewers that get it.
import { randomInt } from "node:crypto";
import type { DataChannel, Track } from "node-datachannel";
import { FlyBrowserError, wordsOf } from "../../../protocol/errors.ts";
import type { Candidate, IceServer } from "../../../protocol/native-messages.ts";
import { RELAY_SILENT } from "../../../protocol/relay-messages.ts";
import { sentence } from "../../../protocol/sentence.ts";
import { KeyframeRequests } from "./keyframe-requests.ts";
import type { WebRtcLibrary } from "./library.ts";
import { RecentPackets } from "./recent-packets.ts";
import { TrackReception } from "./reception.ts";
import { RelayConnection } from "./relay-connection.ts";
import { type RelayCounts, RelayViewer } from "./relay-viewer.ts";
import { negativeAcknowledgement, pictureLoss, readRtcp, receiverReport } from "./rtcp.ts";
import { isRtcp, type RtpPacket, readRtp } from "./rtp.ts";
import { planOf, type TrackPlan } from "./track-plan.ts";

/** ms between two reports to the source: often enough that its encoder has its bitrate at once. */
const REPORT_EVERY = 250;
/** Viewers at a time: a bound against a host gone wrong. */
const MOST_VIEWERS = 256;
/** bit/s for the sound and its headers, on top of the video. */
const SOUND = 150_000;
/** Sender reports whose time of sending is kept. */
const REPORTS_KEPT = 16;

/** What a {@link RelaySource} needs. */
export interface RelaySourceOptions {
  readonly library: WebRtcLibrary;
  readonly stream_id: string;
  /** bit/s of the video at most. */
  readonly video_bitrate: number;
  /** Whether this process is behind. */
  readonly overloaded: () => boolean;
  /** The document speaks by it. */
  readonly onChannel: (channel: DataChannel) => void;
  readonly onViewerClosed: (viewer_id: string, reason: string) => void;
  /** A viewer has opened its channel for input. */
  readonly onInput: (channel: DataChannel) => void;
  /** Called once, when it is over. */
  readonly onClosed: (reason: string) => void;
}

/** A viewer that wants in. */
export interface ViewerRequest {
  readonly viewer_id: string;
  readonly offer: string;
  readonly ice_servers: readonly IceServer[];
  readonly address: string | null;
}

/** The tab. */
export class RelaySource {
  readonly #options: RelaySourceOptions;
  readonly #connection: RelayConnection;
  readonly #own = randomInt(1, 2 ** 32);
  readonly #viewers = new Map<string, RelayViewer>();
  readonly #recent = new RecentPackets();
  readonly #receptions = { video: new TrackReception(), audio: new TrackReception() };
  readonly #keyframes = new KeyframeRequests(() => this.#askForKeyframe());
  /** When sender reports were sent on, by the middle of their time. */
  readonly #reports = new Map<number, number>();
  /** Of the viewers that have left. */
  readonly #before: RelayCounts = { dropped_frames: 0, packets_again: 0 };
  readonly #timer: ReturnType<typeof setInterval>;
  /** bit/s of video at most. */
  #bitrate: number;
  #track: Track | null = null;
  #heardAt = performance.now();
  #closed = false;

  constructor(options: RelaySourceOptions) {
    this.#options = options;
    this.#bitrate = options.video_bitrate;
    this.#connection = new RelayConnection({
      ...{ library: options.library, name: options.stream_id, ice_servers: [] },
      // The document is on this machine. Elsewhere than on Linux, a socket of another address can't reach this one.
      address: process.platform === "linux" ? "127.0.0.1" : null,
      onState: (state) => {
        if (state === "failed" || state === "closed") this.close(`the connection of the document ${state}`);
      },
      onChannel: options.onChannel,
    });
    this.#timer = setInterval(() => this.#tick(), REPORT_EVERY);
  }

  /** The answer to the document's offer. Rejects where it is of no use. */
  async answer(offer: string): Promise<string> {
    const plan = planOf(offer, "sends");
    if (!plan.video) throw new Error("the document offers no H.264");
    const start = Math.round(this.#bitrate / 1_000);
    this.#track = this.#take(plan.video, `x-google-start-bitrate=${start}`);
    if (plan.audio) this.#take(plan.audio, "stereo=1");
    const answer = await this.#connection.answer(plan);
    // Feedback that we don't give must not be promised: without it Chrome's encoder goes down to nothing.
    return answer.replace(/^a=rtcp-fb:\S+ transport-cc\r?\n/gm, "");
  }

  /** How many watch. */
  get viewer_count(): number {
    return this.#viewers.size;
  }

  /** What was left out for its viewers, and sent again, so far. */
  get counts(): RelayCounts {
    const all = [this.#before, ...[...this.#viewers.values()].map(({ counts }) => counts)];
    const sum = (name: keyof RelayCounts) => all.reduce((total, each) => total + each[name], 0);
    return { dropped_frames: sum("dropped_frames"), packets_again: sum("packets_again") };
  }

  /**
   * Lets a viewer in; gives the answer to its offer, `null`: it takes no H.264.
   * @throws FlyBrowserError `webrtc_offer_invalid`, `viewers_full`
   */
  async openViewer({ viewer_id, offer, ice_servers, address }: ViewerRequest): Promise<string | null> {
    if (this.#viewers.size >= MOST_VIEWERS) throw new FlyBrowserError("viewers_full", { limit: MOST_VIEWERS });
    this.#viewers.get(viewer_id)?.close("another one has its id");
    const { library, onViewerClosed, onInput } = this.#options;
    const viewer: RelayViewer = new RelayViewer({
      ...{ library, viewer_id, ice_servers, address, onInput, recent: this.#recent },
      video_bitrate: this.#bitrate,
      sinceReport: (middle) => {
        const at = this.#reports.get(middle);
        return at === undefined ? null : performance.now() - at;
      },
      onWish: (wish) => this.#keyframes.ask(wish),
      onClosed: (reason) => {
        if (this.#viewers.get(viewer_id) !== viewer) return;
        this.#viewers.delete(viewer_id);
        this.#before.dropped_frames += viewer.counts.dropped_frames;
        this.#before.packets_again += viewer.counts.packets_again;
        onViewerClosed(viewer_id, reason);
      },
    });
    this.#viewers.set(viewer_id, viewer);
    try {
      const answer = await viewer.answer(offer);
      if (answer === null) {
        this.#viewers.delete(viewer_id);
        viewer.close("it takes no H.264");
      }
      return answer;
    } catch (thrown) {
      this.#viewers.delete(viewer_id);
      viewer.close("its offer could not be answered");
      const reason = wordsOf(thrown) || sentence("offer.no_codec");
      throw new FlyBrowserError("webrtc_offer_invalid", { reason }, { cause: thrown });
    }
  }

  addCandidates(viewer_id: string, candidates: readonly Candidate[]): void {
    this.#viewers.get(viewer_id)?.addCandidates(candidates);
  }

  /** Ends one viewer. Idempotent. */
  closeViewer(viewer_id: string): void {
    this.#viewers.get(viewer_id)?.close("it was ended");
  }

  /** The document has said something. */
  heard(): void {
    this.#heardAt = performance.now();
  }

  /** Ends it with all its viewers. Idempotent. */
  close(reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#timer);
    this.#keyframes.close();
    for (const viewer of [...this.#viewers.values()]) viewer.close("the stream ends");
    this.#connection.close();
    this.#options.onClosed(reason);
  }

  #take(plan: TrackPlan, parameters: string): Track {
    const { kind } = plan;
    return this.#connection.addTrack(plan, { direction: "RecvOnly", parameters }, (data) => {
      this.#heardAt = performance.now();
      if (isRtcp(data)) this.#time(kind, data);
      else this.#packet(kind, data);
    });
  }

  #packet(kind: TrackPlan["kind"], data: Buffer): void {
    const packet = readRtp(data);
    if (!packet) return;
    const gap = this.#receptions[kind].take(packet);
    if (kind === "audio") {
      for (const viewer of this.#viewers.values()) viewer.audio(packet);
      return;
    }
    if (gap) this.#say(negativeAcknowledgement(this.#own, packet.ssrc, gap.first, gap.count));
    this.#recent.add(packet);
    if (packet.begins_group) this.#keyframes.came();
    this.#forward(packet);
  }

  #forward(packet: RtpPacket): void {
    const [now, overloaded] = [this.#heardAt, this.#options.overloaded()];
    for (const viewer of this.#viewers.values()) viewer.video(packet, now, overloaded);
  }

  #time(kind: TrackPlan["kind"], data: Buffer): void {
    for (const report of readRtcp(data).sender_reports) {
      const reception = this.#receptions[kind];
      if (report.ssrc !== reception.ssrc) continue;
      reception.reported(report, this.#heardAt);
      if (kind === "video") this.#remember(report.middle);
      for (const viewer of this.#viewers.values()) viewer.time(kind, report);
    }
  }

  #remember(middle: number): void {
    this.#reports.set(middle, this.#heardAt);
    const [oldest] = this.#reports.keys();
    if (this.#reports.size > REPORTS_KEPT && oldest !== undefined) this.#reports.delete(oldest);
  }

  #tick(): void {
    const now = performance.now();
    if (now - this.#heardAt > RELAY_SILENT) {
      this.close("the document went silent");
      return;
    }
    for (const viewer of [...this.#viewers.values()]) viewer.check(now);
    const { video, audio } = this.#receptions;
    const receptions = [video.read(now), audio.read(now)].filter((one) => one !== null);
    if (receptions.length > 0) this.#say(receiverReport(this.#own, receptions, this.#wanted() + SOUND));
    if ([...this.#viewers.values()].some(({ wants_keyframe }) => wants_keyframe)) this.#keyframes.ask("join");
  }

  /** Video has so many bit/s at most from now on. */
  become(video_bitrate: number): void {
    this.#bitrate = video_bitrate;
    for (const { line } of this.#viewers.values()) line.become(video_bitrate);
  }

  /** bit/s of video: what the best line takes, so that nobody is slowed by another one. */
  #wanted(): number {
    const lines = [...this.#viewers.values()].map(({ line }) => line.bitrate);
    return lines.length > 0 ? Math.max(...lines) : this.#bitrate;
  }

  #askForKeyframe(): void {
    const { ssrc } = this.#receptions.video;
    if (ssrc !== null) this.#say(pictureLoss(this.#own, ssrc));
  }

  #say(data: Buffer): void {
    try {
      if (this.#track?.isOpen()) this.#track.sendMessageBinary(data);
    } catch {
      // It is about to close, and tells so itself.
    }
  }
}
