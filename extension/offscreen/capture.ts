// The capture of one tab: its tracks, its size, its sound kept audible.
// Never records (recorder.ts) and never sends anything.
import { FlyBrowserError } from "../../protocol/errors.ts";
import type { CaptureRequest } from "../../protocol/extension-messages.ts";

/** Largest side that is asked for where the request names none, px. */
const LARGEST = 7680;

/** A size in px. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Chrome's older form of constraints, the only one that knows tabs. */
interface TabConstraints {
  readonly mandatory: Readonly<Record<string, string | number>>;
}

/** Gives the constraints of the picture for a request. */
export function videoConstraints(request: CaptureRequest): TabConstraints {
  const { width, height, exact, frame_rate } = request;
  return {
    mandatory: {
      chromeMediaSource: "tab",
      chromeMediaSourceId: request.media_stream_id,
      ...(exact ? { minWidth: width ?? LARGEST, minHeight: height ?? LARGEST } : {}),
      maxWidth: width ?? LARGEST,
      maxHeight: height ?? LARGEST,
      // Without a lower bound a page where nothing moves gives a frame a second, and viewers wait.
      minFrameRate: frame_rate,
      maxFrameRate: frame_rate,
    },
  };
}

/** The captured tab. */
export class TabCapture {
  readonly stream: MediaStream;
  readonly #video: MediaStreamTrack;
  readonly #sound: AudioContext | null;

  private constructor(stream: MediaStream, video: MediaStreamTrack, sound: AudioContext | null) {
    this.stream = stream;
    this.#video = video;
    this.#sound = sound;
  }

  /**
   * Begins to capture.
   * @throws FlyBrowserError `capture_failed`
   */
  static async begin(request: CaptureRequest): Promise<TabCapture> {
    const sound: TabConstraints = {
      mandatory: { chromeMediaSource: "tab", chromeMediaSourceId: request.media_stream_id },
    };
    const constraints = { video: videoConstraints(request), audio: request.audio ? sound : false };
    let stream: MediaStream;
    try {
      stream = await navigator.mediaDevices.getUserMedia(constraints as unknown as MediaStreamConstraints);
    } catch (thrown) {
      const reason = thrown instanceof Error ? thrown.message || thrown.name : String(thrown);
      throw new FlyBrowserError("capture_failed", { reason }, { cause: thrown });
    }
    const [video] = stream.getVideoTracks();
    if (!video) {
      for (const track of stream.getTracks()) track.stop();
      throw new FlyBrowserError("capture_failed", { reason: "Chrome gave no picture" });
    }
    return new TabCapture(stream, video, request.audio ? keepAudible(stream) : null);
  }

  /** Size of the picture now, px. */
  get size(): Size {
    const { width = 0, height = 0 } = this.#video.getSettings();
    return { width, height };
  }

  /** Whether the tab gives sound. */
  get hasAudio(): boolean {
    return this.stream.getAudioTracks().length > 0;
  }

  /** Sets the listener for the end of the capture from outside: tab closed, crashed, or stopped in Chrome's own bar. */
  onEnded(listener: () => void): void {
    this.#video.addEventListener("ended", listener, { once: true });
  }

  /** Ends the capture. Idempotent. */
  async close(): Promise<void> {
    for (const track of this.stream.getTracks()) track.stop();
    if (this.#sound && this.#sound.state !== "closed") await this.#sound.close();
  }
}

/** Chrome takes the sound of a captured tab away from its user: this gives it back. */
function keepAudible(stream: MediaStream): AudioContext | null {
  if (stream.getAudioTracks().length === 0) return null;
  const context = new AudioContext();
  context.createMediaStreamSource(stream).connect(context.destination);
  return context;
}
