// One run, a byte stream of Matroska in slices: the picture by a MediaRecorder of its own, since one that has sound as well holds frames
// back for it, and the sound by sound-encoder.ts.
import { timeout } from "../../protocol/async.ts";
import { FlyBrowserError } from "../../protocol/errors.ts";
import type { CaptureRequest } from "../../protocol/extension-messages.ts";
import { SOUND_LATE } from "./capture-times.ts";
import { MatroskaReader } from "./matroska-reader.ts";
import { MatroskaWriter } from "./matroska-writer.ts";
import { SoundEncoder } from "./sound-encoder.ts";

/** ms of media in a slice, where it isn't to be shorter. */
export const SLICE_MS = 100;
/** bit/s of Opus: above what any profile gives AAC, so that the sound is encoded well twice. */
export const AUDIO_BITRATE = 256_000;
/** ms for `MediaRecorder.start`: each frame as soon as it is encoded. Each is a Blob, which makes its way by the browser process. */
const FRAME_BY_FRAME = 1;
/** ms between two questions for what is encoded, where it gives nothing unasked, and each frame is wanted for a while. */
const EAGER_MS = 15;
/** ms that sound waits for a frame to go with, where each frame is a slice. */
const WITH_FRAME = 15;
/** Packets of sound that may wait for the first frame. */
const MAX_EARLY = 250;
/** ms that the last slice may take after a stop. */
const STOP_TIMEOUT = 2_000;

/** Chrome's own option, not in the standard's types yet. */
interface ChromeRecorderOptions extends MediaRecorderOptions {
  videoKeyFrameIntervalDuration?: number;
}

/** What a {@link Recorder} tells. */
export interface RecorderListeners {
  /** A slice of so many ms, whose bytes are given away; those of one recorder come in order. */
  readonly onSlice: (bytes: Uint8Array<ArrayBuffer>, duration: number) => void;
  readonly onError: (reason: string) => void;
  /** So many ms of video were left out: the encoder does not keep up. */
  readonly onLost: (duration: number) => void;
}

/** What records one run. */
export interface RunRecorder {
  readonly mime_type: string;
  /** When timestamp 0 was captured, by `performance.now()`; it is known with the first slice. */
  readonly captured_at: number;
  /** Slices are as short as they can be, not {@link SLICE_MS} long. */
  eager: boolean;
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

/** What a {@link Recorder} records. */
export interface RecorderSource {
  readonly stream: MediaStream;
  /** Resolves when the next frame has been given to who records: tells when it was captured, the better the later it is asked. */
  nextFrame(): Promise<() => number>;
}

/** A recorder for one run. */
export class Recorder implements RunRecorder {
  readonly mime_type: string;
  readonly sound_late = SOUND_LATE;
  readonly #listeners: RecorderListeners;
  readonly #recorder: MediaRecorder;
  readonly #sound: SoundEncoder | null;
  readonly #reader = new MatroskaReader();
  #writer: MatroskaWriter | null = null;
  /** When the first frame was captured: the recorder stamps each with its time of capture, and counts from there. */
  #captured_at = performance.now();
  #firstCaptured = (): number => this.#captured_at;
  /** Sound that came before the first frame was encoded. */
  #early: { readonly at: number; readonly data: Uint8Array }[] = [];
  /** Frames on their way from Blob to bytes, in order. */
  #tail: Promise<void> = Promise.resolve();
  #flushed = performance.now();
  #eager = false;
  /** It gives each frame unasked. */
  readonly #frameByFrame: boolean;
  #ticking: ReturnType<typeof setInterval> | undefined;
  /** Has the sound read that has come. */
  #wakeSound = (): void => {};
  /** A slice is due once the sound of its time is encoded. */
  #due = false;
  readonly #recorded: Promise<void>;
  #stopped: Promise<void> | null = null;
  #failed = false;

  /**
   * Begins to record.
   * @throws FlyBrowserError `capture_failed`
   */
  constructor(source: RecorderSource, request: CaptureRequest, listeners: RecorderListeners) {
    const [track] = source.stream.getAudioTracks();
    this.mime_type = mimeType(request.recorder, track !== undefined);
    this.#listeners = listeners;
    this.#frameByFrame = request.eager;
    const options: ChromeRecorderOptions = {
      mimeType: mimeType(request.recorder, false),
      videoBitsPerSecond: request.recorder_bitrate,
      videoKeyFrameIntervalDuration: request.keyframe_interval,
    };
    try {
      this.#recorder = new MediaRecorder(new MediaStream(source.stream.getVideoTracks()), options);
      this.#recorded = new Promise((resolve) => {
        this.#recorder.addEventListener("stop", () => resolve(), { once: true });
      });
      this.#recorder.addEventListener("dataavailable", ({ data }) => this.#receive(data));
      this.#recorder.addEventListener("error", (event) => {
        const { error } = event as Event & { error?: DOMException };
        this.#fail(error?.message || error?.name || "the recorder failed");
      });
      void source.nextFrame().then((captured) => {
        this.#firstCaptured = captured;
      });
      this.#recorder.start(this.#frameByFrame ? FRAME_BY_FRAME : undefined);
    } catch (thrown) {
      const reason = thrown instanceof Error ? thrown.message : String(thrown);
      throw new FlyBrowserError("capture_failed", { reason }, { cause: thrown });
    }
    this.#sound = track
      ? new SoundEncoder({
          track,
          bitrate: AUDIO_BITRATE,
          pause: () => (this.#eager || this.#stopped !== null ? null : this.#nextTick()),
          onPacket: (at, data) => this.#hear(at, data),
          onCaughtUp: () => this.#soundCaughtUp(),
          onError: (reason) => this.#fail(reason),
        })
      : null;
    this.#tickEvery(SLICE_MS);
  }

  /** When timestamp 0 was captured, by `performance.now()`; it is known with the first slice. */
  get captured_at(): number {
    return this.#captured_at;
  }

  get eager(): boolean {
    return this.#eager;
  }

  set eager(eager: boolean) {
    if (eager === this.#eager) return;
    this.#eager = eager;
    this.#wakeSound();
    if (this.#stopped === null) this.#tickEvery(eager && !this.#frameByFrame ? EAGER_MS : SLICE_MS);
  }

  #tickEvery(ms: number): void {
    clearInterval(this.#ticking);
    this.#ticking = setInterval(() => this.#tick(), ms);
  }

  /** Picture and sound are asked for together: each by itself would wake this document. */
  #tick(): void {
    if (!this.#frameByFrame && this.#recorder.state === "recording") this.#recorder.requestData();
    else this.#sliceIsDue();
    this.#wakeSound();
  }

  #nextTick(): Promise<void> {
    return new Promise((resolve) => {
      this.#wakeSound = resolve;
    });
  }

  /** Ends the recording; resolves after the last slice. Idempotent. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    clearInterval(this.#ticking);
    this.#wakeSound();
    if (this.#recorder.state !== "inactive") this.#recorder.stop();
    const finished = Promise.all([this.#recorded, this.#sound?.stop()]).then(() => this.#tail);
    await timeout(finished, STOP_TIMEOUT);
    this.#flush();
  }

  #receive(data: Blob): void {
    const bytes = data.size > 0 ? data.arrayBuffer() : null;
    this.#tail = this.#tail
      .then(async () => bytes && this.#take(new Uint8Array(await bytes)))
      .then(() => this.#sliceIsDue())
      .catch((thrown: unknown) => this.#fail(thrown instanceof Error ? thrown.message : String(thrown)));
  }

  #take(bytes: Uint8Array): void {
    const blocks = this.#reader.read(bytes);
    for (const block of blocks) {
      if (!this.#writer && this.#reader.head) {
        this.#captured_at = this.#firstCaptured();
        this.#writer = new MatroskaWriter(this.#reader.head, this.#sound !== null);
      }
      this.#writer?.video(block);
      for (const { at, data } of this.#early.splice(0)) this.#hear(at, data);
    }
  }

  #hear(at: number, data: Uint8Array): void {
    const time = at - this.#captured_at;
    if (!this.#writer) this.#early = [...this.#early, { at, data }].slice(-MAX_EARLY);
    else if (time >= SOUND_LATE) this.#writer.sound(time, data); // else it belongs before the first picture
  }

  /** The picture of a slice is there. What was due before and still waits for its sound goes now. */
  #sliceIsDue(): void {
    const goes = this.#eager || this.#due || !this.#sound?.encoding;
    this.#due = !goes;
    if (goes) this.#flush();
  }

  #soundCaughtUp(): void {
    const goes = this.#due || (this.#eager && performance.now() - this.#flushed >= WITH_FRAME);
    this.#due = false;
    if (goes) this.#flush();
  }

  #flush(): void {
    if (!this.#writer?.waits) return;
    const now = performance.now();
    this.#listeners.onSlice(this.#writer.take(), now - this.#flushed);
    this.#flushed = now;
  }

  #fail(reason: string): void {
    if (this.#failed || this.#stopped !== null) return;
    this.#failed = true;
    this.#listeners.onError(reason);
  }
}
