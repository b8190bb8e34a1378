// Turns runs of fragments into the RTMP messages of one connection after the other: metadata, sequence headers, a
// keyframe first, time from 0, video and audio in one order. Never knows sockets, or when they are lost.
import { FlyBrowserError } from "../../../protocol/errors.ts";
import {
  audioFrame,
  audioHeader,
  type FlvTag,
  metadata,
  type StreamFigures,
  videoFrame,
  videoHeader,
} from "./flv-tags.ts";
import { Interleaver } from "./interleaver.ts";
import { readSamples, type Sample } from "./samples.ts";
import { type AudioTrack, readAudioTrack, readVideoTrack, type VideoCodec, type VideoTrack } from "./tracks.ts";

/** The init segments of a run, and its place in time. */
export interface RtmpRun {
  readonly video: Uint8Array;
  /** `null`: no sound. */
  readonly audio: Uint8Array | null;
  /** ms on the stream's clock where time 0 of the run's media lies; 0 when the media are on that clock themselves. */
  readonly origin?: number;
}

/** A message for the connection. */
export interface TimedTag extends FlvTag {
  /** ms since the first keyframe of the connection. */
  readonly timestamp: number;
}

interface Frame {
  readonly kind: "video" | "audio";
  /** ms on the stream's clock. */
  readonly dts: number;
  readonly sample: Sample;
}

interface OpenRun {
  readonly video: VideoTrack;
  readonly audio: AudioTrack | null;
  readonly origin: number;
  readonly interleaver: Interleaver<Frame>;
  /** Whether this connection has this run's sequence headers. */
  announced: boolean;
}

/** The feed of one output. */
export class RtmpFeed {
  readonly #codec: VideoCodec;
  readonly #figures: StreamFigures;
  #run: OpenRun | null = null;
  /** ms on the stream's clock that is 0 on this connection; `null`: it waits for its keyframe. */
  #base: number | null = null;
  #last = 0;

  constructor(codec: VideoCodec, figures: StreamFigures) {
    this.#codec = codec;
    this.#figures = figures;
  }

  /**
   * Begins a run; gives what was still held back of the one before.
   * @throws FlyBrowserError `unsupported_combination`, `ffmpeg_failed`; the old run goes on then.
   */
  openRun(run: RtmpRun): TimedTag[] {
    const video = readVideoTrack(run.video);
    const audio = run.audio && readAudioTrack(run.audio);
    if (video.codec !== this.#codec) {
      const reason = `the connection was opened for ${this.#codec}`;
      const instead = "Stop the stream and start it with the other codec.";
      throw new FlyBrowserError("unsupported_combination", { what: `A change to ${video.codec}`, reason, instead });
    }
    const rest = this.flush();
    const interleaver = new Interleaver<Frame>({ video: true, audio: audio !== null });
    this.#run = { video, audio, origin: run.origin ?? 0, interleaver, announced: false };
    return rest;
  }

  /** Begins a connection: whatever comes next begins with headers and a keyframe, at time 0. */
  openConnection(): void {
    this.#base = null;
    this.#last = 0;
    if (!this.#run) return;
    this.#run.announced = false;
  }

  /**
   * Takes a fragment, gives the messages whose turn has come.
   * @throws FlyBrowserError `ffmpeg_failed` when it can't be read.
   */
  write(kind: "video" | "audio", fragment: Uint8Array): TimedTag[] {
    const run = this.#run;
    const track = run?.[kind];
    if (!run || !track) return [];
    const samples = readSamples(track.init, fragment);
    const frames = samples.map((sample) => ({ kind, dts: run.origin + sample.dts, sample }));
    return this.#toTags(run, run.interleaver.push(kind, frames));
  }

  /** Everything that is still held back. */
  flush(): TimedTag[] {
    return this.#run ? this.#toTags(this.#run, this.#run.interleaver.flush()) : [];
  }

  #toTags(run: OpenRun, frames: readonly Frame[]): TimedTag[] {
    return frames.flatMap((frame) => this.#toTag(run, frame));
  }

  #toTag(run: OpenRun, frame: Frame): TimedTag[] {
    const { kind, sample, dts } = frame;
    const tags: TimedTag[] = [];
    if (!run.announced) {
      // A connection, and a run, begin with a keyframe: sound before it would play to nothing.
      if (kind !== "video" || !sample.keyframe) return [];
      this.#base ??= dts;
      // Where a run seems to begin before the last one ended, the whole of it is moved, so that sound and picture stay together.
      if (dts - this.#base < this.#last) this.#base = dts - this.#last - 1;
      const timestamp = Math.round(dts - this.#base);
      const headers = [metadata(run.video, run.audio, this.#figures), videoHeader(run.video)];
      if (run.audio) headers.push(audioHeader(run.audio));
      for (const header of headers) tags.push({ ...header, timestamp });
      run.announced = true;
    }
    const base = this.#base ?? dts;
    const timestamp = Math.max(0, Math.round(dts - base));
    this.#last = Math.max(this.#last, timestamp);
    const composition = Math.round(dts + (sample.pts - sample.dts) - base) - timestamp;
    const tag = kind === "video" ? videoFrame(run.video, sample, composition) : audioFrame(sample);
    tags.push({ ...tag, timestamp });
    return tags;
  }
}
