// The RTMP output of a stream: publishes what the packager's readers are given too, and comes back by itself after
// a lost connection. Never holds the stream up: what can't be sent is left out and counted.
import { FlyBrowserError, type SerializedError, serializeError } from "../../../protocol/errors.ts";
import { Backoff } from "./backoff.ts";
import { RtmpConnection, type RtmpLog } from "./connection.ts";
import { RtmpFeed, type RtmpRun, type TimedTag } from "./feed.ts";
import type { StreamFigures } from "./flv-tags.ts";
import { MESSAGE } from "./messages.ts";
import { RtmpTarget } from "./target.ts";
import type { VideoCodec } from "./tracks.ts";
import type { QueueLimits } from "./write-queue.ts";

/** What makes an output. Times in ms. */
export interface RtmpOutputOptions extends StreamFigures {
  /** `rtmp://` or `rtmps://`. */
  readonly url: string;
  /** The stream key: shown nowhere. */
  readonly key?: string;
  readonly log: RtmpLog;
  /** Default `h264`. */
  readonly codec?: VideoCodec;
  /** PEM file of authorities for `rtmps`, beside Node's own; default: that of FLYBROWSER_RTMP_CA. */
  readonly caFile?: string;
  /** What may wait for the network; default 16 MiB and 4000 ms of media. */
  readonly limits?: QueueLimits;
  /** Default 10 000. */
  readonly connectTimeout?: number;
  /** Until a connection that takes nothing counts as lost; default 15 000. */
  readonly stallTimeout?: number;
  /** The stream was published before, by a host that died: a server that is away now is tried again from the beginning. */
  readonly resumes?: boolean;
  /** Pauses between attempts; default 500 and 15 000. */
  readonly retry?: { readonly first: number; readonly longest: number };
}

/** State of an output. */
export type RtmpState = "connecting" | "publishing" | "reconnecting" | "closed";

/** What an output has done so far. */
export interface RtmpStatus {
  readonly state: RtmpState;
  /** How often it has come back after a lost connection. */
  readonly reconnects: number;
  /** Attempts to come back since the connection was lost; 0 while publishing. */
  readonly attempts: number;
  readonly bytes_sent: number;
  readonly frames_sent: number;
  /** Video frames left out because the network was too slow. */
  readonly dropped_frames: number;
  /** Video frames that came while there was no connection. */
  readonly missed_frames: number;
  readonly queued_bytes: number;
  /** Why the connection was lost or could not be made, the last time. */
  readonly last_error: SerializedError | null;
}

/** A connection that has lasted so long (ms) was a good one: the pauses begin anew. */
const STEADY = 10_000;

/** The output of one stream to one server. */
export class RtmpOutput {
  readonly #options: Omit<RtmpOutputOptions, "url" | "key">;
  readonly #target: RtmpTarget;
  readonly #feed: RtmpFeed;
  readonly #backoff: Backoff;
  readonly #abort = new AbortController();
  readonly #listeners = new Set<(status: RtmpStatus) => void>();
  #connecting: Promise<void> | null = null;
  #connection: RtmpConnection | null = null;
  #closed: Promise<void> | null = null;
  #retry: ReturnType<typeof setTimeout> | null = null;
  #state: RtmpState = "connecting";
  #publishedAt = 0;
  #reconnects = 0;
  #attempts = 0;
  #framesSent = 0;
  #missed = 0;
  /** Sums of the connections that are over. */
  #before = { bytes: 0, dropped: 0 };
  #lastError: SerializedError | null = null;

  /** @throws FlyBrowserError `invalid_option` for a URL that can't be used. */
  constructor(options: RtmpOutputOptions) {
    // From here on only the target knows the key, and the URL that may hold one.
    const { url, key, ...rest } = options;
    this.#options = rest;
    this.#target = new RtmpTarget(url, key);
    this.#feed = new RtmpFeed(rest.codec ?? "h264", rest);
    this.#backoff = new Backoff(options.retry?.first ?? 500, options.retry?.longest ?? 15_000);
  }

  /** What it has done so far, measured now. */
  get status(): RtmpStatus {
    return {
      state: this.#state,
      reconnects: this.#reconnects,
      attempts: this.#attempts,
      bytes_sent: this.#before.bytes + (this.#connection?.bytesSent ?? 0),
      frames_sent: this.#framesSent,
      dropped_frames: this.#before.dropped + (this.#connection?.droppedFrames ?? 0),
      missed_frames: this.#missed,
      queued_bytes: this.#connection?.queuedBytes ?? 0,
      last_error: this.#lastError,
    };
  }

  /** `rtmp://host:port`, without path and key: what may be shown. */
  get server(): string {
    return this.#target.server;
  }

  /** The URL without stream name and query: `rtmp_url` of a result. */
  get publicUrl(): string {
    return this.#target.publicUrl;
  }

  /** Adds a listener for changes of state; gives the function that takes it away. */
  onChange(listener: (status: RtmpStatus) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Resolves when the server has accepted the stream; from then on a lost connection is made again by itself. One that
   * `resumes` resolves after the first attempt, however that went.
   * @throws FlyBrowserError `rtmp_unreachable`, `rtmp_tls_failed`, `rtmp_refused`, `rtmp_timeout` or `rtmp_invalid_answer`
   *   within 10 s; `rtmp_lost` when closed meanwhile. The output is closed then.
   */
  connect(): Promise<void> {
    this.#connecting ??= this.#connectFirst();
    return this.#connecting;
  }

  /**
   * Begins a run: new init segments, at once and again on each new connection.
   * @throws FlyBrowserError `unsupported_combination`, `ffmpeg_failed`; the run before goes on then.
   */
  openRun(run: RtmpRun): void {
    this.#send(this.#feed.openRun(run));
  }

  /**
   * Takes the next fragment of a track; never waits.
   * @throws FlyBrowserError `ffmpeg_failed` when it can't be read.
   */
  write(kind: "video" | "audio", fragment: Uint8Array): void {
    if (this.#state !== "closed") this.#send(this.#feed.write(kind, fragment));
  }

  /** Sends what is still there, takes leave of the server and ends; at most about 2 s. Idempotent. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #connectFirst(): Promise<void> {
    try {
      await this.#open();
    } catch (thrown) {
      this.#noteError(thrown);
      if (this.#options.resumes && this.#closed === null) {
        this.#setState("reconnecting");
        this.#scheduleRetry();
        return;
      }
      await this.close();
      throw thrown;
    }
  }

  async #open(): Promise<void> {
    const { codec = "h264", caFile, log, limits, connectTimeout = 10_000, stallTimeout = 15_000 } = this.#options;
    const connection = await RtmpConnection.open(
      {
        target: this.#target,
        codec,
        caFile: caFile ?? process.env.FLYBROWSER_RTMP_CA ?? null,
        log,
        limits: limits ?? { bytes: 16 * 1024 * 1024, span: 4000 },
        connectTimeout,
        stallTimeout,
      },
      this.#abort.signal,
    );
    if (this.#closed !== null) {
      await connection.close();
      throw new FlyBrowserError("rtmp_lost", { server: this.server, reason: "closed by this side" });
    }
    this.#feed.openConnection();
    this.#connection = connection;
    this.#publishedAt = Date.now();
    this.#attempts = 0;
    this.#setState("publishing");
    log.info("Publishing to {server}", { server: this.server });
    connection.onLost((error) => this.#lost(error));
  }

  #lost(error: FlyBrowserError): void {
    this.#noteError(error);
    this.#retire();
    if (Date.now() - this.#publishedAt >= STEADY) this.#backoff.reset();
    if (this.#closed !== null) return;
    this.#setState("reconnecting");
    this.#scheduleRetry();
  }

  #scheduleRetry(): void {
    const pause = this.#backoff.next();
    const ms = Math.round(pause);
    this.#options.log.warn("{reason} Next attempt in {ms} ms", { reason: this.#lastError?.message ?? "", ms });
    this.#retry = setTimeout(() => void this.#reconnect(), pause);
  }

  async #reconnect(): Promise<void> {
    this.#retry = null;
    this.#attempts += 1;
    try {
      await this.#open();
      this.#reconnects += 1;
      this.#tell();
    } catch (thrown) {
      this.#noteError(thrown);
      if (this.#closed !== null) return;
      this.#tell();
      this.#scheduleRetry();
    }
  }

  #send(tags: readonly TimedTag[]): void {
    for (const tag of tags) {
      const frame = tag.type === MESSAGE.video && !tag.header;
      if (!this.#connection) {
        if (frame) this.#missed += 1;
      } else if (this.#connection.send(tag) && frame) this.#framesSent += 1;
    }
  }

  async #close(): Promise<void> {
    if (this.#connection) this.#send(this.#feed.flush());
    if (this.#retry) clearTimeout(this.#retry);
    this.#abort.abort();
    await this.#connection?.close();
    this.#retire();
    this.#setState("closed");
    this.#listeners.clear();
  }

  /** Keeps the counts of a connection that is over. */
  #retire(): void {
    if (!this.#connection) return;
    this.#before.bytes += this.#connection.bytesSent;
    this.#before.dropped += this.#connection.droppedFrames;
    this.#connection = null;
  }

  #noteError(thrown: unknown): void {
    this.#lastError = serializeError(thrown);
  }

  #setState(state: RtmpState): void {
    this.#state = state;
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener(this.status);
  }
}
