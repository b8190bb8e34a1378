// The capture of one tab: its tracks, its size, its sound kept audible.
import { Deadline, sleep } from "../../protocol/async.ts";
import { FlyBrowserError } from "../../protocol/errors.ts";
import type { CaptureRequest } from "../../protocol/extension-messages.ts";
import { sentence } from "../../protocol/sentence.ts";
import type { StartTrace } from "../../protocol/start-trace.ts";
import { cuttable, headlessScreen, type TabConstraints, videoConstraints } from "./capture-size.ts";
import { correctMatrix } from "./colour-matrix.ts";
import type { Curtain } from "./curtain.ts";
import type { Notice } from "./notice.ts";
import type { Size } from "./size-gate.ts";
import { SteadyVideo } from "./steady-video.ts";

/** ms that the first frame may take. */
const FIRST_FRAME_TIMEOUT = 5_000;
/** ms without a first frame after which Chrome is asked for one, again and again. */
const ASK_EVERY = 100;
/** ms from the first frame on in which the size of a tab that was just opened may change at once. */
const SETTLING = 1_000;
/** ms without a change after which its size counts as settled, and ms that this is waited for. */
const SETTLED = { after: 120, within: 600 } as const;
/** ms between two looks at the colours of a frame. */
const LOOK_EVERY = 5_000;

/** What lies over all captures of a stream. */
export interface Cover {
  /** Hides the tab from all outputs while it is private. */
  readonly curtain: Curtain;
  readonly notice: Notice;
}

/** The captured tab. */
export class TabCapture {
  /** The tab's sound, and its video with a size that lasts. */
  readonly stream: MediaStream;
  /** As Chrome gives it. */
  readonly #captured: MediaStream;
  readonly #video: SteadyVideo;
  readonly #sound: AudibleSound | null;
  #looking: ReturnType<typeof setInterval> | null = null;
  /** Aborted when the capture ends: a copy of its track would hold the tab. */
  readonly #end = new AbortController();

  private constructor(captured: MediaStream, video: SteadyVideo, sound: AudibleSound | null) {
    this.stream = new MediaStream([video.track, ...captured.getAudioTracks()]);
    this.#captured = captured;
    this.#video = video;
    this.#sound = sound;
  }

  /**
   * Begins to capture; resolves with the first frame. Nothing of it is seen or heard while the curtain is drawn. `fresh`: the tab may
   * have been opened just now, so its size is waited for.
   * @throws FlyBrowserError `capture_failed`, `no_media`
   */
  static async begin(
    request: CaptureRequest,
    { curtain, notice }: Cover,
    { fresh = false, trace }: { readonly fresh?: boolean; readonly trace?: StartTrace } = {},
  ): Promise<TabCapture> {
    const sound: TabConstraints = {
      mandatory: { chromeMediaSource: "tab", chromeMediaSourceId: request.media_stream_id },
    };
    const constraints = { video: videoConstraints(request, headlessScreen()), audio: request.audio ? sound : false };
    let stream: MediaStream;
    try {
      stream = await navigator.mediaDevices.getUserMedia(constraints as unknown as MediaStreamConstraints);
    } catch (thrown) {
      const reason = thrown instanceof Error ? thrown.message || thrown.name : String(thrown);
      throw new FlyBrowserError("capture_failed", { reason }, { cause: thrown });
    }
    trace?.mark("captured");
    const [video] = stream.getVideoTracks();
    if (!video) {
      for (const track of stream.getTracks()) track.stop();
      throw new FlyBrowserError("capture_failed", { reason: sentence("capture.no_video") });
    }
    curtain.mute(request.muted && request.muted_tab === "silent");
    for (const track of stream.getAudioTracks()) curtain.guard(track);
    const video_options = { frame_rate: request.frame_rate, curtain, notice, cuttable: cuttable(request) };
    const steady = new SteadyVideo(video, { ...video_options, settling: fresh ? SETTLING : 0 });
    const capture = new TabCapture(stream, steady, request.audio ? keepAudible(stream) : null);
    capture.muteForUser(request.muted);
    try {
      const firstFrame = capture.#firstFrame().then(() => trace?.mark("first_frame"));
      await Promise.all([firstFrame, look(video, capture.#end.signal)]);
      if (fresh) await capture.#settled();
    } catch (thrown) {
      await capture.close();
      throw thrown;
    }
    return capture;
  }

  /** Size of the video now, px. */
  get size(): Size {
    return this.#video.size ?? { width: 0, height: 0 };
  }

  /** Whether the tab gives sound. */
  get hasAudio(): boolean {
    return this.stream.getAudioTracks().length > 0;
  }

  /** Whether Chrome has ended it. */
  get ended(): boolean {
    return this.#captured.getVideoTracks().every(({ readyState }) => readyState === "ended");
  }

  /** Sets the listener for the end of the capture from outside: tab closed, crashed, or stopped in Chrome's own bar. */
  onEnded(listener: () => void): void {
    for (const track of this.#captured.getVideoTracks()) track.addEventListener("ended", listener, { once: true });
  }

  /** Calls `listener` when a frame has shown that the pixels are of another matrix than was thought; looks now and then. */
  onOtherMatrix(listener: () => void): void {
    const [video] = this.#captured.getVideoTracks();
    let seen = 0;
    this.#looking ??= setInterval(() => {
      const { captured } = this.#video.counts;
      if (video?.readyState !== "live" || captured === seen) return;
      seen = captured + 1; // it makes Chrome give a frame
      void look(video, this.#end.signal).then((corrected) => corrected && listener());
    }, LOOK_EVERY);
  }

  /**
   * Waits for the first frame: before it Chrome only tells the size that was asked for.
   * @throws FlyBrowserError `no_media`
   */
  async #firstFrame(): Promise<void> {
    const deadline = new Deadline(FIRST_FRAME_TIMEOUT);
    let asked = performance.now();
    while (!this.#video.size) {
      if (performance.now() - asked > ASK_EVERY) {
        asked = performance.now();
        this.#video.ask();
      }
      if (deadline.passed) throw new FlyBrowserError("no_media", { seconds: FIRST_FRAME_TIMEOUT / 1000 });
      await sleep(10);
    }
  }

  /** Resolves when the size has been the same for a moment. */
  async #settled(): Promise<void> {
    const deadline = new Deadline(SETTLED.within);
    let [size, since] = [this.size, performance.now()];
    while (performance.now() - since < SETTLED.after && !deadline.passed) {
      await sleep(10);
      const { width, height } = this.size;
      if (width !== size.width || height !== size.height) [size, since] = [{ width, height }, performance.now()];
    }
  }

  /** Frames that were given to who records or watches. */
  get frames(): number {
    return this.#video.counts.given;
  }

  /** As of {@link SteadyVideo}. */
  get unseen(): number {
    return this.#video.unseen;
  }

  /** As of {@link SteadyVideo}. */
  nextFrame(): Promise<() => number> {
    return this.#video.nextFrame();
  }

  /** Shows the picture once more soon: a recorder or a viewer begins. */
  showAgain(): void {
    this.#video.showAgain();
  }

  /** `held`: the last picture is shown, whatever the tab shows. */
  hold(held: boolean): void {
    this.#video.held = held;
  }

  /** A tab that its user has muted is not played to them: where it is captured, Chrome mutes nothing of what this gives back. */
  muteForUser(muted: boolean): void {
    if (this.#sound) this.#sound.track.enabled = !muted;
  }

  /** Ends the capture. Idempotent. */
  async close(): Promise<void> {
    if (this.#looking) clearInterval(this.#looking);
    this.#end.abort();
    this.#video.close();
    for (const track of this.#captured.getTracks()) track.stop();
    this.#sound?.track.stop();
    if (this.#sound && this.#sound.context.state !== "closed") await this.#sound.context.close();
  }
}

/** Chrome's own class, not in the standard's types for a document. */
declare const MediaStreamTrackProcessor: new (init: {
  track: MediaStreamTrack;
}) => { readonly readable: ReadableStream<VideoFrame> };

/** Looks at the colours of a track's next frame; `true`: they are of another matrix than was thought. */
async function look(track: MediaStreamTrack, end: AbortSignal): Promise<boolean> {
  if (end.aborted) return false;
  const copy = track.clone();
  end.addEventListener("abort", () => copy.stop(), { once: true });
  const reader = new MediaStreamTrackProcessor({ track: copy }).readable.getReader();
  const timer = setTimeout(() => copy.stop(), FIRST_FRAME_TIMEOUT);
  try {
    const { value: frame } = await reader.read();
    if (!frame) return false;
    const corrected = await correctMatrix(frame);
    frame.close();
    return corrected;
  } catch {
    return false; // it may be the capture's end
  } finally {
    clearTimeout(timer);
    copy.stop();
    await reader.cancel().catch(() => {});
  }
}

/** The sound of a captured tab as its user hears it. */
interface AudibleSound {
  readonly context: AudioContext;
  /** A copy: what is private is silent for viewers, not for the user. */
  readonly track: MediaStreamTrack;
}

/**
 * Chrome takes the sound of a captured tab away from its user: this gives it back. A browser without a window has no user who hears it,
 * and to play its sound takes 0.02 of a core, even of silence.
 */
function keepAudible(stream: MediaStream): AudibleSound | null {
  const headless = /\bHeadlessChrome\//.test(navigator.userAgent);
  const track = headless ? undefined : stream.getAudioTracks()[0]?.clone();
  if (!track) return null;
  track.enabled = true;
  const context = new AudioContext();
  context.createMediaStreamSource(new MediaStream([track])).connect(context.destination);
  return { context, track };
}
