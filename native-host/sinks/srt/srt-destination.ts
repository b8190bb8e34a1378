// The destination of the kind `srt`: MPEG-TS by SRT, in an FFmpeg of its own for each connection; it only copies.
import * as v from "valibot";
import { FlyBrowserError, toFlyBrowserError } from "../../../protocol/errors.ts";
import { DestinationOptionsSchema } from "../../../protocol/options.ts";
import { say, sentence } from "../../../protocol/sentence.ts";
import { partLogger } from "../../logging.ts";
import type { InitSegment } from "../../media/init-segment.ts";
import { type MediaRun, type MediaSink, type SinkOptions, sourceInit } from "../../media/sink.ts";
import type { MediaUnit } from "../../media/unit.ts";
import type { Destination, DestinationReport } from "../../stream/destination.ts";
import type { DestinationKind, DestinationPlan, DestinationTools } from "../destination-kind.ts";
import { DestinationLife, RETRY, type RetryPauses } from "../destination-life.ts";
import { isPassphrase, SRT_ADDRESS, SRT_PASSPHRASE, SrtTarget, srtParts } from "./address.ts";
import { srtConnectError, srtLostError } from "./srt-errors.ts";
import { SrtProcess } from "./srt-process.ts";

const PASSPHRASE = say(SRT_PASSPHRASE);

/** SRT, as caller or as listener. */
export const SRT: DestinationKind = {
  schemes: ["srt"],
  options: v.strictObject({
    ...DestinationOptionsSchema.entries,
    url: v.pipe(
      DestinationOptionsSchema.entries.url,
      v.check((url) => srtParts(url) !== null, say(SRT_ADDRESS)),
    ),
    key: v.optional(v.pipe(v.string(PASSPHRASE), v.check(isPassphrase, PASSPHRASE))),
  }),
  secrets: ["url", "key"],
  create: (plan, { codec }, tools) => {
    if (codec !== "vp9") return new SrtDestination(plan, tools);
    throw new FlyBrowserError("unsupported_combination", {
      what: sentence("combination.codec_to_service", { codec, service: "SRT" }),
      reason: sentence("combination.ts_codecs"),
      instead: sentence("instead.service_codec", { codec: "h264" }),
    });
  },
};

/** Times of a destination, ms; replaced in tests. */
export interface SrtTimes {
  /** For a caller, from the start of FFmpeg to the connection. */
  readonly connect: number;
  /** Until a connection that takes nothing counts as lost. */
  readonly stall: number;
  readonly retry: RetryPauses;
}

const TIMES: SrtTimes = { connect: 8_000, stall: 15_000, retry: RETRY };
/** ms that FFmpeg has to start, beyond the time to connect. */
const STARTING = 2_000;
/** ms between two looks at a connection. */
const LOOK_EVERY = 1_000;
/** Bytes, and ms of media, that may wait for the network. */
const LIMITS = { bytes: 16 * 1024 * 1024, span: 4_000 };

const log = partLogger("srt");

interface OpenRun {
  readonly video: InitSegment;
  readonly audio: InitSegment | null;
}

/** One stream, sent to one place. */
export class SrtDestination implements Destination {
  readonly destination_id: string;
  readonly name: string;
  readonly required: boolean;
  readonly public_url: string;
  readonly advice = [];
  readonly sink: MediaSink;
  readonly sink_options: SinkOptions = { limits: LIMITS };
  readonly #target: SrtTarget;
  readonly #tools: Pick<DestinationTools, "ffmpegPath">;
  readonly #times: SrtTimes;
  readonly #life: DestinationLife;
  #ffmpeg = "ffmpeg";
  #run: OpenRun | null = null;
  #process: SrtProcess | null = null;
  /** The process waits for its first keyframe. */
  #fresh = true;
  /** Of a listener that nobody has called yet: FFmpeg wants one fragment of each before it listens. */
  #primed = new Set<string>();
  #watch: NodeJS.Timeout | null = null;
  #startedAt = 0;
  #lastWrite = 0;
  #bytesBefore = 0;
  #missed = 0;
  #closing: Promise<void> | null = null;

  /** @throws FlyBrowserError `invalid_option` for an address that can't be used */
  constructor(plan: DestinationPlan, tools: Pick<DestinationTools, "ffmpegPath">, times: Partial<SrtTimes> = {}) {
    const parts = srtParts(plan.url);
    if (!parts) {
      const value = sentence("value.hidden");
      throw new FlyBrowserError("invalid_option", { option: "url", value, allowed: SRT_ADDRESS });
    }
    this.destination_id = plan.destination_id;
    this.name = plan.name;
    this.required = plan.required;
    this.#target = new SrtTarget(parts, plan.key);
    this.public_url = this.#target.publicUrl;
    this.#tools = tools;
    this.#times = { ...TIMES, ...times };
    this.#life = new DestinationLife(this.#times.retry);
    this.sink = {
      name: `SRT to ${this.#target.server}`,
      openRun: (run) => this.#openRun(run),
      write: (unit) => this.#write(unit),
    };
  }

  get report(): DestinationReport {
    const bytes_sent = this.#bytesBefore + (this.#process?.bytes_sent ?? 0);
    return { ...this.#life.report, bytes_sent, dropped_frames: this.#missed };
  }

  /**
   * Finds an FFmpeg that can do it; the connection is made with the first media.
   * @throws FlyBrowserError `ffmpeg_not_found`, `unsupported_combination`
   */
  async connect(): Promise<void> {
    try {
      this.#ffmpeg = await this.#tools.ffmpegPath("srt");
      this.#watch ??= setInterval(() => this.#look(), LOOK_EVERY);
      if (this.#closing !== null) clearInterval(this.#watch);
    } catch (thrown) {
      this.#life.end("failed", toFlyBrowserError(thrown));
      throw thrown;
    }
  }

  onChange(listener: () => void): () => void {
    return this.#life.onChange(listener);
  }

  /** Sends what is still there; at most about 2 s. */
  close(): Promise<void> {
    this.#closing ??= this.#close("ended");
    return this.#closing;
  }

  async #close(state: "ended" | "failed", error?: FlyBrowserError): Promise<void> {
    if (this.#watch) clearInterval(this.#watch);
    const { live } = this.#life;
    const process = this.#process;
    if (!live) this.#life.end(state, error);
    await (live ? process?.finish() : process?.kill());
    this.#retire();
    this.#life.end(state, error);
  }

  async #openRun(run: MediaRun): Promise<void> {
    const [video, audio] = [sourceInit(run, "video"), sourceInit(run, "audio")];
    const before = this.#run;
    this.#run = video ? { video, audio: audio ?? null } : null;
    // What follows the same init segments is more of the same: the connection goes on.
    if (before && this.#run && same(before, this.#run) && this.#process) return;
    const process = this.#process;
    this.#retire();
    await process?.finish();
    this.#start();
  }

  #start(): void {
    if (!this.#run || this.#process || this.#closing !== null || this.#life.over) return;
    const { video, audio } = this.#run;
    const process: SrtProcess = new SrtProcess({
      ffmpeg_path: this.#ffmpeg,
      target: this.#target,
      connect_timeout: this.#times.connect,
      with_audio: audio !== null,
      onConnected: () => this.#connected(process),
      onEnd: (lines) => this.#ended(process, lines),
    });
    this.#process = process;
    this.#fresh = true;
    this.#primed.clear();
    this.#startedAt = performance.now();
    process.write("video", video.data);
    if (audio) process.write("audio", audio.data);
  }

  #write(unit: MediaUnit): Promise<void> | undefined {
    const process = this.#process;
    if (!process || !this.#run?.[unit.kind] || this.#closing !== null) return this.#miss(unit);
    if (this.#target.mode === "listener" && !process.connected) {
      // Nobody has called: what would wait for a caller is old by then.
      if (this.#primed.has(unit.kind) || (unit.kind === "video" && !unit.keyframe)) return this.#miss(unit);
      this.#primed.add(unit.kind);
    } else if (this.#fresh) {
      if (unit.kind === "video" && !unit.keyframe) return this.#miss(unit);
      if (unit.kind === "video") this.#fresh = false;
    }
    process.write(unit.kind, unit.bytes);
    this.#lastWrite = performance.now();
    return process.drained();
  }

  #miss(unit: MediaUnit): undefined {
    if (unit.kind === "video") this.#missed += unit.frames;
    return undefined;
  }

  #connected(process: SrtProcess): void {
    if (process !== this.#process || this.#closing !== null) return;
    if (this.#target.mode === "listener") this.#fresh = true;
    this.#life.opened();
    log.info("Sending to {server}", { server: this.#target.server });
  }

  #ended(process: SrtProcess, lines: readonly string[]): void {
    if (process !== this.#process) return; // it was asked to
    this.#retire();
    if (this.#closing !== null) return;
    const error = process.connected ? srtLostError(this.#target, lines) : srtConnectError(this.#target, lines);
    if (error.code === "destination_refused" && this.#life.untried) {
      this.#closing = this.#close("failed", error);
      return;
    }
    log.warn("{reason}", { reason: error.message });
    this.#life.tryAgain(error, () => this.#start());
  }

  /** One that takes nothing any more, though it is given something, is as good as gone; so is one that never connects. */
  #look(): void {
    const process = this.#process;
    if (!process) return;
    const { connect, stall } = this.#times;
    const given = performance.now() - this.#lastWrite < stall;
    const stalled = process.connected && given && process.silence > stall;
    const late =
      !process.connected && this.#target.mode === "caller" && performance.now() - this.#startedAt > connect + STARTING;
    if (stalled || late) void process.kill();
  }

  /** Keeps the count of a connection that is over. */
  #retire(): void {
    this.#bytesBefore += this.#process?.bytes_sent ?? 0;
    this.#process = null;
  }
}

function same(before: OpenRun, now: OpenRun): boolean {
  const bytes = ({ video, audio }: OpenRun) => Buffer.concat([video.data, audio?.data ?? Buffer.alloc(0)]);
  return bytes(before).equals(bytes(now));
}
