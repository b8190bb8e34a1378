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
import { assertSupported } from "./support.ts";

/** ms for which the last status of an ended stream can be asked. */
const STATUS_KEPT = 60_000;
/** ms for which viewers still get the last segments of an ended stream. */
const VIEWABLE_AFTER_END = 30_000;
/** Streams at a time: far above what a machine can encode, and a bound. */
const MAX_STREAMS = 64;

/** What is asked for when a stream is made. */
export interface StreamRequest {
  readonly identity: StreamIdentity;
  readonly options: ResolvedStartStreamOptions;
  readonly tab: Tab;
}

/** Keeps the streams. */
export class StreamRegistry {
  readonly #make: (request: StreamRequest) => Promise<Stream>;
  readonly #streams = new Map<string, Stream>();

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
    this.#forgetOld();
    const known = resume && this.#streams.get(resume.stream_id);
    if (known && !known.is_over) return known.identity;
    assertSupported(options);
    if (this.live().length >= MAX_STREAMS) {
      throw new FlyBrowserError("internal", { reason: `there are ${MAX_STREAMS} streams already` });
    }
    const identity = resume ?? newIdentity(Date.now());
    const stream = await this.#make({ identity, options, tab });
    this.#streams.set(identity.stream_id, stream);
    return identity;
  }

  /** For viewers: the stream that lives, or has ended not long ago. */
  get(stream_id: string): Stream | undefined {
    const stream = this.#streams.get(stream_id);
    const over = stream?.ended_at ?? null;
    return over !== null && Date.now() - over > VIEWABLE_AFTER_END ? undefined : stream;
  }

  /** The stream if it lives. */
  find(stream_id: string): Stream | undefined {
    const stream = this.#streams.get(stream_id);
    return stream?.is_over ? undefined : stream;
  }

  /**
   * The same, for a call that needs it.
   * @throws FlyBrowserError `no_active_stream`
   */
  require(stream_id: string): Stream {
    const stream = this.#streams.get(stream_id); // one that has failed can still tell why
    if (!stream) throw new FlyBrowserError("no_active_stream");
    return stream;
  }

  /** The status of all that live. */
  live(): StreamInfo[] {
    return [...this.#streams.values()].flatMap((stream) => (stream.is_over ? [] : [stream.info()]));
  }

  /** The status of one; for a minute after its end with its last figures; `null`: there is no such stream. */
  status(stream_id: string): StreamStatus | null {
    this.#forgetOld();
    const stream = this.#streams.get(stream_id);
    if (!stream) return null;
    const status = stream.info();
    if (stream.is_over) return { ...NO_STREAM_STATUS, status };
    return { active: true, is_streaming: true, stream_id, dropped_frames: status.metrics.dropped_frames, status };
  }

  /** Ends a stream with all that is under way. Twice harms nothing. */
  async close(stream_id: string, reason: string): Promise<StopStreamResult> {
    const stream = this.find(stream_id);
    if (!stream) return NO_STREAM_STOP;
    return { stream_id, success: true, info: await stream.close(reason) };
  }

  /** Ends everything at once. */
  async killAll(): Promise<void> {
    await Promise.all([...this.#streams.values()].map((stream) => stream.kill()));
  }

  #forgetOld(): void {
    for (const [stream_id, { ended_at }] of this.#streams) {
      if (ended_at !== null && Date.now() - ended_at > STATUS_KEPT) this.#streams.delete(stream_id);
    }
  }
}
