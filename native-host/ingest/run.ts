// One run of a stream: one FFmpeg, from its first byte in to its last one out, in its place behind the run before it.
import { type FlyBrowserError, toFlyBrowserError } from "../../protocol/errors.ts";
import type { RunOpening } from "../../protocol/native-messages.ts";
import { sentence, type Words } from "../../protocol/sentence.ts";
import { ffmpegArguments, type RunPlan } from "../ffmpeg/arguments.ts";
import { isFrozen } from "../ffmpeg/frozen.ts";
import { FfmpegProcess, MAX_QUEUED_BYTES } from "../ffmpeg/process.ts";
import { partLogger } from "../logging.ts";
import type { FanOut } from "../media/fan-out.ts";
import { RunAssembler } from "../media/run-assembler.ts";

/** Bytes of output kept while the run before this one drains. */
const MAX_HELD_BYTES = 32 * 1024 * 1024;
/** ms by which FFmpeg may be behind what arrives before its queue counts as full. */
const MAX_BEHIND = 4_000;
/** ms without a byte taken after which FFmpeg counts as hung; an encoder without a core of its own takes a pipe full of media
 * seconds apart. */
const HUNG_AFTER = { copy: 5_000, encode: 15_000 } as const;

const log = partLogger("run");

/** What an {@link IngestRun} needs. */
export interface IngestRunOptions {
  readonly opening: RunOpening;
  readonly plan: RunPlan;
  readonly ffmpeg_path: string;
  readonly media: FanOut;
  /** Resolves when the run before this one has given all its media away. */
  readonly after: Promise<void>;
  /** So many bytes of the source's video came out of FFmpeg. */
  readonly onVideo: (bytes: number) => void;
  /** So many bytes were taken by FFmpeg. */
  readonly onAccepted: (bytes: number) => void;
  /** So many bytes will never get to FFmpeg: it was full, or is gone. */
  readonly onLost: (bytes: number) => void;
  /** Told at most once: the run can't go on. It is not told of an end that was asked for. */
  readonly onFailed: (error: FlyBrowserError) => void;
}

/** One run. */
export class IngestRun {
  readonly #options: IngestRunOptions;
  readonly #ffmpeg: FfmpegProcess;
  readonly #assembler: RunAssembler;
  /** Resolves when all media of this run are with the sinks. */
  readonly finished: Promise<void>;
  /** Output that came while the run before this one still drained; `null`: that is over. */
  #held: [index: number, bytes: Buffer][] | null = [];
  #heldBytes = 0;
  #bytesIn = 0;
  #bytesOut = 0;
  /** When something came out first and last, by `performance.now()`. */
  #gave = { first: 0, last: 0 };
  #failure: FlyBrowserError | null = null;
  #markEnded: () => void = () => {};

  constructor(options: IngestRunOptions) {
    this.#options = options;
    const { plan, opening, media } = options;
    const renditions = plan.renditions.map(({ rendition }) => rendition);
    this.#assembler = new RunAssembler(opening.run, renditions, media);
    const ended = new Promise<void>((resolve) => {
      this.#markEnded = resolve;
    });
    const encodes = plan.renditions.some(({ make }) => make.kind === "encode");
    this.#ffmpeg = new FfmpegProcess({
      path: options.ffmpeg_path,
      args: ffmpegArguments(plan),
      outputs: renditions.length,
      hung_after: encodes ? HUNG_AFTER.encode : HUNG_AFTER.copy,
      onOutput: (index, bytes) => this.#output(index, bytes),
      onEnd: (error) => this.#ended(error),
    });
    this.finished = this.#deliver(options.after, ended);
    log.info("run {run} of {stream_id}: {mime_type} {width}x{height}, FFmpeg is process {pid}", {
      ...opening,
      pid: this.#ffmpeg.pid ?? "none",
    });
  }

  /** Number of this run. */
  get number(): number {
    return this.#options.opening.run;
  }

  /** Id of its FFmpeg; `undefined`: it could not be started. */
  get pid(): number | undefined {
    return this.#ffmpeg.pid;
  }

  /** Percent of the queue towards FFmpeg that is free, by its bytes or by the time that they wait, whichever is less. */
  get buffer_health(): number {
    const { queued_bytes, behind } = this.#ffmpeg;
    const used = Math.max(queued_bytes / MAX_QUEUED_BYTES, Math.min(behind, MAX_BEHIND) / MAX_BEHIND);
    return Math.round(1_000 * (1 - used)) / 10;
  }

  /** ms by which FFmpeg is behind what arrives. */
  get behind(): number {
    return this.#ffmpeg.behind;
  }

  /** ms for which it has given media. */
  get gave_for(): number {
    return this.#gave.last - this.#gave.first;
  }

  /** Whether its FFmpeg has been stopped, and does nothing. */
  async frozen(): Promise<boolean> {
    return this.pid !== undefined && (await isFrozen(this.pid));
  }

  /** Hands bytes of the run on to FFmpeg. A full queue ends the run: a byte stream with a hole is worth nothing. */
  write(bytes: Buffer): void {
    this.#bytesIn += bytes.length;
    const { onAccepted, onLost } = this.#options;
    if (this.#ffmpeg.write(bytes, (taken) => (taken ? onAccepted : onLost)(bytes.length))) return;
    onLost(bytes.length);
    if (this.#ffmpeg.queued_bytes > 0) void this.#ffmpeg.kill(sentence("stream.queue_full"));
  }

  /** Ends the run and lets what is under way come out. Resolves when it is with the sinks. */
  async finish(): Promise<void> {
    await this.#ffmpeg.finish();
    await this.finished;
  }

  /** Ends the run at once. With a reason it counts as failed. */
  async kill(because: Words | null = null): Promise<void> {
    await this.#ffmpeg.kill(because);
  }

  async #deliver(after: Promise<void>, ended: Promise<void>): Promise<void> {
    await after;
    const held = this.#held ?? [];
    this.#held = null;
    for (const [index, bytes] of held) this.#assemble(index, bytes);
    await ended;
    this.#try(() => this.#assembler.close());
  }

  #output(index: number, bytes: Buffer): void {
    const last = performance.now();
    this.#gave = { first: this.#bytesOut === 0 ? last : this.#gave.first, last };
    this.#bytesOut += bytes.length;
    if (index === 0) this.#options.onVideo(bytes.length);
    if (this.#held === null) {
      this.#assemble(index, bytes);
      return;
    }
    this.#heldBytes += bytes.length;
    if (this.#heldBytes > MAX_HELD_BYTES) void this.#ffmpeg.kill(sentence("stream.slow_end"));
    else this.#held.push([index, bytes]);
  }

  #assemble(index: number, bytes: Buffer): void {
    const id = this.#options.plan.renditions[index]?.rendition.id;
    if (id !== undefined) this.#try(() => this.#assembler.write(id, bytes));
  }

  #try(act: () => void): void {
    if (this.#failure) return;
    try {
      act();
    } catch (thrown) {
      this.#failure = toFlyBrowserError(thrown);
      void this.#ffmpeg.kill(this.#failure.sentence);
    }
  }

  #ended(error: FlyBrowserError | null): void {
    const { stream_id } = this.#options.opening;
    const run = this.number;
    const counts = { run, stream_id, bytes_in: this.#bytesIn, bytes_out: this.#bytesOut };
    log.info("run {run} of {stream_id} has ended: {bytes_in} bytes in, {bytes_out} bytes out", counts);
    for (const line of this.#ffmpeg.stderr)
      log.warning("FFmpeg, run {run} of {stream_id}: {line}", { run, stream_id, line });
    this.#markEnded();
    if (error) this.#options.onFailed(this.#failure ?? error);
  }
}
