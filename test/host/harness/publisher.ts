// The extension's part of one stream: opens runs, sends slices, answers the host's wish for a fresh run.
import type { StreamIdentity } from "../../../protocol/native-messages.ts";
import type { StartStreamOptions } from "../../../protocol/options.ts";
import { parseStartStreamOptions } from "../../../protocol/options.ts";
import type { StartStreamResult, StopStreamResult } from "../../../protocol/results.ts";
import { type HostProcess, TAB } from "./host-process.ts";
import { LiveMedia, type LiveMediaOptions } from "./live-media.ts";

/** What is published. */
export interface PublisherOptions {
  readonly media?: Omit<LiveMediaOptions, "onSlice">;
  readonly options?: StartStreamOptions;
  readonly resume?: StreamIdentity;
  /** Left out: for viewers to see. */
  readonly published?: boolean;
  /** Goes on. */
  readonly recording_id?: string;
  /** Number of the first run. */
  readonly first_run?: number;
}

/** One stream on its way into a host. */
export class Publisher {
  /** Another one where its connection was lost and the host goes on. */
  host: HostProcess;
  readonly identity: StreamIdentity;
  readonly #options: PublisherOptions;
  #run: number;
  #media: LiveMedia | null = null;
  /** Bytes sent of each run. */
  readonly sent = new Map<number, number>();

  private constructor(host: HostProcess, identity: StreamIdentity, options: PublisherOptions) {
    this.host = host;
    this.identity = identity;
    this.#options = options;
    this.#run = (options.first_run ?? 0) - 1;
  }

  /** Opens a stream and its first run. */
  static async open(host: HostProcess, options: PublisherOptions = {}): Promise<Publisher> {
    const streamOptions = parseStartStreamOptions(options.options ?? {});
    const { resume, published = true, recording_id } = options;
    const goesOn = recording_id === undefined ? {} : { recording_id };
    const request = { tab: TAB, options: streamOptions, published, ...(resume ? { resume } : {}), ...goesOn };
    const publisher = new Publisher(host, await host.peer.call("openStream", request), options);
    await publisher.freshRun();
    return publisher;
  }

  get stream_id(): string {
    return this.identity.stream_id;
  }

  get run(): number {
    return this.#run;
  }

  /** Ends the recorder and begins the next one; `change`: what is different from then on. */
  async freshRun(change: { width?: number; height?: number } = {}): Promise<void> {
    await this.closeRun();
    const run = ++this.#run;
    const { stream_id } = this;
    const { width = 640, height = 360, audio = true } = { ...this.#options.media, ...change };
    const waiting: Buffer[] = [];
    let open = false;
    const send = (slice: Buffer): void => {
      this.sent.set(run, (this.sent.get(run) ?? 0) + slice.length);
      this.host.peer.emit("chunk", { stream_id, run, sent_at: performance.now(), data: slice.toString("base64") });
    };
    const media = new LiveMedia({
      ...this.#options.media,
      width,
      height,
      onSlice: (slice) => (open ? send(slice) : waiting.push(slice)),
    });
    this.#media = media;
    const captured_at = await media.began;
    const mime_type = "video/x-matroska;codecs=avc1,opus";
    this.host.peer.emit("run_opened", {
      ...{ stream_id, run, mime_type, width, height, matrix: "bt709", sound_late: 0, has_audio: audio, captured_at },
      ...{ sent_at: performance.now(), clock: performance.timeOrigin },
    });
    open = true;
    waiting.forEach(send);
  }

  /** A run of given bytes instead of a recorder's, whole and closed. */
  async sendRun(bytes: Buffer): Promise<void> {
    await this.closeRun();
    const run = ++this.#run;
    const { stream_id } = this;
    const now = performance.now();
    this.host.peer.emit("run_opened", {
      ...{
        stream_id,
        run,
        mime_type: "video/x-matroska;codecs=avc1,opus",
        width: 640,
        height: 360,
        has_audio: true,
        matrix: "bt709",
        sound_late: 0,
      },
      ...{ captured_at: now, sent_at: now, clock: performance.timeOrigin },
    });
    this.host.peer.emit("chunk", { stream_id, run, sent_at: now, data: bytes.toString("base64") });
    this.host.peer.emit("run_closed", { stream_id, run, reason: "it was all" });
  }

  /** Ends the recorder and with it the run. */
  async closeRun(): Promise<void> {
    if (!this.#media) return;
    await this.#media.close();
    this.#media = null;
    this.host.peer.emit("run_closed", { stream_id: this.stream_id, run: this.#run, reason: "the test" });
  }

  playable(): Promise<StartStreamResult> {
    return this.host.peer.call("waitUntilPlayable", { stream_id: this.stream_id, marks: [] });
  }

  /** Ends recorder and stream. */
  async stop(): Promise<StopStreamResult> {
    await this.closeRun();
    return this.host.peer.call("closeStream", { stream_id: this.stream_id, reason: "the test" });
  }

  /** Ends the recorder without a word to the host. */
  async abandon(): Promise<void> {
    await this.#media?.close();
    this.#media = null;
  }
}
