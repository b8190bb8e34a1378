// Records without a loss that a measurement finds: WebCodecs' VP9 at quantizer 0 and Opus, one run of Matroska in slices, as
// recorder.ts gives it.
import {
  AppendOnlyStreamTarget,
  EncodedAudioPacketSource,
  EncodedPacket,
  EncodedVideoPacketSource,
  MkvOutputFormat,
  Output,
} from "mediabunny";
import { timeout } from "../../protocol/async.ts";
import { FlyBrowserError } from "../../protocol/errors.ts";
import type { CaptureRequest } from "../../protocol/extension-messages.ts";
import { sentence } from "../../protocol/sentence.ts";
import { joined } from "./ebml.ts";
import {
  AUDIO_BITRATE,
  mimeType,
  type RecorderListeners,
  type RecorderSource,
  type RunRecorder,
  SLICE_MS,
} from "./recorder.ts";

/** Level 5.2: 4K at 60 frames a second. */
const VP9 = "vp09.00.52.08";
/** Frames that may wait in the encoder; more are left out, and counted. */
const MAX_WAITING = 2;
/** ms that the tail may take after a stop. */
const STOP_TIMEOUT = 2_000;

/** Chrome's own class, not in the standard's types for a document. */
declare const MediaStreamTrackProcessor: new <T>(init: {
  track: MediaStreamTrack;
}) => { readonly readable: ReadableStream<T> };

/** What a track gives: a frame, or a buffer of sound. */
interface TrackData {
  readonly timestamp: number;
  close(): void;
}

/** A recorder for one run. */
export class LosslessRecorder implements RunRecorder {
  readonly mime_type: string;
  readonly captured_at: number;
  eager = false;
  /** Both are stamped as they arrive. */
  readonly sound_late = 0;
  readonly #request: CaptureRequest;
  readonly #listeners: RecorderListeners;
  readonly #output: Output;
  readonly #videoSource = new EncodedVideoPacketSource("vp9");
  readonly #audioSource: EncodedAudioPacketSource | null;
  readonly #videoEncoder: VideoEncoder;
  readonly #audioEncoder: AudioEncoder | null;
  readonly #tracks: MediaStreamTrack[] = [];
  readonly #readers: ReadableStreamDefaultReader<unknown>[] = [];
  readonly #timer: ReturnType<typeof setInterval>;
  /** Packets go to the muxer one after another: it may wait. */
  #muxing: Promise<unknown>;
  #slice: Uint8Array<ArrayBuffer>[] = [];
  #size = "";
  /** ms of the last keyframe. */
  #keyframe = Number.NEGATIVE_INFINITY;
  #stopped: Promise<void> | null = null;
  #failed = false;

  /**
   * Begins to record.
   * @throws FlyBrowserError `capture_failed`
   */
  constructor({ stream }: RecorderSource, request: CaptureRequest, listeners: RecorderListeners) {
    const [video] = stream.getVideoTracks();
    const [sound] = stream.getAudioTracks();
    if (!video) throw new FlyBrowserError("capture_failed", { reason: sentence("capture.no_video") });
    this.mime_type = mimeType(request.recorder, sound !== undefined);
    this.captured_at = performance.now();
    this.#request = request;
    this.#listeners = listeners;
    const target = new AppendOnlyStreamTarget(
      new WritableStream<Uint8Array>({ write: (data) => void this.#slice.push(new Uint8Array(data)) }),
    );
    this.#output = new Output({ format: new MkvOutputFormat({ appendOnly: true }), target });
    this.#output.addVideoTrack(this.#videoSource, { frameRate: request.frame_rate });
    this.#audioSource = sound ? new EncodedAudioPacketSource("opus") : null;
    if (this.#audioSource) this.#output.addAudioTrack(this.#audioSource);
    this.#muxing = this.#output.start();
    const error = (thrown: DOMException) => this.#fail(thrown.message);
    this.#videoEncoder = new VideoEncoder({
      output: (chunk, meta) => this.#mux(() => this.#videoSource.add(EncodedPacket.fromEncodedChunk(chunk), meta)),
      error,
    });
    this.#audioEncoder = this.#audioSource && this.#makeAudioEncoder(this.#audioSource, error);
    this.#read<VideoFrame>(video, (frame, at) => this.#encodeFrame(frame, at));
    if (sound) this.#read<AudioData>(sound, (data, at) => this.#encodeSound(data, at, sound.enabled));
    this.#timer = setInterval(() => this.#flush(), SLICE_MS);
  }

  /** Ends the recording; resolves after the last slice. Idempotent. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    const finished = this.#finish().catch(() => {});
    await timeout(finished, STOP_TIMEOUT);
    clearInterval(this.#timer);
    this.#flush();
  }

  async #finish(): Promise<void> {
    for (const track of this.#tracks) track.stop();
    for (const reader of this.#readers) await reader.cancel().catch(() => {});
    await Promise.all(
      [this.#videoEncoder, this.#audioEncoder].map((encoder) => encoder?.state === "configured" && encoder.flush()),
    );
    await this.#muxing;
    await this.#output.finalize();
    for (const encoder of [this.#videoEncoder, this.#audioEncoder])
      if (encoder?.state === "configured") encoder.close();
  }

  #makeAudioEncoder(source: EncodedAudioPacketSource, error: (thrown: DOMException) => void): AudioEncoder {
    return new AudioEncoder({
      output: (chunk, meta) => this.#mux(() => source.add(EncodedPacket.fromEncodedChunk(chunk), meta)),
      error,
    });
  }

  /** Gives each frame or buffer of a track with its time in the run, µs: the clock of each track begins elsewhere. */
  #read<T extends TrackData>(track: MediaStreamTrack, give: (data: T, at: number) => void): void {
    const copy = track.clone();
    copy.enabled = true; // whoever switches the track off later doesn't reach its copy
    this.#tracks.push(copy);
    const reader = new MediaStreamTrackProcessor<T>({ track: copy }).readable.getReader();
    this.#readers.push(reader);
    let begin: number | null = null;
    let last = -1;
    const next = async (): Promise<void> => {
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return;
        const arrived = (performance.now() - this.captured_at) * 1000;
        begin ??= value.timestamp - arrived;
        last = Math.max(last + 1, Math.round(value.timestamp - begin));
        try {
          if (this.#stopped === null && !this.#failed) give(value, last);
        } finally {
          value.close();
        }
      }
    };
    next().catch((thrown: unknown) => this.#fail(thrown instanceof Error ? thrown.message : String(thrown)));
  }

  #encodeFrame(frame: VideoFrame, at: number): void {
    const { frame_rate: framerate, keyframe_interval } = this.#request;
    const { displayWidth: width, displayHeight: height } = frame;
    if (this.#size === "") {
      const quality = { bitrateMode: "quantizer", latencyMode: "realtime" } as const;
      this.#videoEncoder.configure({ codec: VP9, width, height, framerate, ...quality });
    }
    this.#size ||= `${width}x${height}`;
    if (this.#size !== `${width}x${height}`) return; // a new run is on its way
    if (this.#videoEncoder.encodeQueueSize >= MAX_WAITING) {
      this.#listeners.onLost(1000 / framerate);
      return;
    }
    const keyFrame = at / 1000 - this.#keyframe >= keyframe_interval - 500 / framerate;
    if (keyFrame) this.#keyframe = at / 1000;
    const stamped = new VideoFrame(frame, { timestamp: at });
    this.#videoEncoder.encode(stamped, { keyFrame, vp9: { quantizer: 0 } });
    stamped.close();
  }

  /** `audible`: else silence stands in its place. */
  #encodeSound(data: AudioData, at: number, audible: boolean): void {
    const { sampleRate, numberOfChannels, numberOfFrames, format } = data;
    if (!this.#audioEncoder || format === null) return;
    if (this.#audioEncoder.state === "unconfigured") {
      this.#audioEncoder.configure({ codec: "opus", sampleRate, numberOfChannels, bitrate: AUDIO_BITRATE });
    }
    const planes = format.endsWith("-planar") ? numberOfChannels : 1;
    const size = data.allocationSize({ planeIndex: 0 });
    const samples = new Uint8Array(size * planes);
    for (let plane = 0; plane < planes; plane++) data.copyTo(samples.subarray(plane * size), { planeIndex: plane });
    if (!audible) samples.fill(0);
    const stamped = new AudioData({
      format,
      sampleRate,
      numberOfFrames,
      numberOfChannels,
      timestamp: at,
      data: samples,
    });
    this.#audioEncoder.encode(stamped);
    stamped.close();
  }

  #mux(add: () => Promise<void>): void {
    const added = async () => {
      await add();
      if (this.eager) this.#flush();
    };
    this.#muxing = this.#muxing.then(added).catch((thrown: unknown) => {
      this.#fail(thrown instanceof Error ? thrown.message : String(thrown));
    });
  }

  #flush(): void {
    if (this.#slice.length === 0) return;
    const slice = this.#slice;
    this.#slice = [];
    this.#listeners.onSlice(joined(slice), SLICE_MS);
  }

  #fail(reason: string): void {
    if (this.#failed || this.#stopped !== null) return;
    this.#failed = true;
    this.#listeners.onError(reason);
  }
}
