// One FFmpeg that makes one rung of one run: fragments of the source in, media units of the rung out.
import { setPriority } from "node:os";
import { LATE, timeout } from "../../protocol/async.ts";
import { FlyBrowserError, toFlyBrowserError } from "../../protocol/errors.ts";
import { sentence } from "../../protocol/sentence.ts";
import { FfmpegProcess } from "../ffmpeg/process.ts";
import { FragmentReader } from "../media/fragment-reader.ts";
import type { InitSegment } from "../media/init-segment.ts";
import type { Rendition } from "../media/rendition.ts";
import type { MediaUnit } from "../media/unit.ts";

/** ms without a byte taken after which it counts as hung. */
const HUNG_AFTER = 15_000;
/** ms in which a single segment must be made. */
const ONE_WITHIN = 10_000;
/** Niceness of one that goes on: the source, the browser and the page come first. */
const NICE = 5;

/** What a {@link RungEncoder} needs. */
export interface RungEncoderOptions {
  readonly path: string;
  readonly args: readonly string[];
  readonly rendition: Rendition;
  readonly run: number;
  /** It gets a few fragments only. */
  readonly short?: boolean;
  readonly onInit?: (init: InitSegment) => void;
  readonly onUnit: (unit: MediaUnit) => void;
  /** Told once: the error, or `null` when its end was asked for. */
  readonly onEnd: (error: FlyBrowserError | null) => void;
}

/** One encoder. */
export class RungEncoder {
  readonly #ffmpeg: FfmpegProcess;
  readonly #reader: FragmentReader;
  #failure: FlyBrowserError | null = null;

  constructor({ path, args, rendition, run, short = false, onInit, onUnit, onEnd }: RungEncoderOptions) {
    this.#reader = new FragmentReader({ rendition, run, onInit: onInit ?? (() => {}), onUnit });
    this.#ffmpeg = new FfmpegProcess({
      ...{ path, args, outputs: 1, hung_after: HUNG_AFTER, ...(short ? { end_within: ONE_WITHIN * 2 } : {}) },
      onOutput: (_, bytes) => this.#take(bytes),
      onEnd: (error) => onEnd(error && (this.#failure ?? error)),
    });
    if (!short) lower(this.pid);
  }

  /** Process id; `undefined`: it could not be started. */
  get pid(): number | undefined {
    return this.#ffmpeg.pid;
  }

  /** Hands on bytes of the source. One that can't take them fails: a stream with a hole is worth nothing. */
  write(bytes: Uint8Array): void {
    const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (!this.#ffmpeg.write(view, () => {})) void this.#ffmpeg.kill(sentence("stream.queue_full"));
  }

  /** Ends it once all that it was given has come out. */
  finish(): Promise<void> {
    return this.#ffmpeg.finish();
  }

  /** Ends it at once. */
  kill(): Promise<void> {
    return this.#ffmpeg.kill();
  }

  #take(bytes: Buffer): void {
    if (this.#failure) return;
    try {
      this.#reader.write(bytes);
    } catch (thrown) {
      this.#failure = toFlyBrowserError(thrown);
      void this.#ffmpeg.kill(this.#failure.sentence);
    }
  }
}

/** What came out of a few fragments. */
export interface Encoded {
  readonly init: InitSegment;
  readonly units: readonly MediaUnit[];
}

/**
 * Encodes what is given and nothing more.
 * @throws FlyBrowserError `ffmpeg_failed`: it failed, took more than 10 s, or gave nothing
 */
export async function encodeOnce(
  options: Pick<RungEncoderOptions, "path" | "args" | "rendition" | "run">,
  input: readonly Uint8Array[],
): Promise<Encoded> {
  let init: InitSegment | null = null;
  let error: FlyBrowserError | null = null;
  const units: MediaUnit[] = [];
  const encoder = new RungEncoder({
    ...options,
    short: true,
    onInit: (given) => {
      init = given;
    },
    onUnit: (unit) => units.push(unit),
    onEnd: (thrown) => {
      error = thrown;
    },
  });
  for (const bytes of input) encoder.write(bytes);
  const late = (await timeout(encoder.finish(), ONE_WITHIN)) === LATE;
  if (late) await encoder.kill();
  if (error) throw error;
  const reason = late ? sentence("ffmpeg.no_answer", { seconds: ONE_WITHIN / 1000 }) : sentence("stream.no_output");
  if (late || !init || units.length === 0) throw new FlyBrowserError("ffmpeg_failed", { reason });
  return { init, units };
}

function lower(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, NICE);
  } catch {
    // It has ended already, which its owner is told, or this system has no such thing.
  }
}
