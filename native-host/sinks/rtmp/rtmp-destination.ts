// The destination of the kind `rtmp`: publishes a stream on an RTMP server, and comes back by itself after a lost connection.
import * as v from "valibot";
import { Backoff } from "../../../protocol/async.ts";
import { Emitter } from "../../../protocol/emitter.ts";
import { type ErrorCode, FlyBrowserError, toFlyBrowserError } from "../../../protocol/errors.ts";
import { DestinationOptionsSchema } from "../../../protocol/options.ts";
import { say, sentence } from "../../../protocol/sentence.ts";
import { partLogger } from "../../logging.ts";
import type { MediaRun, MediaSink, SinkOptions } from "../../media/sink.ts";
import type { MediaUnit } from "../../media/unit.ts";
import type { Destination, DestinationReport } from "../../stream/destination.ts";
import type { DestinationKind, DestinationPlan, StreamOutline } from "../destination-kind.ts";
import { assertServiceTakes, serviceAdvice } from "../service-limits.ts";
import { RtmpConnection } from "./connection.ts";
import { FlvMuxer, type TimedTag } from "./flv-muxer.ts";
import type { VideoCodec } from "./flv-tags.ts";
import { RTMP_ADDRESS, RtmpTarget, rtmpAddress } from "./target.ts";

/** RTMP and RTMPS. */
export const RTMP: DestinationKind = {
  schemes: ["rtmp", "rtmps"],
  options: v.strictObject({
    ...DestinationOptionsSchema.entries,
    url: v.pipe(
      DestinationOptionsSchema.entries.url,
      v.check((url) => rtmpAddress(url) !== null, say(RTMP_ADDRESS)),
    ),
  }),
  secrets: ["url", "key"], // without a key, the end of the URL is the stream's name
  create: (plan, stream) => new RtmpDestination(plan, stream),
};

/** Times of a destination, ms; replaced in tests. */
export interface RtmpTimes {
  /** From the first packet to an accepted publish; with the rest of a start it stays below 10 s. */
  readonly connect: number;
  /** Until a connection that takes nothing counts as lost. */
  readonly stall: number;
  /** Pauses between attempts. */
  readonly retry: { readonly first: number; readonly longest: number };
}

const TIMES: RtmpTimes = { connect: 8_000, stall: 15_000, retry: { first: 500, longest: 15_000 } };
/** Bytes, and ms of media, that may wait for the network. */
const LIMITS = { bytes: 16 * 1024 * 1024, span: 4_000 };
/** A connection that has lasted so long (ms) was a good one: the pauses begin anew. */
const STEADY = 10_000;
/** What may be over soon: other errors of a first attempt end a destination. */
const PASSING: ReadonlySet<ErrorCode> = new Set<ErrorCode>(["rtmp_unreachable", "rtmp_timeout", "rtmp_lost"]);

const CODEC_NAMES = { h264: "H.264", h265: "H.265", vp9: "VP9" } as const satisfies Record<VideoCodec, string>;

const log = partLogger("rtmp");

/** One stream on one server. */
export class RtmpDestination implements Destination {
  readonly destination_id: string;
  readonly name: string;
  readonly required: boolean;
  /** Without stream name and query. */
  readonly public_url: string;
  readonly #advice: Destination["advice"];
  readonly sink: MediaSink;
  readonly sink_options: SinkOptions = { limits: LIMITS };
  readonly #codec: VideoCodec;
  readonly #resumes: boolean;
  readonly #times: RtmpTimes;
  readonly #target: RtmpTarget;
  readonly #muxer: FlvMuxer;
  readonly #backoff: Backoff;
  readonly #abort = new AbortController();
  readonly #changes = new Emitter();
  #connecting: Promise<void> | null = null;
  #connection: RtmpConnection | null = null;
  #closing: Promise<void> | null = null;
  #retry: NodeJS.Timeout | null = null;
  #state: DestinationReport["state"] = "connecting";
  #since = Date.now();
  #error: FlyBrowserError | null = null;
  /** Why the run that is open is not published; `null`: it is. */
  #refused: FlyBrowserError | null = null;
  #openedAt = 0;
  #reconnects = 0;
  /** Of the connections that are over. */
  #bytesBefore = 0;
  /** Video frames that came while there was nowhere to send them. */
  #missed = 0;

  /** @throws FlyBrowserError `invalid_option` for a URL that can't be used; `unsupported_combination` */
  constructor(plan: DestinationPlan, stream: StreamOutline, times: Partial<RtmpTimes> = {}) {
    const { codec, frame_rate, resumes } = stream;
    this.destination_id = plan.destination_id;
    this.name = plan.name;
    this.required = plan.required;
    // From here on only the target knows the key, and the URL that may hold one.
    this.#target = new RtmpTarget(plan.url, plan.key);
    this.public_url = this.#target.publicUrl;
    assertServiceTakes(this.#target.host, stream);
    this.#target.assertNamed();
    this.#advice = serviceAdvice(this.#target.host, stream);
    this.#codec = codec;
    this.#resumes = resumes;
    this.#times = { ...TIMES, ...times };
    this.#muxer = new FlvMuxer(codec, frame_rate);
    this.#backoff = new Backoff({ ...this.#times.retry, jitter: 1 / 3 });
    this.sink = {
      name: `RTMP to ${this.#target.server}`,
      openRun: (run) => this.#openRun(run),
      write: (unit) => this.#write(unit),
      closeRun: () => this.#send(this.#muxer.flush()),
    };
  }

  get advice(): Destination["advice"] {
    if (!this.#connection?.unconfirmed) return this.#advice;
    const { server } = this.#target;
    return [...this.#advice, sentence("rtmp.unconfirmed", { server, codec: CODEC_NAMES[this.#codec] })];
  }

  get report(): DestinationReport {
    return {
      state: this.#state,
      since: this.#since,
      reconnects: this.#reconnects,
      bytes_sent: this.#bytesBefore + (this.#connection?.bytes_sent ?? 0),
      dropped_frames: this.#missed + this.#muxer.left_out,
      error: this.#error ?? this.#refused,
    };
  }

  /**
   * @throws FlyBrowserError `rtmp_unreachable`, `rtmp_tls_failed`, `rtmp_refused`, `rtmp_timeout` or `rtmp_invalid_answer`;
   *   `rtmp_lost` when closed meanwhile
   */
  connect(): Promise<void> {
    this.#connecting ??= this.#connect();
    return this.#connecting;
  }

  onChange(listener: () => void): () => void {
    return this.#changes.on(listener);
  }

  /** Sends what is still there and takes leave of the server; at most about 2 s. */
  close(): Promise<void> {
    return this.#end("ended", this.#error);
  }

  async #connect(): Promise<void> {
    try {
      await this.#open();
    } catch (thrown) {
      const error = toFlyBrowserError(thrown);
      const patient = this.#resumes || (!this.required && PASSING.has(error.code));
      if (patient && this.#closing === null) {
        this.#tryAgain(error);
        return;
      }
      await this.#end("failed", error);
      throw error;
    }
  }

  async #open(): Promise<void> {
    const { connect: connectTimeout, stall: stallTimeout } = this.#times;
    const options = { target: this.#target, codec: this.#codec, connectTimeout, stallTimeout };
    const connection = await RtmpConnection.open(options, this.#abort.signal);
    const { server } = this.#target;
    if (this.#closing !== null) {
      await connection.close();
      throw new FlyBrowserError("rtmp_lost", { server, reason: sentence("connection.closed_here") });
    }
    this.#muxer.openConnection();
    this.#connection = connection;
    this.#openedAt = performance.now();
    if (this.#state === "retrying") this.#reconnects++;
    this.#become("live", null);
    log.info("Publishing to {server}", { server });
    connection.onLost((error) => this.#lost(error));
  }

  #lost(error: FlyBrowserError): void {
    this.#retire();
    if (performance.now() - this.#openedAt >= STEADY) this.#backoff.reset();
    if (this.#closing === null) this.#tryAgain(error);
  }

  #tryAgain(error: FlyBrowserError): void {
    const pause = this.#backoff.next();
    log.warn("{reason} Next attempt in {ms} ms", { reason: error.message, ms: Math.round(pause) });
    this.#retry = setTimeout(() => {
      this.#open().catch((thrown: unknown) => {
        if (this.#closing === null) this.#tryAgain(toFlyBrowserError(thrown));
      });
    }, pause);
    this.#become("retrying", error);
  }

  /** A run that can't be published is told of; the stream goes on, and the connection waits for the next one. */
  #openRun(run: MediaRun): void {
    this.#send(this.#muxer.flush());
    const before = this.#refused;
    this.#refused = null;
    try {
      this.#muxer.openRun(run);
    } catch (thrown) {
      this.#refused = toFlyBrowserError(thrown);
    }
    if (this.#refused !== before) this.#changes.emit();
  }

  #write(unit: MediaUnit): Promise<void> | undefined {
    if (this.#connection && !this.#refused) {
      this.#send(this.#muxer.write(unit));
      return this.#connection.drained();
    }
    if (unit.kind === "video") this.#missed += unit.frames;
    return undefined;
  }

  #send(tags: readonly TimedTag[]): void {
    for (const tag of tags) this.#connection?.send(tag);
  }

  #end(state: "ended" | "failed", error: FlyBrowserError | null): Promise<void> {
    if (this.#closing === null) {
      this.#closing = this.#leave(); // first, for a listener that closes it
      this.#become(state, error);
      this.#changes.clear();
    }
    return this.#closing;
  }

  async #leave(): Promise<void> {
    this.#send(this.#muxer.flush());
    if (this.#retry) clearTimeout(this.#retry);
    this.#abort.abort();
    await this.#connection?.close();
    this.#retire();
  }

  /** Keeps the count of a connection that is over. */
  #retire(): void {
    this.#bytesBefore += this.#connection?.bytes_sent ?? 0;
    this.#connection = null;
  }

  #become(state: DestinationReport["state"], error: FlyBrowserError | null): void {
    if (state !== this.#state) this.#since = Date.now();
    this.#state = state;
    this.#error = error;
    this.#changes.emit();
  }
}
