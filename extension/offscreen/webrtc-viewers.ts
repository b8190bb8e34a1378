// The viewers by WebRTC of one capture: those of the relay share an encoder, each other has one of its own. How they are signalled, and how
// many there may be, is the host's to know.
import { FlyBrowserError } from "../../protocol/errors.ts";
import type { Candidate, ColourMatrix, IceServer, Viewer } from "../../protocol/native-messages.ts";
import { type LabelledTrack, labelTrack } from "./labelled-track.ts";
import { WebRtcRelay } from "./webrtc-relay.ts";
import { limitsOf, type MediaLimits, type ViewerMedia, WebRtcViewer } from "./webrtc-viewer.ts";

/**
 * Against its name the best for letters: with `detail` or `text` Chrome's H.264 encoder takes its mode for shared
 * screens, which never goes below a quantizer of 26; this one went to 12 on the same page, in less time.
 */
export const CONTENT_HINT = "motion";
/** A bound against a host gone wrong; its own limit is far lower. */
const MAX_VIEWERS = 256;
/** Of them, beside a relay, those who take nothing that it sends: each costs an encoder. */
const MAX_ENCODERS = 4;
/** ms for which the relay is kept after its last viewer, who may only have loaded the page anew. */
const LINGER = 5_000;

/** What {@link WebRtcViewers} needs. */
export interface ViewersOptions {
  /** The capture's own tracks, at the beginning. */
  readonly stream: MediaStream;
  readonly request: MediaLimits;
  /** Of which the pixels are, as far as is known now. */
  readonly matrix: () => ColourMatrix;
  /** A viewer came or went. */
  readonly onChange: (viewers: readonly Viewer[]) => void;
}

/** How the media of a viewer may go. */
export interface ViewerWays {
  readonly ice_servers: readonly IceServer[];
  /** The address of this machine by which alone the relay may send; left out: any. */
  readonly address?: string | undefined;
}

/** All viewers. */
export class WebRtcViewers {
  readonly #options: ViewersOptions;
  /** With an encoder of their own. */
  readonly #viewers = new Map<string, WebRtcViewer>();
  /** By the relay. */
  readonly #relayed = new Map<string, Viewer>();
  #relay: WebRtcRelay | null = null;
  #linger: ReturnType<typeof setTimeout> | undefined;
  /** A copy of the video track for all viewers, while there are any: the hint must not reach the recorder's track. */
  #video: LabelledTrack | null = null;
  #closed = false;
  #stream: MediaStream;
  #limits: MediaLimits;

  constructor(options: ViewersOptions) {
    this.#options = options;
    this.#stream = options.stream;
    this.#limits = options.request;
  }

  /** Those that are there. */
  get list(): Viewer[] {
    return [...[...this.#viewers.values()].map(({ viewer }) => viewer), ...this.#relayed.values()];
  }

  /**
   * Begins a connection to the relay, unless there is one (`null`); gives its offer.
   * @throws FlyBrowserError `no_active_stream`, `capture_failed`
   */
  async openRelay(): Promise<{ offer: string; video_bitrate: number } | null> {
    if (this.#relay?.open) return null;
    this.#relay?.close("another attempt is made");
    const relay: WebRtcRelay = new WebRtcRelay({
      media: this.#media(),
      onViewerClosed: (viewer_id) => this.#relayedLeft(viewer_id),
      onClosed: () => this.#relayClosed(relay),
    });
    this.#relay = relay;
    return { offer: await relay.offer(), video_bitrate: this.#limits.video_bitrate };
  }

  /** Takes the relay's answer; resolves when viewers can be opened by it. @throws FlyBrowserError `webrtc_answer_invalid`, `no_active_stream` */
  async answerRelay(answer: string): Promise<void> {
    if (!this.#relay) throw new FlyBrowserError("no_active_stream");
    await this.#relay.answer(answer);
    this.#lingerIfEmpty();
  }

  /** The relay has gone. Idempotent. */
  closeRelay(): void {
    this.#relay?.close("it has gone");
  }

  /**
   * Lets a viewer in; gives the answer to its offer.
   * @throws FlyBrowserError `webrtc_offer_invalid`, `no_active_stream`, `viewers_full`
   */
  async open(viewer: Viewer, offer: string, ways: ViewerWays): Promise<string> {
    const answer = await this.#openByRelay(viewer, offer, ways);
    if (answer !== null) return answer;
    const limit = this.#relay ? MAX_ENCODERS : MAX_VIEWERS;
    if (this.#viewers.size >= limit) throw new FlyBrowserError("viewers_full", { limit });
    this.close(viewer.viewer_id);
    const opened: WebRtcViewer = new WebRtcViewer({
      viewer,
      ice_servers: ways.ice_servers,
      media: this.#media(),
      onClosed: () => this.#left(opened),
    });
    this.#viewers.set(viewer.viewer_id, opened);
    this.#options.onChange(this.list);
    return opened.answer(offer);
  }

  /** All go on with the tracks of another capture, within its limits. */
  async moveTo(stream: MediaStream, limits: MediaLimits): Promise<void> {
    this.#stream = stream;
    this.#limits = limits;
    const [source] = stream.getVideoTracks();
    const before = this.#video;
    if (!before || !source) return;
    const next = this.#label(source);
    this.#video = next;
    const { track: video } = next;
    const audio = stream.getAudioTracks()[0] ?? null;
    const all = [...this.#viewers.values(), ...(this.#relay ? [this.#relay] : [])];
    await Promise.all(all.map((each) => each.show({ ...limitsOf(limits), video, audio })));
    before.close();
  }

  /** Hands on candidates; those of a viewer that isn't there are of no use. */
  async addCandidates(viewer_id: string, candidates: readonly Candidate[]): Promise<void> {
    await this.#viewers.get(viewer_id)?.addCandidates(candidates);
    if (this.#relayed.has(viewer_id)) await this.#relay?.addCandidates(viewer_id, candidates);
  }

  /** Ends one viewer. Idempotent. */
  close(viewer_id: string): void {
    this.#viewers.get(viewer_id)?.close("it was ended");
    if (!this.#relayed.has(viewer_id)) return;
    this.#relay?.closeViewer(viewer_id);
    this.#relayedLeft(viewer_id);
  }

  /** Ends all, and lets nobody in any more. Idempotent. */
  end(): void {
    this.#closed = true;
    this.closeAll();
  }

  /** Ends all that are there. */
  closeAll(): void {
    for (const viewer of [...this.#viewers.values()]) viewer.close("the stream ends");
    this.#relay?.close("the stream ends");
  }

  /** What is sent. @throws FlyBrowserError `no_active_stream` */
  #media(): ViewerMedia {
    const [source] = this.#stream.getVideoTracks();
    if (this.#closed || source?.readyState !== "live") throw new FlyBrowserError("no_active_stream");
    this.#video ??= this.#label(source);
    const audio = this.#stream.getAudioTracks()[0] ?? null;
    return { video: this.#video.track, audio, ...limitsOf(this.#limits) };
  }

  /** The relay's answer; `null`: it can't be asked, or the viewer takes nothing that it sends. */
  async #openByRelay(viewer: Viewer, offer: string, { ice_servers, address }: ViewerWays): Promise<string | null> {
    const relay = this.#relay;
    if (!relay?.open) return null;
    const { viewer_id } = viewer;
    this.close(viewer_id);
    clearTimeout(this.#linger);
    this.#relayed.set(viewer_id, viewer);
    this.#options.onChange(this.list);
    try {
      const answer = await relay.openViewer(viewer, offer, { ice_servers, address: address ?? null });
      if (answer === null) this.#relayedLeft(viewer_id);
      else if (!this.#relayed.has(viewer_id)) throw new FlyBrowserError("no_active_stream"); // it was ended meanwhile
      return answer;
    } catch (thrown) {
      this.#relayedLeft(viewer_id);
      const lost = thrown instanceof FlyBrowserError && ["host_lost", "timeout"].includes(thrown.code);
      if (!lost) throw thrown;
      relay.close("it doesn't answer");
      return null;
    }
  }

  #relayedLeft(viewer_id: string): void {
    if (!this.#relayed.delete(viewer_id)) return;
    this.#lingerIfEmpty();
    this.#options.onChange(this.list);
  }

  #lingerIfEmpty(): void {
    clearTimeout(this.#linger);
    if (this.#relayed.size > 0) return;
    this.#linger = setTimeout(() => this.#relay?.close("nobody watches by it"), LINGER);
  }

  #relayClosed(relay: WebRtcRelay): void {
    if (this.#relay !== relay) return;
    this.#relay = null;
    clearTimeout(this.#linger);
    const had = this.#relayed.size > 0;
    this.#relayed.clear();
    this.#letGoOfVideo();
    if (had) this.#options.onChange(this.list);
  }

  #label(source: MediaStreamTrack): LabelledTrack {
    const labelled = labelTrack(source, this.#options.matrix());
    labelled.track.contentHint = CONTENT_HINT;
    return labelled;
  }

  #left(viewer: WebRtcViewer): void {
    const { viewer_id } = viewer.viewer;
    if (this.#viewers.get(viewer_id) === viewer) this.#viewers.delete(viewer_id);
    this.#letGoOfVideo();
    this.#options.onChange(this.list);
  }

  #letGoOfVideo(): void {
    if (this.#viewers.size > 0 || this.#relay) return;
    this.#video?.close();
    this.#video = null;
  }
}
