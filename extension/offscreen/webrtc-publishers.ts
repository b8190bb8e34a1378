// The WHIP servers that one capture is sent to: one connection each, one after the other for each destination.
import { FlyBrowserError } from "../../protocol/errors.ts";
import type { IceServer, PublisherReport } from "../../protocol/native-messages.ts";
import { type LabelledTrack, labelTrack } from "./labelled-track.ts";
import { WebRtcPublisher } from "./webrtc-publisher.ts";
import { limitsOf, type MediaLimits } from "./webrtc-viewer.ts";
import { CONTENT_HINT, type ViewersOptions } from "./webrtc-viewers.ts";

/** A bound against a host gone wrong; its own limit is lower. */
const MAX_PUBLISHERS = 16;

/** What {@link WebRtcPublishers} needs. */
export interface PublishersOptions extends Pick<ViewersOptions, "stream" | "request" | "matrix"> {
  readonly onReport: (publisher_id: string, report: PublisherReport) => void;
}

interface Open {
  readonly destination_id: string;
  readonly publisher: WebRtcPublisher;
  video: LabelledTrack;
}

/** The connections of one capture. */
export class WebRtcPublishers {
  readonly #options: PublishersOptions;
  readonly #open = new Map<string, Open>();
  #closed = false;
  #stream: MediaStream;
  #limits: MediaLimits;

  constructor(options: PublishersOptions) {
    this.#options = options;
    this.#stream = options.stream;
    this.#limits = options.request;
  }

  /**
   * Begins a connection; gives its offer. One that the same destination still has, of a host that died perhaps, is ended.
   * @throws FlyBrowserError `no_active_stream`, `capture_failed`
   */
  async open(publisher_id: string, destination_id: string, ice_servers: readonly IceServer[]): Promise<string> {
    const { onReport } = this.#options;
    const stream = this.#stream;
    for (const [id, other] of this.#open) if (other.destination_id === destination_id) this.close(id);
    const [source] = stream.getVideoTracks();
    if (this.#closed || source?.readyState !== "live" || this.#open.size >= MAX_PUBLISHERS) {
      throw new FlyBrowserError("no_active_stream");
    }
    const video = this.#label(source);
    const audio = stream.getAudioTracks()[0] ?? null;
    const publisher = new WebRtcPublisher({
      ...{ publisher_id, ice_servers },
      media: { video: video.track, audio, ...limitsOf(this.#limits) },
      onReport: (report) => onReport(publisher_id, report),
      onClosed: () => {
        (this.#open.get(publisher_id)?.video ?? video).close();
        this.#open.delete(publisher_id);
      },
    });
    this.#open.set(publisher_id, { destination_id, publisher, video });
    return publisher.offer();
  }

  /** Takes the server's answer. @throws FlyBrowserError `webrtc_answer_invalid`; `no_active_stream`: it has ended */
  async answer(publisher_id: string, answer: string): Promise<void> {
    const open = this.#open.get(publisher_id);
    if (!open) throw new FlyBrowserError("no_active_stream");
    await open.publisher.answer(answer);
  }

  /** All go on with the tracks of another capture, within its limits. */
  async moveTo(stream: MediaStream, limits: MediaLimits): Promise<void> {
    this.#stream = stream;
    this.#limits = limits;
    const [source] = stream.getVideoTracks();
    const audio = stream.getAudioTracks()[0] ?? null;
    if (!source) return;
    for (const open of this.#open.values()) {
      const before = open.video;
      open.video = this.#label(source);
      await open.publisher.show({ ...limitsOf(limits), video: open.video.track, audio });
      before.close();
    }
  }

  #label(source: MediaStreamTrack): LabelledTrack {
    const labelled = labelTrack(source, this.#options.matrix());
    labelled.track.contentHint = CONTENT_HINT;
    return labelled;
  }

  /** Ends one. Idempotent. */
  close(publisher_id: string): void {
    this.#open.get(publisher_id)?.publisher.close("it was ended");
  }

  /** Ends all, and begins none any more. Idempotent. */
  end(): void {
    this.#closed = true;
    for (const publisher_id of [...this.#open.keys()]) this.close(publisher_id);
  }
}
