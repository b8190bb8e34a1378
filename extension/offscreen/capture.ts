// The capture of one tab: its tracks, its size, its sound kept audible.
import { Deadline, sleep } from "../../protocol/async.ts";
import { FlyBrowserError } from "../../protocol/errors.ts";
import type { CaptureRequest } from "../../protocol/extension-messages.ts";
import { sentence } from "../../protocol/sentence.ts";

/** Largest sides that are asked for where the request names none, px. Of a box that is nearly square Chrome makes a square. */
const LARGEST = { width: 7680, height: 4320 } as const;
/** With a lower bound that differs from the upper one Chrome gives the tab's own shape, even sides, and never
 *  scales up; without one it fills the whole box, with bars. px */
const SMALLEST = 16;
/** ms that the first frame may take. */
const FIRST_FRAME_TIMEOUT = 5_000;
/** ms in which the track's settings must tell the size of its frames. */
const SETTINGS_TIMEOUT = 1_000;

/** A size in px. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Chrome's older form of constraints, the only one that knows tabs. */
interface TabConstraints {
  readonly mandatory: Readonly<Record<string, string | number>>;
}

/** The constraints of the video for a request. */
export function videoConstraints(request: CaptureRequest): TabConstraints {
  const { width, height, exact, frame_rate } = request;
  return {
    mandatory: {
      chromeMediaSource: "tab",
      chromeMediaSourceId: request.media_stream_id,
      minWidth: exact && width !== null ? width : SMALLEST,
      minHeight: exact && height !== null ? height : SMALLEST,
      maxWidth: width ?? LARGEST.width,
      maxHeight: height ?? LARGEST.height,
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
   * Begins to capture; resolves with the first frame.
   * @throws FlyBrowserError `capture_failed`, `no_media`
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
      throw new FlyBrowserError("capture_failed", { reason: sentence("capture.no_video") });
    }
    const capture = new TabCapture(stream, video, request.audio ? keepAudible(stream) : null);
    try {
      await capture.#settle(await firstFrame(video));
    } catch (thrown) {
      await capture.close();
      throw thrown;
    }
    return capture;
  }

  /** Size of the video now, px. */
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

  /** Waits until the track's settings tell the size of its frames, so that later changes can be seen. */
  async #settle({ width, height }: Size): Promise<void> {
    const deadline = new Deadline(SETTINGS_TIMEOUT);
    while (!deadline.passed) {
      const now = this.size;
      if (now.width === width && now.height === height) return;
      await sleep(10);
    }
  }

  /** Ends the capture. Idempotent. */
  async close(): Promise<void> {
    for (const track of this.stream.getTracks()) track.stop();
    if (this.#sound && this.#sound.state !== "closed") await this.#sound.close();
  }
}

/** Chrome's own class, not in the standard's types for a document. */
declare const MediaStreamTrackProcessor: new (init: {
  track: MediaStreamTrack;
}) => {
  readonly readable: ReadableStream<VideoFrame>;
};

/**
 * Size of the first frame of a track, px. Before it Chrome only tells what was asked for.
 * @throws FlyBrowserError `no_media`
 */
async function firstFrame(track: MediaStreamTrack): Promise<Size> {
  const copy = track.clone();
  const reader = new MediaStreamTrackProcessor({ track: copy }).readable.getReader();
  const timer = setTimeout(() => copy.stop(), FIRST_FRAME_TIMEOUT);
  try {
    const { value: frame } = await reader.read();
    if (!frame) throw new FlyBrowserError("no_media", { seconds: FIRST_FRAME_TIMEOUT / 1000 });
    const size = { width: frame.displayWidth, height: frame.displayHeight };
    frame.close();
    return size;
  } finally {
    clearTimeout(timer);
    copy.stop();
    await reader.cancel().catch(() => {});
  }
}

/** Chrome takes the sound of a captured tab away from its user: this gives it back. */
function keepAudible(stream: MediaStream): AudioContext | null {
  if (stream.getAudioTracks().length === 0) return null;
  const context = new AudioContext();
  context.createMediaStreamSource(stream).connect(context.destination);
  return context;
}
