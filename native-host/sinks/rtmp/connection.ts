// One publishing connection: opens it, asks the server to take the stream, and takes leave at the end. It lives once: coming back
// after a loss is up to rtmp-destination.ts.
import { FlyBrowserError } from "../../../protocol/errors.ts";
import { type SentenceCode, sentence, type Words } from "../../../protocol/sentence.ts";
import { partLogger } from "../../logging.ts";
import type { AmfValue } from "./amf0.ts";
import type { TimedTag } from "./flv-muxer.ts";
import { VIDEO_FOURCC, type VideoCodec } from "./flv-tags.ts";
import { CHUNK_STREAM, command, MESSAGE } from "./messages.ts";
import { openSocket } from "./rtmp-socket.ts";
import type { RtmpTarget } from "./target.ts";
import { RtmpWire } from "./wire.ts";

/** How a connection behaves. */
export interface ConnectionOptions {
  readonly target: RtmpTarget;
  readonly codec: VideoCodec;
  /** ms from the first packet to an accepted publish. */
  readonly connectTimeout: number;
  /** ms without any byte taken by the network, or without an acknowledgement that is due, until it counts as lost. */
  readonly stallTimeout: number;
}

const log = partLogger("rtmp");

/** ms for what still waits, and the words of leave. */
const CLOSE_TIMEOUT = 2_000;
const TLS_STEP = "rtmp.tls_step";
/** The step of opening a connection that is under way. */
type Step = Extract<SentenceCode, `rtmp.${string}_step` | "rtmp.connecting">;
/** Numbers of the commands, by which their answers are known. */
const CONNECT = 1;
const RELEASE = 2;
const FC_PUBLISH = 3;
const CREATE = 4;
const PUBLISH = 5;
const LEAVE = 6;

/** A connection whose publish the server has accepted, or is being asked to. */
export class RtmpConnection {
  readonly #options: ConnectionOptions;
  readonly #responses = new Map<number, (values: AmfValue[]) => void>();
  readonly #abort = new AbortController();
  /** Rejects with the first failure; never resolves. */
  readonly #failed: Promise<never>;
  #reject: (error: FlyBrowserError) => void = () => {};
  #failure: FlyBrowserError | null = null;
  #wire: RtmpWire | null = null;
  #step: Step = "rtmp.connecting";
  #publishing = false;
  #unconfirmed = false;
  #closing: Promise<void> | null = null;
  #streamId = 0;
  #onLost: (error: FlyBrowserError) => void = () => {};

  private constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#failed = new Promise<never>((_, reject) => {
      this.#reject = reject;
    });
    // It may fail while nobody waits for it: then it is onLost that tells.
    this.#failed.catch(() => {});
  }

  /**
   * A connection whose publish the server has accepted.
   * @param signal gives up when aborted.
   * @throws FlyBrowserError `rtmp_unreachable`, `rtmp_tls_failed`, `rtmp_refused`, `rtmp_timeout`, `rtmp_invalid_answer`;
   *   `rtmp_lost` when aborted.
   */
  static async open(options: ConnectionOptions, signal: AbortSignal): Promise<RtmpConnection> {
    const connection = new RtmpConnection(options);
    const { server } = options.target;
    const timer = setTimeout(() => connection.#fail(connection.#late()), options.connectTimeout);
    const abort = () =>
      connection.#fail(new FlyBrowserError("rtmp_lost", { server, reason: sentence("connection.closed_here") }));
    signal.addEventListener("abort", abort, { once: true });
    if (signal.aborted) abort();
    try {
      await connection.#open();
      return connection;
    } catch (thrown) {
      connection.#abort.abort();
      connection.#wire?.destroy();
      throw thrown;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
    }
  }

  /** Sets the one listener for an end of the connection that this side did not ask for. */
  onLost(listener: (error: FlyBrowserError) => void): void {
    this.#onLost = listener;
    if (this.#failure) listener(this.#failure);
  }

  /** The codec is one of Enhanced RTMP, and the server doesn't say that it takes it. */
  get unconfirmed(): boolean {
    return this.#unconfirmed;
  }

  /** Bytes that the network has taken. */
  get bytes_sent(): number {
    return this.#wire?.bytes_sent ?? 0;
  }

  /** Sends a media message. */
  send({ type, timestamp, body }: TimedTag): void {
    if (!this.#publishing || this.#failure || this.#closing !== null) return;
    const { video, audio, data } = CHUNK_STREAM;
    const chunkStream = type === MESSAGE.video ? video : type === MESSAGE.audio ? audio : data;
    this.#wire?.send(chunkStream, { type, streamId: this.#streamId, timestamp, body });
  }

  /** Resolves when the network has taken what was sent, or the connection has ended; `undefined`: that is so now. */
  drained(): Promise<void> | undefined {
    return this.#wire?.drained();
  }

  /** Takes leave of the server and ends the connection, within 2 s. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#leave();
    return this.#closing;
  }

  async #leave(): Promise<void> {
    if (this.#failure || !this.#wire) return;
    this.#command(0, "FCUnpublish", LEAVE, null, this.#options.target.revealStreamName());
    this.#command(0, "deleteStream", LEAVE + 1, null, this.#streamId);
    await this.#wire.finish(CLOSE_TIMEOUT);
  }

  async #open(): Promise<void> {
    const { target, codec, stallTimeout } = this.#options;
    const onReached = () => {
      if (target.secure) this.#step = TLS_STEP;
    };
    const socket = await this.#orFailed(openSocket({ target, signal: this.#abort.signal, onReached }));
    this.#wire = new RtmpWire(socket, stallTimeout, {
      command: (values) => this.#obey(values),
      ended: (reason, cause) => this.#lost(reason, cause),
    });
    this.#step = "rtmp.handshake_step";
    const echoed = await this.#orFailed(this.#wire.shakeHands());
    if (!echoed) log.debug("The RTMP server did not repeat the handshake as the specification asks");

    this.#step = "rtmp.connect_step";
    await this.#connect(codec);
    this.#wire.announce();

    this.#step = "rtmp.create_step";
    const name = target.revealStreamName();
    this.#command(0, "releaseStream", RELEASE, null, name);
    this.#command(0, "FCPublish", FC_PUBLISH, null, name);
    const [, id] = await this.#ask(0, "createStream", CREATE, null);
    if (typeof id !== "number")
      throw new FlyBrowserError("rtmp_invalid_answer", { reason: sentence("rtmp.no_stream") });
    this.#streamId = id;

    this.#step = "rtmp.publish_step";
    await this.#ask(id, "publish", PUBLISH, null, name, "live");
    this.#publishing = true;
  }

  async #connect(codec: VideoCodec): Promise<void> {
    const fourCc = VIDEO_FOURCC[codec];
    const { app, tcUrl } = this.#options.target.revealApplication();
    const about = { app, type: "nonprivate", flashVer: "FMLE/3.0 (compatible; FlyBrowser)", tcUrl };
    // Old servers know nothing of the list: it goes only where it is needed.
    const values = await this.#ask(0, "connect", CONNECT, fourCc === null ? about : { ...about, fourCcList: [fourCc] });
    if (fourCc !== null && !JSON.stringify(values).toLowerCase().includes("fourcc")) {
      this.#unconfirmed = true;
    }
  }

  /** A command and the server's answer to it. */
  #ask(streamId: number, name: string, transaction: number, ...values: AmfValue[]): Promise<AmfValue[]> {
    const response = new Promise<AmfValue[]>((resolve) => this.#responses.set(transaction, resolve));
    this.#command(streamId, name, transaction, ...values);
    return this.#orFailed(response);
  }

  #command(streamId: number, name: string, transaction: number, ...values: AmfValue[]): void {
    this.#wire?.send(CHUNK_STREAM.command, command(streamId, name, transaction, ...values));
  }

  #orFailed<T>(wanted: Promise<T>): Promise<T> {
    return Promise.race([this.#failed, wanted]);
  }

  #obey([name, transaction, ...values]: AmfValue[]): void {
    if (name === "_result") this.#responses.get(Number(transaction))?.(values);
    // releaseStream and FCPublish are courtesies: many servers don't know them, and say so.
    else if (name === "_error" && transaction !== RELEASE && transaction !== FC_PUBLISH) this.#refuse(values);
    else if (name === "onStatus") {
      const { code, level } = status(values);
      if (code === "NetStream.Publish.Start") this.#responses.get(PUBLISH)?.(values);
      else if (level === "error" || code === "NetStream.Publish.BadName") this.#refuse(values);
    } else if (name === "close") this.#lost(sentence("rtmp.server_ended"));
  }

  /** The server took too long. One that waits for plain RTMP keeps silent to a TLS handshake. */
  #late(): FlyBrowserError {
    const { server } = this.#options.target;
    const seconds = this.#options.connectTimeout / 1000;
    if (this.#step !== TLS_STEP)
      return new FlyBrowserError("rtmp_timeout", { server, seconds, step: sentence(this.#step) });
    const reason = sentence("rtmp.no_tls_answer", { seconds });
    return new FlyBrowserError("rtmp_tls_failed", { server, reason });
  }

  /** The server says no: at the start it refuses the stream, later it ends it. */
  #refuse(values: AmfValue[]): void {
    const { code, description } = status(values);
    const said = [code, description].filter((text) => text !== "").join(": ");
    // Some servers repeat the key.
    const reason = said === "" ? sentence("rtmp.no_reason") : this.#options.target.redact(said).slice(0, 300);
    const { server } = this.#options.target;
    this.#fail(new FlyBrowserError(this.#publishing ? "rtmp_lost" : "rtmp_refused", { server, reason }));
  }

  #lost(reason: Words | FlyBrowserError, cause?: Error): void {
    const { server } = this.#options.target;
    if (reason instanceof FlyBrowserError) this.#fail(reason);
    else if (this.#publishing) this.#fail(new FlyBrowserError("rtmp_lost", { server, reason }, { cause }));
    else if (this.#step === "rtmp.handshake_step") {
      this.#fail(
        new FlyBrowserError(
          "rtmp_invalid_answer",
          { reason: sentence("rtmp.during_handshake", { reason }) },
          { cause },
        ),
      );
    } else {
      // The usual way of a server to say that it doesn't like the key.
      const hint = sentence("rtmp.before_publish", { reason });
      this.#fail(new FlyBrowserError("rtmp_refused", { server, reason: hint }, { cause }));
    }
  }

  /** The first failure ends everything; what comes after follows from it. */
  #fail(error: FlyBrowserError): void {
    if (this.#failure || this.#closing !== null) return;
    this.#failure = error;
    this.#reject(error);
    this.#abort.abort();
    this.#wire?.destroy();
    if (this.#publishing) this.#onLost(error);
  }
}

/** The status object among the arguments of an answer. */
function status(values: AmfValue[]): { level: string; code: string; description: string } {
  const found = values.find((value) => typeof value === "object" && value !== null && "code" in value);
  const fields = (found ?? {}) as Record<string, AmfValue>;
  const text = (value: AmfValue) => (typeof value === "string" ? value : "");
  return { level: text(fields.level), code: text(fields.code), description: text(fields.description) };
}
