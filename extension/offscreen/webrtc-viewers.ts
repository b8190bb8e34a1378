// The viewers by WebRTC of one capture. How they are signalled, and how many there may be, is the host's to know.
import { FlyBrowserError } from "../../protocol/errors.ts";
import type { CaptureRequest } from "../../protocol/extension-messages.ts";
import type { Candidate, ColourMatrix, IceServer, Viewer } from "../../protocol/native-messages.ts";
import { type LabelledTrack, labelTrack } from "./labelled-track.ts";
import { WebRtcViewer } from "./webrtc-viewer.ts";

/**
 * Against its name the best for letters: with `detail` or `text` Chrome's H.264 encoder takes its mode for shared
 * screens, which never goes below a quantizer of 26; this one went to 12 on the same page, in less time.
 */
export const CONTENT_HINT = "motion";
/** A bound against a host gone wrong; its own limit is far lower. */
const MAX_VIEWERS = 64;

/** What {@link WebRtcViewers} needs. */
export interface ViewersOptions {
  /** The capture's own tracks, at the beginning. */
  readonly stream: MediaStream;
  readonly request: Pick<CaptureRequest, "video_bitrate" | "audio_bitrate" | "frame_rate">;
  /** Of which the pixels are, as far as is known now. */
  readonly matrix: () => ColourMatrix;
  /** A viewer came or went. */
  readonly onChange: (viewers: readonly Viewer[]) => void;
}

/** One connection for each viewer. */
export class WebRtcViewers {
  readonly #options: ViewersOptions;
  readonly #viewers = new Map<string, WebRtcViewer>();
  /** A copy of the video track for all viewers, while there are any: the hint must not reach the recorder's track. */
  #video: LabelledTrack | null = null;
  #closed = false;
  #stream: MediaStream;

  constructor(options: ViewersOptions) {
    this.#options = options;
    this.#stream = options.stream;
  }

  /** Those that are there. */
  get list(): Viewer[] {
    return [...this.#viewers.values()].map(({ viewer }) => viewer);
  }

  /**
   * Lets a viewer in; gives the answer to its offer.
   * @throws FlyBrowserError `webrtc_offer_invalid`, `no_active_stream`, `viewers_full`
   */
  async open(viewer: Viewer, offer: string, ice_servers: readonly IceServer[]): Promise<string> {
    const [source] = this.#stream.getVideoTracks();
    if (this.#closed || source?.readyState !== "live") throw new FlyBrowserError("no_active_stream");
    if (this.#viewers.size >= MAX_VIEWERS) throw new FlyBrowserError("viewers_full", { limit: MAX_VIEWERS });
    this.#viewers.get(viewer.viewer_id)?.close("another one has its id");
    this.#video ??= this.#label(source);
    const { video_bitrate, audio_bitrate, frame_rate } = this.#options.request;
    const audio = this.#stream.getAudioTracks()[0] ?? null;
    const opened: WebRtcViewer = new WebRtcViewer({
      viewer,
      ice_servers,
      media: { video: this.#video.track, audio, video_bitrate, audio_bitrate, frame_rate },
      onClosed: () => this.#left(opened),
    });
    this.#viewers.set(viewer.viewer_id, opened);
    this.#options.onChange(this.list);
    return opened.answer(offer);
  }

  /** All go on with the tracks of another capture. */
  async moveTo(stream: MediaStream): Promise<void> {
    this.#stream = stream;
    const [source] = stream.getVideoTracks();
    const before = this.#video;
    if (!before || !source) return;
    const next = this.#label(source);
    this.#video = next;
    const { track: video } = next;
    const audio = stream.getAudioTracks()[0] ?? null;
    await Promise.all([...this.#viewers.values()].map((viewer) => viewer.show({ video, audio })));
    before.close();
  }

  /** Hands on candidates; those of a viewer that isn't there are of no use. */
  async addCandidates(viewer_id: string, candidates: readonly Candidate[]): Promise<void> {
    await this.#viewers.get(viewer_id)?.addCandidates(candidates);
  }

  /** Ends one viewer. Idempotent. */
  close(viewer_id: string): void {
    this.#viewers.get(viewer_id)?.close("it was ended");
  }

  /** Ends all, and lets nobody in any more. Idempotent. */
  end(): void {
    this.#closed = true;
    this.closeAll();
  }

  /** Ends all that are there. */
  closeAll(): void {
    for (const viewer of [...this.#viewers.values()]) viewer.close("the stream ends");
  }

  #label(source: MediaStreamTrack): LabelledTrack {
    const labelled = labelTrack(source, this.#options.matrix());
    labelled.track.contentHint = CONTENT_HINT;
    return labelled;
  }

  #left(viewer: WebRtcViewer): void {
    const { viewer_id } = viewer.viewer;
    if (this.#viewers.get(viewer_id) === viewer) this.#viewers.delete(viewer_id);
    if (this.#viewers.size === 0) {
      this.#video?.close();
      this.#video = null;
    }
    this.#options.onChange(this.list);
  }
}
