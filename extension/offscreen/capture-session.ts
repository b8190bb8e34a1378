// One captured stream from start to stop: its capture, its runs, and when a new run is due.
import { Serial } from "../../protocol/async.ts";
import { FlyBrowserError } from "../../protocol/errors.ts";
import type { CaptureRequest } from "../../protocol/extension-messages.ts";
import type { PublisherReport, TakenMedia, Viewer } from "../../protocol/native-messages.ts";
import type { StartTrace } from "../../protocol/start-trace.ts";
import { logOf } from "../log.ts";
import { type Cover, TabCapture } from "./capture.ts";
import { capturedMatrix } from "./colour-matrix.ts";
import { LosslessRecorder } from "./lossless-recorder.ts";
import { type MediaPort, Publisher } from "./publisher.ts";
import { Recorder, type RunRecorder } from "./recorder.ts";
import type { Size } from "./size-gate.ts";
import { WebRtcPublishers } from "./webrtc-publishers.ts";
import { WebRtcViewers } from "./webrtc-viewers.ts";

/** Runs that may begin after errors of the recorder within {@link ERROR_WINDOW}. */
const MAX_ERRORS = 5;
/** ms */
const ERROR_WINDOW = 60_000;
/** ms from the start on in which media are handed on as they come. */
const HURRY = 1_000;
/** ms without a run (overflow, service worker away), after which the capture ends. */
const MAX_PAUSE = 90_000;

const log = logOf("capture");

/** What a {@link CaptureSession} needs. */
export interface SessionOptions {
  readonly request: CaptureRequest;
  readonly cover: Cover;
  /** Of the start. */
  readonly trace: StartTrace;
  readonly port: () => MediaPort | null;
  /** The capture has ended by itself. `closed`: so has the session; one that follows waits for its next tab, or its stop. */
  readonly onEnded: (reason: string, closed: boolean) => void;
  /** A viewer by WebRTC came or went. */
  readonly onViewers: (viewers: readonly Viewer[]) => void;
  /** How a connection to a WHIP server is doing. */
  readonly onPublisher: (publisher_id: string, report: PublisherReport) => void;
}

/** A recorder and what its slices go through. */
interface Run {
  readonly recorder: RunRecorder;
  readonly size: Size;
  /** `null` until its first slice. */
  number: number | null;
  ended: boolean;
  /** The video has another size now; a new run is on its way. */
  outgrown: boolean;
  /** It is of another tab than the one before. */
  readonly moved: boolean;
  readonly quality: CaptureRequest["quality"];
  /** Frames that its recorder was given and that no slice has told of yet, as a count of the capture. */
  told: number;
}

/** The session of one stream. */
export class CaptureSession {
  /** Those who watch by WebRTC; they see the capture itself, whatever happens to its runs. */
  readonly viewers: WebRtcViewers;
  /** The WHIP servers that it is sent to. */
  readonly publishers: WebRtcPublishers;
  readonly #options: SessionOptions;
  /** How it is captured and recorded now. */
  #request: CaptureRequest;
  #capture: TabCapture;
  readonly #publisher: Publisher;
  #run: Run | null = null;
  /** Restarts and the stop, one after another. */
  readonly #steps = new Serial();
  #errors: number[] = [];
  #pausedAt: number | null = null;
  #pauseTimer: ReturnType<typeof setTimeout> | null = null;
  #eager = false;
  /** Viewers wait for the first media; by `performance.now()`. */
  readonly #hurriesUntil = performance.now() + HURRY;
  #closed = false;
  /** Its end, once it ends by itself. */
  #ending: Promise<void> | null = null;
  /** Moves to another capture that are under way, and why the one at hand has ended meanwhile. */
  #moving = 0;
  #lost: string | null = null;

  private constructor(options: SessionOptions, capture: TabCapture) {
    this.#options = options;
    this.#request = options.request;
    this.#capture = capture;
    const { stream_id, first_run, recorder_bitrate, frame_rate } = options.request;
    this.#publisher = new Publisher({
      ...{ stream_id, first_run },
      bitrate: recorder_bitrate,
      frame_rate,
      port: options.port,
      onOverflow: (_run, next) =>
        void (next === "at_once" ? this.restart("the host did not keep up") : this.pause("the host does not keep up")),
      onRoom: () => void this.restart("there is room again"),
    });
    this.viewers = new WebRtcViewers({
      stream: capture.stream,
      request: options.request,
      matrix: capturedMatrix,
      onChange: options.onViewers,
    });
    this.publishers = new WebRtcPublishers({
      stream: capture.stream,
      request: options.request,
      matrix: capturedMatrix,
      onReport: options.onPublisher,
    });
    this.#watch(capture);
  }

  /**
   * Captures the tab and begins the first run.
   * @throws FlyBrowserError `capture_failed`
   */
  static async begin(options: SessionOptions): Promise<CaptureSession> {
    const capture = await TabCapture.begin(options.request, options.cover, { trace: options.trace });
    const session = new CaptureSession(options, capture);
    try {
      session.#startRun();
      options.trace.mark("recorder");
    } catch (thrown) {
      await session.stop();
      throw thrown;
    }
    return session;
  }

  /** Size and sound of the capture. */
  get video(): Size & { readonly has_audio: boolean } {
    const { width, height } = this.#capture.size;
    return { width, height, has_audio: this.#capture.hasAudio };
  }

  /** Whether its tab is gone, and it waits for the next one. */
  get waits(): boolean {
    return this.#capture.ended;
  }

  /** Resolves when it has ended, which it does by itself; `null`: it goes on. */
  get ending(): Promise<void> | null {
    return this.#ending;
  }

  /** Ends the run, if one is open, and begins a new one. What the host has not taken of the old ones may be lost. */
  restart(reason: string): Promise<void> {
    return this.#then(async () => {
      await this.#stopRun(reason);
      if (this.#closed) return;
      this.#startRun();
    });
  }

  /** The way to the host was made anew: the run goes on there. `false`: it can't, a fresh one is due. */
  continueRun(taken: TakenMedia): Promise<boolean> {
    // One that has given nothing yet goes to whatever host is there when it does.
    return this.#steps.run(async () => this.#run?.number === null || this.#publisher.goOn(taken));
  }

  /** The same where host or service worker were replaced: what is under way will never be taken. */
  restartForNewHost(reason: string): Promise<void> {
    return this.#then(async () => {
      await this.#stopRun(reason);
      this.#publisher.forgetUnderWay();
      if (!this.#closed) this.#startRun();
    });
  }

  /** Ends the run and lets go of the tab, which is to be captured anew; who watches by WebRTC stays. */
  letGo(): Promise<void> {
    return this.#then(async () => {
      await this.#stopRun("it is captured anew");
      await this.#capture.close();
    });
  }

  /**
   * Goes on in another tab, or in its own as `request` says: with it as soon as it gives pictures, and with the one that it has
   * until then, if it wasn't let go.
   * @throws FlyBrowserError `capture_failed`, `no_media`: it is as it was; `no_active_stream`: it was stopped meanwhile
   */
  async moveTo(request: CaptureRequest): Promise<void> {
    this.#moving++;
    try {
      await this.#moveTo(request);
    } finally {
      this.#moving--;
      const lost = this.#lost;
      this.#lost = null;
      if (lost !== null && this.#capture.ended) this.#tabEnded(lost);
    }
  }

  async #moveTo(request: CaptureRequest): Promise<void> {
    const next = await TabCapture.begin(request, this.#options.cover, { fresh: request.follows });
    await this.#steps.run(async () => {
      if (this.#closed) {
        await next.close();
        throw new FlyBrowserError("no_active_stream");
      }
      const before = this.#capture;
      const moved = request.follows && request.quality === this.#request.quality;
      const ended = this.#stopRun("it goes on in another tab");
      this.#capture = next;
      this.#watch(next);
      await ended;
      if (moved) this.#pausedAt = null; // what the tab before would have shown meanwhile is not lost
      this.#request = request;
      this.#publisher.asFor(request.recorder_bitrate, request.frame_rate);
      this.#startRun(moved);
      const { stream } = next;
      await Promise.all([this.viewers.moveTo(stream, request), this.publishers.moveTo(stream, request)]);
      await before.close();
    });
  }

  /** `held`: the last picture is shown, whatever the tab shows. */
  hold(held: boolean): void {
    this.#capture.hold(held);
  }

  /** The tab's user has muted it, or has taken that back: it is, or isn't, heard on this computer. */
  muteForUser(muted: boolean): void {
    this.#capture.muteForUser(muted);
  }

  /** Ends the run; a new one begins with `restart`. */
  pause(reason: string): Promise<void> {
    return this.#then(() => this.#stopRun(reason));
  }

  /** What the host has taken; `eager`: somebody watches there who gets media as they come. */
  accepted(run: number, bytes: number, eager: boolean): void {
    this.#publisher.accepted(run, bytes);
    this.#eager = eager;
    if (this.#run) this.#run.recorder.eager = this.#isEager;
  }

  get #isEager(): boolean {
    return this.#eager || this.#request.eager || performance.now() < this.#hurriesUntil;
  }

  /** Ends recorder and tracks; resolves when the last slice has been sent. Idempotent. */
  stop(): Promise<void> {
    return this.#then(async () => {
      try {
        await this.#stopRun("stopped");
      } finally {
        this.#closed = true;
        if (this.#pauseTimer) clearTimeout(this.#pauseTimer);
        this.viewers.end();
        this.publishers.end();
        await this.#capture.close();
      }
    });
  }

  #then(work: () => Promise<void>): Promise<void> {
    const result = this.#steps.run(work);
    result.catch((thrown: unknown) => log.warn("a step failed", thrown));
    return result;
  }

  #watch(capture: TabCapture): void {
    capture.onOtherMatrix(() => void this.restart("its colours are of another matrix"));
    capture.onEnded(() => {
      if (capture === this.#capture) this.#tabEnded("the tab was closed, or Chrome ended its capture");
    });
  }

  #tabEnded(reason: string): void {
    if (!this.#request.follows) {
      // One that is about to have another capture has no end with this one.
      if (this.#moving > 0) this.#lost = reason;
      else void this.#end(reason);
      return;
    }
    void this.pause(reason);
    this.#options.onEnded(reason, false);
  }

  #startRun(moved = false): void {
    if (this.#pausedAt !== null) this.#publisher.lose(performance.now() - this.#pausedAt);
    if (this.#pauseTimer) clearTimeout(this.#pauseTimer);
    this.#pausedAt = null;
    const Kind = this.#request.recorder === "vp9_quantizer" ? LosslessRecorder : Recorder;
    const recorder = new Kind(this.#capture, this.#request, {
      onSlice: (bytes, duration) => this.#slice(run, bytes, duration),
      onError: (reason) => this.#failed(run, reason),
      onLost: (duration) => this.#publisher.lose(duration),
    });
    recorder.eager = this.#isEager;
    const run: Run = {
      recorder,
      size: this.#capture.size,
      number: null,
      ended: false,
      outgrown: false,
      moved,
      quality: this.#request.quality,
      told: this.#capture.frames,
    };
    this.#run = run;
    this.#capture.showAgain();
  }

  async #stopRun(reason: string): Promise<void> {
    const run = this.#run;
    if (!run) return;
    await run.recorder.stop();
    run.ended = true;
    this.#run = null;
    if (run.number !== null) this.#publisher.closeRun(run.number, reason);
    this.#pausedAt = performance.now();
    this.#pauseTimer = setTimeout(() => void this.#end("nobody has taken its media for too long"), MAX_PAUSE);
  }

  #slice(run: Run, bytes: Uint8Array<ArrayBuffer>, duration: number): void {
    const frames = this.#capture.frames - run.told;
    run.told += frames;
    if (!run.ended) {
      run.number ??= this.#publisher.openRun({
        mime_type: run.recorder.mime_type,
        ...run.size,
        matrix: capturedMatrix(),
        sound_late: run.recorder.sound_late,
        ...{ has_audio: this.#capture.hasAudio, moved: run.moved, quality: run.quality },
        captured_at: run.recorder.captured_at,
      });
      this.#publisher.send(run.number, bytes.buffer, duration, { frames, unseen: Math.round(this.#capture.unseen) });
    }
    const { width, height } = this.#capture.size;
    if (run === this.#run && !run.outgrown && (width !== run.size.width || height !== run.size.height)) {
      run.outgrown = true;
      void this.restart(`the video is ${width}x${height} now`);
    }
  }

  #failed(run: Run, reason: string): void {
    if (run !== this.#run) return;
    log.warn(`recorder: ${reason}`);
    const now = performance.now();
    this.#errors = [...this.#errors.filter((at) => now - at < ERROR_WINDOW), now];
    if (this.#errors.length > MAX_ERRORS) void this.#end(`the recorder failed again and again: ${reason}`);
    else void this.restart(`the recorder failed: ${reason}`);
  }

  #end(reason: string): Promise<void> {
    this.#ending ??= this.#closed
      ? Promise.resolve()
      : this.stop()
          .catch(() => {})
          .then(() => this.#options.onEnded(reason, true));
    return this.#ending;
  }
}
