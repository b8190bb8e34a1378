// The media of one captured tab: its runs, who makes their picture, and the fresh run that is asked for when one has failed,
// is stuck or breaks the cap. Never knows of viewers, and never ends the stream: it says when it can't go on.
import type { FlyBrowserError } from "../../protocol/errors.ts";
import type { RunOpening } from "../../protocol/native-messages.ts";
import type { RunPlan } from "../ffmpeg/arguments.ts";
import { partLogger } from "../logging.ts";
import type { Figures, Reading } from "./figures.ts";
import { Intake } from "./intake.ts";
import type { MediaFeed } from "./media-feed.ts";
import type { StreamPlan } from "./plan.ts";
import { Recovery } from "./recovery.ts";
import { RunWatch } from "./run-watch.ts";
import type { StreamEvents, StreamOptions } from "./stream-options.ts";
import { partDuration } from "./timeline.ts";
import { VideoMaker } from "./video-maker.ts";

const log = partLogger("stream");

/** What a {@link Supply} needs of its stream. */
export interface SupplyOptions
  extends Pick<StreamOptions, "identity" | "options" | "ffmpeg_path" | "fps_mode" | "encoders" | "cores" | "startRun"> {
  /** Where the media go. */
  readonly feed: MediaFeed;
  readonly events: Pick<StreamEvents, "chunkAccepted" | "runNeeded">;
  /** Where losses and repairs are counted. */
  readonly figures: () => Figures;
  /** There was a picture already, and whoever is to see it could. */
  readonly flows: () => boolean;
  /** A run was opened, or it was decided how it is made. */
  readonly onChange: () => void;
  /** A run has failed, and a fresh one is asked for. */
  readonly onRecovering: (error: FlyBrowserError) => void;
  /** There will be no more media: too many tries, or no way to make what was asked for. */
  readonly onFailed: (error: FlyBrowserError) => void;
}

/** The supply of one stream. */
export class Supply {
  readonly #options: SupplyOptions;
  readonly #maker: VideoMaker;
  readonly #intake: Intake;
  readonly #recovery: Recovery;
  readonly #watch: RunWatch;
  #opening: RunOpening | null = null;
  #awaitsRun = false;
  #stopped = false;

  constructor(options: SupplyOptions) {
    this.#options = options;
    const { events, feed, figures, flows, onChange, onFailed, ffmpeg_path, startRun, encoders, cores } = options;
    this.#maker = new VideoMaker({
      stream_id: options.identity.stream_id,
      options: options.options,
      encoders,
      cores,
      onSwitch: (reason) => events.runNeeded(reason, true),
    });
    this.#intake = new Intake({
      maker: this.#maker,
      ffmpeg_path,
      feed,
      startRun,
      runPlan: (opening, plan) => this.#runPlan(opening, plan),
      onAccepted: (run, bytes) => events.chunkAccepted(run, bytes),
      onFailed: (run, error) => this.#runFailed(run, error),
      onImpossible: onFailed,
      onPlanned: onChange,
    });
    this.#recovery = new Recovery({
      playable: flows,
      ask: (reason) => events.runNeeded(reason, false),
      giveUp: onFailed,
    });
    this.#watch = new RunWatch({
      current: () => this.#intake.current,
      silence: (now) => figures().silence(now),
      flows,
    });
  }

  /** The plan of the newest run; `null` before the first. */
  get plan(): StreamPlan | null {
    return this.#maker.plan;
  }

  /** Whether the browser gives sound; `null` before the first run. */
  get has_audio(): boolean | null {
    return this.#opening?.has_audio ?? null;
  }

  /** Ids of the FFmpegs that work now. */
  get ffmpeg_pids(): readonly number[] {
    return this.#intake.ffmpeg_pids;
  }

  /** A run has failed, and the one that was asked for has not come yet. */
  get awaits_run(): boolean {
    return this.#awaitsRun;
  }

  /** Its part of what a status tells. */
  get reading(): Pick<Reading, "buffer_health" | "ignored_bytes" | "frame_rate" | "cap_broken"> {
    const { plan } = this.#maker;
    return {
      buffer_health: this.#intake.current?.buffer_health ?? null,
      ignored_bytes: this.#intake.ignored_bytes,
      frame_rate: plan?.frame_rate ?? null,
      cap_broken: plan?.cap_broken === true,
    };
  }

  /** A fresh run begins. */
  openRun(opening: RunOpening): void {
    if (this.#stopped) return;
    const asked = this.#awaitsRun || this.#maker.switching;
    if (!this.#intake.open(opening)) return;
    this.#recovery.stop();
    this.#options.figures().captureBegins(this.#opening !== null && !asked);
    this.#awaitsRun = false;
    this.#opening = opening;
    this.#options.onChange();
  }

  /** The next bytes of a run. */
  write(run: number, bytes: Buffer): void {
    this.#watch.fed(Date.now());
    this.#intake.write(run, bytes);
  }

  /** A run is complete. */
  closeRun(run: number): void {
    this.#intake.close(run);
  }

  /** From now on the cap may ask for an encoder at any moment: those that may be needed are tried. */
  prepare(): void {
    this.#maker.prepare();
  }

  /** Asks for nothing any more, and takes no fresh run. Idempotent. */
  stop(): void {
    this.#stopped = true;
    this.#recovery.stop();
    this.#watch.close();
  }

  /** Stops, and ends what is open. Resolves when the media of all runs are in the feed. */
  finish(): Promise<void> {
    this.stop();
    return this.#intake.finish();
  }

  /** Stops, and ends every FFmpeg at once. */
  kill(): Promise<void> {
    this.stop();
    return this.#intake.kill();
  }

  /** Asks for a fresh run, after a pause, until one comes or there were too many tries. */
  #runFailed(run: number, error: FlyBrowserError): void {
    const { identity, figures, onRecovering } = this.#options;
    log.warning("run {run} of {stream_id} has failed: {error}", { run, stream_id: identity.stream_id, error });
    if (!this.#intake.drop(run) || this.#stopped) return;
    this.#maker.failed(error.message);
    figures().ffmpegRestarted();
    this.#awaitsRun = true;
    if (this.#recovery.begin(error)) onRecovering(error);
  }

  #runPlan(opening: RunOpening, { video, audio }: StreamPlan): RunPlan {
    const { options, identity, fps_mode } = this.#options;
    return {
      video,
      audio,
      offset: (opening.captured_at - identity.started_at) / 1000,
      fragment_duration: partDuration(options),
      fps_mode,
    };
  }
}
