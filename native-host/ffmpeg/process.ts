// The owner of one FFmpeg: its start, its input queue, its outputs, its end.
import { type ChildProcess, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import type { FlyBrowserError } from "../../protocol/errors.ts";
import { sentence, type Words } from "../../protocol/sentence.ts";
import { outputDescriptor } from "./arguments.ts";
import { deathError, LineTail, spawnError } from "./death.ts";

/** Bytes that may wait for FFmpeg: 2.5 s at the highest profile. */
export const MAX_QUEUED_BYTES = 16 * 1024 * 1024;
/** ms between end of input, SIGTERM and SIGKILL. */
const GRACE = { input_end: 2_500, sigterm: 1_000 } as const;

/** What a {@link FfmpegProcess} needs. */
export interface FfmpegProcessOptions {
  readonly path: string;
  readonly args: readonly string[];
  /** ms without a byte taken, while some wait, after which it counts as hung. */
  readonly hung_after: number;
  /** ms after the end of its input in which it may write out what it has; 2.5 s by default. */
  readonly end_within?: number;
  /** How many outputs it has. */
  readonly outputs: number;
  /** Bytes of the output at that place. */
  readonly onOutput: (index: number, bytes: Buffer) => void;
  /** Told once, when all output has been given: the error, or `null` when the end was asked for. */
  readonly onEnd: (error: FlyBrowserError | null) => void;
}

/** One running FFmpeg. */
export class FfmpegProcess {
  readonly #child: ChildProcess;
  readonly #options: FfmpegProcessOptions;
  readonly #stderr = new LineTail();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #ended: Promise<void>;
  #hungTimer: NodeJS.Timeout | null = null;
  #queuedBytes = 0;
  /** When each of the writes that wait was queued, by `performance.now()`. */
  readonly #queuedAt: number[] = [];
  #ending = false;
  #killedBecause: Words | null = null;
  #spawnFailure: Error | null = null;

  constructor(options: FfmpegProcessOptions) {
    this.#options = options;
    const stdio = Array.from({ length: outputDescriptor(options.outputs - 1) + 1 }, () => "pipe" as const);
    this.#child = spawn(options.path, options.args, {
      stdio: ["pipe", "pipe", "pipe", ...stdio.slice(3)],
      windowsHide: true,
    });
    for (let index = 0; index < options.outputs; index++) {
      this.#drain(outputDescriptor(index), (bytes) => options.onOutput(index, bytes));
    }
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => this.#stderr.push(text));
    this.#input.on("error", () => {}); // FFmpeg is gone; its end tells why
    this.#ended = new Promise((resolve) => {
      this.#child.on("error", (error) => {
        this.#spawnFailure ??= error;
        if (this.#child.pid === undefined) this.#end(null, null, resolve); // never started: `close` may not come
      });
      this.#child.on("close", (code, signal) => this.#end(code, signal, resolve));
    });
  }

  /** Process id; `undefined` when it could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Bytes that wait for FFmpeg. */
  get queued_bytes(): number {
    return this.#queuedBytes;
  }

  /** ms for which the oldest bytes that wait have waited. */
  get behind(): number {
    const [oldest] = this.#queuedAt;
    return oldest === undefined ? 0 : performance.now() - oldest;
  }

  /** The last lines that FFmpeg wrote to stderr. */
  get stderr(): readonly string[] {
    return this.#stderr.lines;
  }

  /**
   * Queues input; `done` is called when FFmpeg's pipe has it, or with `false` when it is lost with the process. Gives `false`,
   * and takes nothing, when the process is ending or the queue is full.
   */
  write(bytes: Buffer, done: (taken: boolean) => void): boolean {
    if (this.#ending || !this.#input.writable || this.#queuedBytes + bytes.length > MAX_QUEUED_BYTES) return false;
    this.#queuedBytes += bytes.length;
    this.#queuedAt.push(performance.now());
    this.#hungTimer ??= setTimeout(() => this.kill(sentence("ffmpeg.stopped_reading")), this.#options.hung_after);
    this.#input.write(bytes, (error) => {
      this.#queuedBytes -= bytes.length;
      this.#queuedAt.shift();
      if (this.#queuedBytes === 0) this.#stopHungTimer();
      else this.#hungTimer?.refresh();
      done(!error);
    });
    return true;
  }

  /** Ends the input and lets FFmpeg write out what it has; firmer after each grace. Resolves when it is gone. */
  finish(): Promise<void> {
    if (!this.#ending) {
      this.#ending = true;
      this.#stopHungTimer();
      this.#input.end();
      const { end_within = GRACE.input_end } = this.#options;
      this.#after(end_within, () => this.#child.kill("SIGTERM"));
      this.#after(end_within + GRACE.sigterm, () => this.#child.kill("SIGKILL"));
    }
    return this.#ended;
  }

  /** Ends it at once; with a reason, its end counts as a failure. Resolves when it is gone. */
  kill(because: Words | null = null): Promise<void> {
    if (because === null) this.#ending = true;
    else this.#killedBecause ??= because;
    this.#child.kill("SIGKILL");
    return this.#ended;
  }

  get #input(): Writable {
    return this.#child.stdin as Writable;
  }

  #drain(fd: number, give: (bytes: Buffer) => void): void {
    const output = this.#child.stdio[fd] as Readable;
    output.on("data", give);
    output.on("error", () => {}); // as for the input
  }

  #after(ms: number, act: () => void): void {
    this.#timers.add(setTimeout(act, ms));
  }

  #stopHungTimer(): void {
    if (this.#hungTimer) clearTimeout(this.#hungTimer);
    this.#hungTimer = null;
  }

  #end(code: number | null, signal: NodeJS.Signals | null, resolve: () => void): void {
    this.#stopHungTimer();
    for (const timer of this.#timers) clearTimeout(timer);
    this.#stderr.end();
    const died = () => deathError({ code, signal, killed_because: this.#killedBecause, stderr: this.#stderr.lines });
    const asked = this.#ending && this.#killedBecause === null;
    const failure =
      this.#spawnFailure && this.pid === undefined ? spawnError(this.#options.path, this.#spawnFailure) : null;
    this.#options.onEnd(failure ?? (asked ? null : died()));
    resolve();
  }
}
