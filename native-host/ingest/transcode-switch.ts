// Decides who encodes the video of one stream's runs: the browser, whose bytes are copied, or an encoder of the host. Watches the
// cap, goes to the next encoder when one dies, and says when a fresh run is due.
import type { FlyBrowserError } from "../../protocol/errors.ts";
import type { RunOpening } from "../../protocol/native-messages.ts";
import type { ResolvedStartStreamOptions } from "../../protocol/options.ts";
import { PROFILES } from "../../protocol/profiles.ts";
import { paceOf } from "../../protocol/quality-change.ts";
import type { EncoderChoice } from "../ffmpeg/encoders.ts";
import { partLogger } from "../logging.ts";
import { BitrateWatch, type EncodingSide, OPENING_LEAST } from "./bitrate-watch.ts";
import { planStream, type StreamPlan } from "./plan.ts";

/** ms in which the fresh run that was asked for must come, or it is asked for again. */
const SWITCH_WITHIN = 5_000;
/** Share of the recorder's audio bitrate that is taken off what arrives: Opus is variable, silence is nearly nothing. */
const AUDIO_SHARE = 0.5;
/** bit/s of the recorder's audio. */
const RECORDER_AUDIO = 256_000;

const log = partLogger("video");

/** What a {@link TranscodeSwitch} needs. */
export interface TranscodeSwitchOptions {
  readonly stream_id: string;
  readonly options: ResolvedStartStreamOptions;
  readonly encoders: EncoderChoice;
  readonly cores: number;
  /** Whether the size is to stay as it is, whatever the tab does. */
  readonly keepsSize: () => boolean;
  /** A fresh run is due, for the reason given. */
  readonly onSwitch: (reason: string) => void;
}

/** What the video of a stream is watched for. */
function limitsOf(options: ResolvedStartStreamOptions): { cap: number | null; keyframe_interval: number } {
  return { cap: PROFILES[options.quality].video_bitrate, keyframe_interval: paceOf(options).keyframe_interval };
}

/** A watch of what FFmpeg gives, video alone. */
function watchOf(options: ResolvedStartStreamOptions): BitrateWatch {
  return new BitrateWatch({ ...limitsOf(options), other_bitrate: 0, settling: OPENING_LEAST });
}

/** The decisions for one stream. All times in ms of one clock. */
export class TranscodeSwitch {
  readonly #options: TranscodeSwitchOptions;
  #stream: ResolvedStartStreamOptions;
  #watch: BitrateWatch;
  /** Judges the opening by what arrives; `null` once it is judged. */
  #opening: BitrateWatch | null;
  #plan: StreamPlan | null = null;
  #overshoot: number | null = null;
  #wanted: EncodingSide | null = null;
  #askedAt = Number.NEGATIVE_INFINITY;
  #choosing: Promise<unknown> | null = null;
  #chosen = false;

  constructor(options: TranscodeSwitchOptions) {
    this.#options = options;
    this.#stream = options.options;
    const other_bitrate = options.options.audio ? RECORDER_AUDIO * AUDIO_SHARE : 0;
    this.#opening = new BitrateWatch({ ...limitsOf(options.options), other_bitrate });
    this.#watch = watchOf(options.options);
  }

  /**
   * Runs that come are of these options. Whoever encodes goes on to, if what the browser sent last says that it must: viewers don't wait
   * for that to be judged anew.
   */
  become(options: ResolvedStartStreamOptions, at: number): void {
    const before = limitsOf(this.#stream).cap;
    this.#stream = options;
    const { cap, keyframe_interval } = limitsOf(options);
    const host = this.#watch.side === "host";
    const scaled = this.#overshoot === null || before === null || cap === null ? 0 : (this.#overshoot * before) / cap;
    this.#overshoot = host && scaled > 1 ? scaled : null;
    this.#watch = watchOf(options);
    if (this.#overshoot !== null) this.#watch.switched("host", at);
    this.#wanted = null;
    if (this.#opening)
      this.#opening = new BitrateWatch({
        ...{ cap, keyframe_interval },
        other_bitrate: options.audio ? RECORDER_AUDIO * AUDIO_SHARE : 0,
      });
  }

  /** The plan of the newest run; `null` before the first. */
  get plan(): StreamPlan | null {
    return this.#plan;
  }

  /** Whether a fresh run was asked for in order to change sides. */
  get switching(): boolean {
    return this.#wanted !== null;
  }

  /** Tries the encoders that may be needed, without waiting; a failure shows when one is needed. */
  prepare(): void {
    if (this.#chosen || this.#choosing !== null) return;
    this.#choose(this.#options.encoders.choose(this.#stream.codec));
  }

  /** Bytes of the open run have come from the browser. */
  received(at: number, bytes: number): void {
    if (this.#opening) this.#opening.add(at, bytes);
    else if (this.#watch.side === "host") this.#act(at, this.#watch.add(at, bytes));
  }

  /** Bytes of video have come out of the run that is open. */
  produced(at: number, bytes: number): void {
    if (this.#plan?.video.kind === "copy" && this.#watch.side === "browser") {
      this.#act(at, this.#watch.add(at, bytes));
    }
  }

  /**
   * The plan of a run; `null`: not known yet, ask again with the next bytes. `hurry`: nothing more comes of it.
   * @throws FlyBrowserError `unsupported_combination`: it must be encoded, and no encoder works
   */
  planFor(publisher: RunOpening, at: number, hurry = false): StreamPlan | null {
    if (this.#wanted) this.#watch.switched(this.#wanted, at);
    this.#wanted = null;
    if (this.#opening && !this.#judged(publisher, at, hurry)) return null;
    const { encoders, cores } = this.#options;
    const overshoot = this.#watch.side === "host" ? this.#overshoot : null;
    if ((overshoot !== null || !this.#copies(publisher)) && !this.#chosen) {
      this.prepare();
      return null;
    }
    if (this.#choosing !== null) return null;
    const verdicts = encoders.known(this.#stream.codec);
    // Without an encoder the size can't stay, and a stream of another size is better than none.
    const options = verdicts.some(({ works }) => works) ? this.#asked : this.#stream;
    this.#plan = planStream({ options, publisher, verdicts, cores, overshoot });
    return this.#plan;
  }

  /** The plan that a run will probably have, while it isn't known yet: the browser's video as it is; `null`: none is likely. */
  likely(publisher: RunOpening): StreamPlan | null {
    if (this.#opening === null || !this.#copies(publisher)) return null;
    const { options, encoders, cores } = this.#options;
    return planStream({ options, publisher, verdicts: encoders.known(options.codec), cores, overshoot: null });
  }

  /** The open run has failed. Hardware is given up: it was the encoder. Software dies of other things, and goes on. */
  failed(error: FlyBrowserError): void {
    if (this.#plan?.video.kind !== "encode") return;
    const { encoder } = this.#plan.video;
    const { encoders, stream_id } = this.#options;
    const kind = encoders.known(this.#stream.codec).find((verdict) => verdict.encoder === encoder)?.kind;
    if (kind !== "hardware") return;
    log.warning("{stream_id}: {encoder} is given up: {reason}", { stream_id, encoder, reason: error.message });
    this.#choose(encoders.next(encoder, error.sentence));
  }

  #choose(choice: Promise<unknown>): void {
    const choosing = choice
      .catch((error: unknown) => log.error("the encoders can't be tried: {error}", { error }))
      .finally(() => {
        if (this.#choosing !== choosing) return;
        this.#choosing = null;
        this.#chosen = true;
      });
    this.#choosing = choosing;
  }

  /** What is asked for: the size of the run before, where that is to stay. */
  get #asked(): ResolvedStartStreamOptions {
    if (!this.#plan || !this.#options.keepsSize()) return this.#stream;
    const { width, height } = this.#plan;
    return { ...this.#stream, width, height };
  }

  /** Whether the browser's video would do, were it within the cap. */
  #copies(publisher: RunOpening): boolean {
    const { cores } = this.#options;
    const options = this.#asked;
    const verdict = { encoder: "any", codec: options.codec, kind: "software", works: true, reason: "" } as const;
    return planStream({ options, publisher, verdicts: [verdict], cores, overshoot: null }).video.kind === "copy";
  }

  /** Whether it is known who encodes the first run. */
  #judged(publisher: RunOpening, at: number, hurry: boolean): boolean {
    if (!this.#opening) return true;
    const side = this.#copies(publisher) && !hurry ? this.#opening.opening(at) : "browser";
    if (side === null) return false;
    if (side === "host") {
      this.#overshoot = this.#opening.overshoot;
      this.#watch.switched("host", at);
    }
    this.#opening = null;
    return true;
  }

  #act(at: number, verdict: ReturnType<BitrateWatch["add"]>): void {
    if (verdict === "keep" || at - this.#askedAt < SWITCH_WITHIN) return;
    const { stream_id } = this.#options;
    if (verdict === "take_over") this.#overshoot = this.#watch.overshoot;
    this.#wanted = verdict === "take_over" ? "host" : "browser";
    this.#askedAt = at;
    const note =
      verdict === "take_over"
        ? `the browser sends ${this.#watch.overshoot.toFixed(1)} times the cap: the host encodes`
        : "the browser's video is within the cap again";
    log.info("{stream_id}: {note}", { stream_id, note });
    this.#options.onSwitch(note);
  }
}
