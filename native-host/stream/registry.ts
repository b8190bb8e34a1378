// The streams of this host, by id: live ones, and for a while those that have ended. What is told of streams is told of those
// that viewers may see; one that is only recorded isn't listed.
import { AsyncLocalStorage } from "node:async_hooks";
import { FlyBrowserError, toFlyBrowserError } from "../../protocol/errors.ts";
import type { StreamIdentity, Tab } from "../../protocol/native-messages.ts";
import type { ResolvedStartStreamOptions } from "../../protocol/options.ts";
import {
  NO_STREAM_STATUS,
  NO_STREAM_STOP,
  recoveringInfo,
  recoveringStatus,
  type StopStreamResult,
  type StreamInfo,
  type StreamStatus,
} from "../../protocol/results.ts";
import { sentence } from "../../protocol/sentence.ts";
import type { SinkReport } from "../media/sink.ts";
import { originNow } from "../media/stream-clock.ts";
import { newIdentity, publishedIdentity } from "./identity.ts";
import type { Publication } from "./publication.ts";
import type { Stream } from "./stream.ts";

/** ms for which the last status of an ended stream, and why it ended, can be asked. */
const STATUS_KEPT = 60_000;
/** ms in which a stream of a host that died must be opened here. */
const EXPECTED_WITHIN = 60_000;
/** Streams at a time: far above what a machine can encode, and a bound. */
const MAX_STREAMS = 64;

/** What is asked for when a stream is made. */
export interface StreamRequest {
  readonly identity: StreamIdentity;
  readonly options: ResolvedStartStreamOptions;
  readonly tab: Tab;
  /** What another host told of it last; `null`: it is new. */
  readonly last: StreamInfo | null;
  /** Its tab is private. */
  readonly private: boolean;
}

/** How a stream is opened. */
export interface Opening {
  /** Viewers may see it. */
  readonly published: boolean;
  /** Its id, if it is new and whoever opens it has named it. */
  readonly stream_id?: string | undefined;
  /** It was another host's. */
  readonly resume?: StreamIdentity | undefined;
  /** Its tab is private; left out: it isn't. */
  readonly private?: boolean | undefined;
}

/** What makes streams, and what viewers see of them. */
export interface StreamMaker {
  /** Constructs a stream; it rejects where this machine can't. */
  stream(request: StreamRequest): Promise<Stream>;
  /** Lets viewers see it under an identity. */
  publish(stream: Stream, identity: StreamIdentity, options: ResolvedStartStreamOptions): Promise<void>;
}

/** What is left of a stream that has ended: not its media. */
interface Ended {
  /** `null`: nobody saw it. */
  readonly info: StreamInfo | null;
  readonly error: FlyBrowserError;
}

/** A stream that lives, or has ended a moment ago. */
export interface KnownStream {
  readonly stream_id: string;
  /** `null`: its tab is only recorded, nobody can see it. */
  readonly info: StreamInfo | null;
  /** Ids of the FFmpegs that work for it now. */
  readonly ffmpeg_pids: readonly number[];
  /** How its sinks are doing: packager, recording, destinations. */
  readonly sinks: readonly SinkReport[];
}

/** Keeps the streams. */
export class StreamRegistry {
  readonly #make: StreamMaker;
  readonly #live = new Map<string, Stream>();
  /** Those that are being made, and why nobody wants one of them any more. */
  readonly #making = new Map<string, Promise<StreamIdentity>>();
  readonly #letGo = new Map<string, string>();
  readonly #ended = new Map<string, Ended>();
  /** The stream for which something is done: its timers, sockets and processes inherit it. */
  readonly #doneFor = new AsyncLocalStorage<string>();
  /** The last status of streams of a host that died, until they go on here. */
  readonly #expected = new Map<string, StreamInfo>();

  constructor(make: StreamMaker) {
    this.#make = make;
  }

  /** Streams of a host that died will go on here: `infos` is what was told of them last. */
  expect(infos: readonly StreamInfo[]): void {
    for (const info of infos) if (!this.#live.has(info.stream_id)) this.#expected.set(info.stream_id, info);
    setTimeout(() => this.#expected.clear(), EXPECTED_WITHIN).unref();
  }

  /**
   * Makes a stream, or takes one over from a host that died. The same id twice gives the stream that is there, or is being made.
   * @throws FlyBrowserError `unsupported_combination`, `ffmpeg_not_found`; `no_active_stream`: it was closed meanwhile
   */
  async open(tab: Tab, options: ResolvedStartStreamOptions, opening: Opening): Promise<StreamIdentity> {
    const identity = opening.resume ?? newIdentity(originNow(), opening.published, opening.stream_id);
    const { stream_id } = identity;
    const known = this.#live.get(stream_id);
    if (known) return known.identity;
    this.#letGo.delete(stream_id);
    const underWay = this.#making.get(stream_id);
    if (underWay) return underWay;
    if (this.#live.size + this.#making.size >= MAX_STREAMS) {
      throw new FlyBrowserError("internal", { reason: sentence("stream.too_many", { limit: MAX_STREAMS }) });
    }
    const last = this.#expected.get(stream_id) ?? null;
    const making = this.#begin({ identity, options, tab, last, private: opening.private ?? false }).finally(() => {
      this.#making.delete(stream_id);
      this.#letGo.delete(stream_id);
    });
    this.#making.set(stream_id, making);
    return making;
  }

  async #begin(request: StreamRequest): Promise<StreamIdentity> {
    const { identity, options } = request;
    const { stream_id } = identity;
    const stream = await this.#doneFor.run(stream_id, () => this.#make.stream(request));
    const letGo = this.#letGo.get(stream_id);
    if (letGo !== undefined) {
      await stream.close(letGo);
      throw new FlyBrowserError("no_active_stream");
    }
    this.#ended.delete(stream_id);
    this.#live.set(stream_id, stream);
    const release = stream.onChange(() => {
      if (!stream.is_over) return;
      release();
      this.#retire(stream);
    });
    try {
      if (identity.published_at !== null) {
        await this.#doneFor.run(stream_id, () => this.#make.publish(stream, identity, options));
      }
      this.#expected.delete(stream_id);
    } catch (thrown) {
      await stream.kill(); // whoever asked for it learns of no stream
      throw thrown;
    }
    return identity;
  }

  /**
   * Lets viewers see a stream that is only recorded.
   * @throws FlyBrowserError `no_active_stream`, `stream_already_active`, `unsupported_combination`
   */
  async publish(stream_id: string, options: ResolvedStartStreamOptions): Promise<StreamIdentity> {
    const stream = this.require(stream_id);
    const identity = publishedIdentity(stream.identity, stream.clock.now);
    await this.#doneFor.run(stream_id, () => this.#make.publish(stream, identity, options));
    this.#ended.delete(stream_id);
    return stream.identity;
  }

  /** Ends what viewers see of a stream; its capture goes on. Twice harms nothing. */
  async unpublish(stream_id: string, reason: string): Promise<StopStreamResult> {
    const info = await this.#live.get(stream_id)?.unpublish(reason);
    if (!info) return NO_STREAM_STOP;
    this.#remember(stream_id, { info, error: new FlyBrowserError("no_active_stream") });
    return { stream_id, success: true, info };
  }

  /** Those that live. */
  get all(): readonly Stream[] {
    return [...this.#live.values()];
  }

  /** Whether there are any, or one is being made. */
  get any(): boolean {
    return this.#live.size + this.#making.size > 0;
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

  /**
   * What viewers see of a stream, for a call that needs it.
   * @throws FlyBrowserError as {@link require}; `no_active_stream` when it is only recorded
   */
  requirePublished(stream_id: string): Publication {
    const { publication } = this.require(stream_id);
    if (!publication) throw new FlyBrowserError("no_active_stream");
    return publication;
  }

  /** Does something with a stream, if it lives. What that throws ends this stream, and no other. */
  act(stream_id: string, action: (stream: Stream) => void): void {
    const stream = this.#live.get(stream_id);
    if (!stream) return;
    this.#doneFor.run(stream_id, () => {
      try {
        action(stream);
      } catch (thrown) {
        stream.fail(toFlyBrowserError(thrown));
      }
    });
  }

  /** Ends the stream for which something threw that nobody caught, called where that is told; `false`: it was for none. */
  failed(thrown: unknown): boolean {
    const stream_id = this.#doneFor.getStore();
    if (stream_id === undefined) return false;
    this.#live.get(stream_id)?.fail(toFlyBrowserError(thrown));
    return true;
  }

  /** The status of all that viewers may see. */
  list(): StreamInfo[] {
    const live = [...this.#live.values()].flatMap((stream) => stream.info() ?? []);
    const known = new Set(live.map(({ stream_id }) => stream_id));
    const expected = [...this.#expected.values()].filter(({ stream_id }) => !known.has(stream_id));
    return [...live, ...expected.map(recoveringInfo)];
  }

  /** All that live, and for a minute those that have ended, with their last figures. */
  known(): KnownStream[] {
    const living = [...this.#live.values()].map((stream) => ({
      ...{ stream_id: stream.stream_id, info: stream.info() },
      ffmpeg_pids: [...stream.ingest.ffmpeg_pids, ...(stream.publication?.rungs?.ffmpeg_pids ?? [])],
      sinks: stream.media.reports,
    }));
    const ended = [...this.#ended].map(([stream_id, { info }]) => ({ stream_id, info, ffmpeg_pids: [], sinks: [] }));
    return [...living, ...ended];
  }

  /** The status of one; for a minute after its end with its last figures; `null`: there is no such stream. */
  status(stream_id: string): StreamStatus | null {
    const status = this.#live.get(stream_id)?.info();
    const expected = this.#expected.get(stream_id);
    if (!status && expected) return recoveringStatus(expected);
    const ended = this.#ended.get(stream_id)?.info;
    if (!status) return ended ? { ...NO_STREAM_STATUS, status: ended } : null;
    return { active: true, is_streaming: true, stream_id, dropped_frames: status.metrics.dropped_frames, status };
  }

  /**
   * Ends a stream with all that is under way; one that is still being made ends as soon as it is there, so that none stays
   * whose opener has given it up. Twice harms nothing.
   */
  async close(stream_id: string, reason: string): Promise<StopStreamResult> {
    this.#expected.delete(stream_id);
    if (this.#making.has(stream_id)) this.#letGo.set(stream_id, reason);
    const stream = this.#live.get(stream_id);
    const info = await stream?.close(reason);
    return info ? { stream_id, success: true, info } : NO_STREAM_STOP;
  }

  /** Ends everything at once. */
  async killAll(): Promise<void> {
    await Promise.all([...this.#live.values()].map((stream) => stream.kill()));
  }

  #retire(stream: Stream): void {
    const { stream_id } = stream;
    this.#live.delete(stream_id);
    const error = stream.trouble ?? new FlyBrowserError("no_active_stream");
    this.#remember(stream_id, { info: stream.info() ?? this.#ended.get(stream_id)?.info ?? null, error });
  }

  #remember(stream_id: string, ended: Ended): void {
    this.#ended.set(stream_id, ended);
    const forget = () => this.#ended.get(stream_id) === ended && this.#ended.delete(stream_id);
    setTimeout(forget, STATUS_KEPT).unref();
  }
}
