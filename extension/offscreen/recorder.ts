// One MediaRecorder: one run, a byte stream of Matroska in slices.
import { timeout } from "../../protocol/async.ts";
import { FlyBrowserError } from "../../protocol/errors.ts";
import type { CaptureRequest } from "../../protocol/extension-messages.ts";

/** ms of media in a slice. */
export const SLICE_MS = 100;
/** bit/s of Opus: above what any profile gives AAC, so that the sound is encoded well twice. */
export const AUDIO_BITRATE = 256_000;
/**
 * ms by which MediaRecorder stamps the sound of a captured tab later than the picture that belongs to it. Measured with a page that beeps
 * at each second and with a `<video>`: 38 to 73 ms, in the middle 61 (docs/clients.md).
 */
const SOUND_LATE = 60;
/** ms that the last slice may take after a stop. */
const STOP_TIMEOUT = 2_000;

/** Chrome's own option, not in the standard's types yet. */
interface ChromeRecorderOptions extends MediaRecorderOptions {
  videoKeyFrameIntervalDuration?: number;
}

/** What a {@link Recorder} tells. */
export interface RecorderListeners {
  /** A slice; those of one recorder come in order. */
  readonly onSlice: (blob: Blob) => void;
  readonly onError: (reason: string) => void;
  /** So many ms of video were left out: the encoder does not keep up. */
  readonly onLost: (duration: number) => void;
}

/** What records one run. */
export interface RunRecorder {
  readonly mime_type: string;
  /** When timestamp 0 was captured, by `performance.now()`. */
  readonly captured_at: number;
  /** ms by which its sound is stamped later than the picture that belongs to it. */
  readonly sound_late: number;
  /** Ends the recording; resolves after the last slice. Idempotent. */
  stop(): Promise<void>;
}

/** Gives the type to record; H.265 is made from H.264 by the host, Chrome's recorder has none here. */
export function mimeType(recorder: CaptureRequest["recorder"], audio: boolean): string {
  const video = recorder === "h264" ? "avc1" : "vp9";
  return `video/x-matroska;codecs=${audio ? `${video},opus` : video}`;
}

/** A recorder for one run. */
export class Recorder implements RunRecorder {
  readonly mime_type: string;
  /** When timestamp 0 was captured, by `performance.now()`. */
  readonly captured_at: number;
  readonly sound_late = SOUND_LATE;
  readonly #recorder: MediaRecorder;
  readonly #stopped: Promise<void>;

  /**
   * Begins to record.
   * @throws FlyBrowserError `capture_failed`
   */
  constructor(stream: MediaStream, request: CaptureRequest, listeners: RecorderListeners) {
    this.mime_type = mimeType(request.recorder, stream.getAudioTracks().length > 0);
    const options: ChromeRecorderOptions = {
      mimeType: this.mime_type,
      videoBitsPerSecond: request.recorder_bitrate,
      audioBitsPerSecond: AUDIO_BITRATE,
      videoKeyFrameIntervalDuration: request.keyframe_interval,
    };
    try {
      this.#recorder = new MediaRecorder(stream, options);
      this.#stopped = new Promise((resolve) => {
        this.#recorder.addEventListener("stop", () => resolve(), { once: true });
      });
      this.#recorder.addEventListener("dataavailable", (event) => {
        if (event.data.size > 0) listeners.onSlice(event.data);
      });
      this.#recorder.addEventListener("error", (event) => {
        const { error } = event as Event & { error?: DOMException };
        listeners.onError(error?.message || error?.name || "the recorder failed");
      });
      this.captured_at = performance.now();
      this.#recorder.start(SLICE_MS);
    } catch (thrown) {
      const reason = thrown instanceof Error ? thrown.message : String(thrown);
      throw new FlyBrowserError("capture_failed", { reason }, { cause: thrown });
    }
  }

  /** Ends the recording; resolves after the last slice. Idempotent. */
  async stop(): Promise<void> {
    if (this.#recorder.state === "inactive") return;
    this.#recorder.stop();
    await timeout(this.#stopped, STOP_TIMEOUT);
  }
}
