// The streams of this host, by id: live ones, and for a while those that have ended. Never knows how one works.
import { FlyBrowserError } from "../../protocol/errors.ts";
import type { StreamIdentity, Tab } from "../../protocol/native-messages.ts";
import type { ResolvedStartStreamOptions } from "../../protocol/options.ts";
import {
  NO_STREAM_STATUS,
  NO_STREAM_STOP,
  type StopStreamResult,
  type StreamInfo,
  type StreamStatus,
} from "../../protocol/results.ts";
import { newIdentity } from "./identity.ts";
import type { Stream } from "./stream.ts";

/** ms for which the last status of an ended stream, and why it ended, can be asked. */
const STATUS_KEPT = 60_000;
/** Streams at a time: far above what a machine can encode, and a bound. */
const MAX_STREAMS = 64;

/** What is asked for when a stream is made. */
export interface StreamRequest {
  readonly identity: StreamIdentity;
  readonly options: ResolvedStartStreamOptions;
  readonly tab: Tab;
}

/** What is left of a stream that has ended: not its media. */
interface Ended {
  readonly info: StreamInfo;
  readonly error: FlyBrowserError;
}

/** Keeps the streams. */
export class StreamRegistry {
  readonly #make: (request: StreamRequest) => Promise<Stream>;
  readonly #live = new Map<string, Stream>();
  readonly #ended = new Map<string, Ended>();

  /** `make` constructs a stream; it rejects where this machine can't. */
  constructor(make: (request: StreamRequest) => Promise<Stream>) {
    this.#make = make;
  }

  /**
   * Makes a stream, or takes one over from a host that died. The same id twice gives the stream that is there.
   * @throws FlyBrowserError `unsupported_combination`, `ffmpeg_not_found`
   */
  async open(
    tab: Tab,
    options: ResolvedStartStreamOptions,
    resume: StreamIdentity | undefined,
  ): Promise<StreamIdentity> {
    const known = resume && this.#live.get(resume.stream_id);
    if (known) return known.identity;
    if (this.#live.size >= MAX_STREAMS) {
      throw new FlyBrowserError("internal", { reason: `there are ${MAX_STREAMS} streams already` });
    }
    const identity = resume ?? newIdentity(Date.now());
    const stream = await this.#make({ identity, options, tab });
    this.#ended.delete(identity.stream_id);
    this.#live.set(identity.stream_id, stream);
    const release = stream.onChange(() => {
      if (!stream.is_over) return;
      release();
      this.#retire(stream);
    });
    return identity;
  }

  /** The stream if it lives. */
  find(stream_id: string): Stream | undefined {
    return this.#live.get(stream_id);
  }

  /**
   * The same, for a call that needs it.
   * @throws FlyBrowserError what ended the stream; `no_active_stream`
   */
  require(stream_id: string): Stream {
    const stream = this.#live.get(stream_id);
    if (!stream) throw this.#ended.get(stream_id)?.error ?? new FlyBrowserError("no_active_stream");
    return stream;
  }

  /** The status of all that live. */
  list(): StreamInfo[] {
    return [...this.#live.values()].map((stream) => stream.info());
  }

  /** All that live, with the FFmpegs that work for them, and for a minute those that have ended, with their last figures. */
  known(): { readonly info: StreamInfo; readonly ffmpeg_pids: readonly number[] }[] {
    const living = [...this.#live.values()].map((stream) => ({ info: stream.info(), ffmpeg_pids: stream.ffmpeg_pids }));
    return [...living, ...[...this.#ended.values()].map(({ info }) => ({ info, ffmpeg_pids: [] }))];
  }

  /** The status of one; for a minute after its end with its last figures; `null`: there is no such stream. */
  status(stream_id: string): StreamStatus | null {
    const ended = this.#ended.get(stream_id);
    if (ended) return { ...NO_STREAM_STATUS, status: ended.info };
    const status = this.#live.get(stream_id)?.info();
    if (!status) return null;
    return { active: true, is_streaming: true, stream_id, dropped_frames: status.metrics.dropped_frames, status };
  }

  /** Ends a stream with all that is under way. Twice harms nothing. */
  async close(stream_id: string, reason: string): Promise<StopStreamResult> {
    const stream = this.#live.get(stream_id);
    if (!stream) return NO_STREAM_STOP;
    return { stream_id, success: true, info: await stream.close(reason) };
  }

  /** Ends everything at once. */
  async killAll(): Promise<void> {
    await Promise.all([...this.#live.values()].map((stream) => stream.kill()));
  }

  #retire(stream: Stream): void {
    const { stream_id } = stream;
    this.#live.delete(stream_id);
    this.#ended.set(stream_id, {
      info: stream.info(),
      error: stream.trouble ?? new FlyBrowserError("no_active_stream"),
    });
    setTimeout(() => this.#ended.delete(stream_id), STATUS_KEPT).unref();
  }
}
