// Turns media units into the RTMP messages of one connection after the other: metadata and sequence headers, a keyframe first,
// time from 0, video and audio in one order.
import { FlyBrowserError } from "../../../protocol/errors.ts";
import { sentence } from "../../../protocol/sentence.ts";
import type { InitSegment } from "../../media/init-segment.ts";
import { type MediaRun, sourceInit } from "../../media/sink.ts";
import type { MediaUnit, Sample } from "../../media/unit.ts";
import {
  audioFrame,
  audioHeader,
  type FlvTag,
  metadata,
  type VideoCodec,
  videoFrame,
  videoHeader,
} from "./flv-tags.ts";
import { Interleaver } from "./interleaver.ts";

/** A message for the connection. */
export interface TimedTag extends FlvTag {
  /** ms since the first keyframe of the connection. */
  readonly timestamp: number;
}

interface Frame extends Sample {
  readonly kind: "video" | "audio";
}

interface OpenRun {
  readonly video: InitSegment;
  readonly audio: InitSegment | null;
  readonly interleaver: Interleaver<Frame>;
  /** Whether this connection has this run's sequence headers. */
  announced: boolean;
}

/** The muxer of one destination. */
export class FlvMuxer {
  readonly #codec: VideoCodec;
  readonly #frameRate: number;
  #run: OpenRun | null = null;
  /** ms on the stream's clock that is 0 on this connection; `null`: it waits for its keyframe. */
  #base: number | null = null;
  #last = 0;
  #leftOut = 0;

  /** @param codec what the connections are opened for. @param frame_rate frames a second, for the metadata */
  constructor(codec: VideoCodec, frame_rate: number) {
    this.#codec = codec;
    this.#frameRate = frame_rate;
  }

  /** Video frames left out because a connection begins with a keyframe. */
  get left_out(): number {
    return this.#leftOut;
  }

  /**
   * Begins a run; what was still held back of the one before is gone.
   * @throws FlyBrowserError `unsupported_combination` for another codec than the connections are opened for
   */
  openRun(run: MediaRun): void {
    this.#run = null;
    const [video, audio] = [sourceInit(run, "video"), sourceInit(run, "audio")];
    if (!video) return;
    const [{ codec }, sound] = [video.rendition, audio?.rendition.codec ?? "aac"];
    if (codec !== this.#codec || sound !== "aac") {
      const [what, carried] = codec === this.#codec ? [sound, "aac"] : [codec, this.#codec];
      throw new FlyBrowserError("unsupported_combination", {
        what: sentence("combination.codec_change", { codec: what }),
        reason: sentence("combination.opened_for", { codec: carried }),
        instead: sentence("instead.restart"),
      });
    }
    const interleaver = new Interleaver<Frame>({ video: true, audio: audio !== undefined });
    this.#run = { video, audio: audio ?? null, interleaver, announced: false };
  }

  /** Begins a connection: whatever comes next begins with headers and a keyframe, at time 0. */
  openConnection(): void {
    this.#base = null;
    this.#last = 0;
    if (!this.#run) return;
    this.#run.announced = false;
    // Between what is held back and what comes next, some may be missing.
    this.#leftOut += this.#run.interleaver.flush().filter(({ kind }) => kind === "video").length;
  }

  /**
   * Takes a unit, gives the messages whose turn has come.
   * @throws FlyBrowserError `ffmpeg_failed` when it can't be read
   */
  write(unit: MediaUnit): TimedTag[] {
    const run = this.#run;
    if (!run?.[unit.kind]) return [];
    const frames = unit.samples().map((sample) => ({ kind: unit.kind, ...sample }));
    return this.#toTags(run, run.interleaver.push(unit.kind, frames));
  }

  /** Everything that is still held back. */
  flush(): TimedTag[] {
    return this.#run ? this.#toTags(this.#run, this.#run.interleaver.flush()) : [];
  }

  #toTags(run: OpenRun, frames: readonly Frame[]): TimedTag[] {
    return frames.flatMap((frame) => {
      // A connection, and a run, begin with a keyframe: audio before it would play to nothing.
      if (run.announced || (frame.kind === "video" && frame.keyframe)) return this.#toTag(run, frame);
      if (frame.kind === "video") this.#leftOut++;
      return [];
    });
  }

  #toTag(run: OpenRun, frame: Frame): TimedTag[] {
    const { kind, dts, pts } = frame;
    const headers = run.announced ? [] : this.#announce(run, dts);
    const base = this.#base ?? dts;
    const timestamp = Math.max(0, Math.round(dts - base));
    this.#last = Math.max(this.#last, timestamp);
    const composition = Math.round(pts - base) - timestamp;
    const tag = kind === "video" ? videoFrame(this.#codec, frame, composition) : audioFrame(frame);
    return [...headers, { ...tag, timestamp }];
  }

  /** The headers of a run, whose first keyframe is decoded at `dts`. */
  #announce(run: OpenRun, dts: number): TimedTag[] {
    run.announced = true;
    this.#base ??= dts;
    // Where a run seems to begin before the last one ended, the whole of it is moved, so that audio and video stay together.
    if (dts - this.#base < this.#last) this.#base = dts - this.#last - 1;
    const timestamp = Math.round(dts - this.#base);
    const headers = [metadata(this.#codec, run.video, run.audio, this.#frameRate), videoHeader(this.#codec, run.video)];
    if (run.audio) headers.push(audioHeader(run.audio));
    return headers.map((header) => ({ ...header, timestamp }));
  }
}
