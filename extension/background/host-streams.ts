// The streams at the host: opened, published, ended, also when the host is gone or its answer is lost.
import { FlyBrowserError, toFlyBrowserError } from "../../protocol/errors.ts";
import type { StreamIdentity, Tab, TakenMedia } from "../../protocol/native-messages.ts";
import type { ResolvedDestination, ResolvedStartStreamOptions } from "../../protocol/options.ts";
import type { Quality } from "../../protocol/profiles.ts";
import {
  type CaptureCondition,
  type DestinationStatus,
  NO_STREAM_STOP,
  type Place,
  type StartRecordingResult,
  type StartStreamResult,
  type StopStreamResult,
  type StreamInfo,
} from "../../protocol/results.ts";
import { sentence } from "../../protocol/sentence.ts";
import type { StartMarks } from "../../protocol/start-trace.ts";
import { toBase64 } from "./base64.ts";
import type { HostConnection } from "./host-connection.ts";
import type { TabRecord } from "./tab-record.ts";

/** Which host has a tab, as its record keeps it. */
type HostPlace = Pick<TabRecord, "host_port" | "host_session">;

/** For the log of the host. */
const STOPPED = "it was stopped while the host was replaced";

/** Has the host do what a captured tab needs. Each method throws what the host throws, but `unpublish` and `close`. */
export class HostStreams {
  readonly #host: Pick<HostConnection, "connect" | "arrives" | "call" | "emit" | "info">;
  readonly #isPrivate: (tab_id: number, stream_id: string) => Promise<boolean>;

  /** `isPrivate`: whether a tab, or what is captured under an id, is hidden from viewers. */
  constructor(
    host: Pick<HostConnection, "connect" | "arrives" | "call" | "emit" | "info">,
    isPrivate: (tab_id: number, stream_id: string) => Promise<boolean>,
  ) {
    this.#host = host;
    this.#isPrivate = isPrivate;
  }

  /** Connects where needed; gives the host's session and the port of its HTTP server. @throws FlyBrowserError as `HostConnection.connect` */
  async connect(): Promise<HostPlace> {
    const { port, session_id } = await this.#host.connect();
    return { host_port: port, host_session: session_id };
  }

  /** The same for a new stream, which needs FFmpeg. @throws FlyBrowserError `ffmpeg_not_found` */
  async connectToStart(): Promise<HostPlace> {
    const { ffmpeg, port, session_id } = await this.#host.connect();
    if (!ffmpeg) throw new FlyBrowserError("ffmpeg_not_found", { reason: sentence("ffmpeg.none_works") });
    return { host_port: port, host_session: session_id };
  }

  /** Resolves when a host is there that was not before, after `ms` in any case. */
  arrives(ms: number): Promise<void> {
    return this.#host.arrives(ms);
  }

  /** Opens a stream. `published`: for viewers, else for its recording alone. */
  async open(tab: Tab, options: ResolvedStartStreamOptions, published: boolean): Promise<StreamIdentity> {
    // An id that no other stream has, in the form of the host's own.
    const random = toBase64(crypto.getRandomValues(new Uint8Array(9)));
    const stream_id = `stream_${random.replaceAll("+", "-").replaceAll("/", "_")}`;
    const hidden = await this.#isPrivate(tab.tab_id, stream_id);
    try {
      return await this.#host.call("openStream", { tab, options, published, stream_id, private: hidden });
    } catch (thrown) {
      // It may be the answer alone that is missing: nobody else could end what the host still makes.
      const { message: reason } = toFlyBrowserError(thrown);
      if (this.#host.info) this.#host.call("closeStream", { stream_id, reason }).catch(() => {});
      throw thrown;
    }
  }

  /** Opens, in a new host, what the last one had. `stopped`: whether its stream was stopped while this was under way. */
  async resume(
    { tab, options, recording_id }: TabRecord,
    last: StreamIdentity,
    stopped: () => boolean,
  ): Promise<StreamIdentity> {
    const identity = await this.#host.call("openStream", {
      tab,
      options,
      published: last.published_at !== null,
      resume: { ...last, generation: last.generation + 1 },
      private: await this.#isPrivate(tab.tab_id, last.stream_id),
      ...(recording_id === null ? {} : { recording_id }),
    });
    // What the host says counts: it may have made it as an earlier attempt, whose answer came too late, has asked.
    if (identity.published_at === null || !stopped()) return identity;
    // An `unpublishStream` that was sent meanwhile may have come before there was anything to see.
    await this.#host.call("unpublishStream", { stream_id: last.stream_id, reason: STOPPED });
    return { ...identity, published_at: null };
  }

  /** What has come of a stream's media. */
  taken(stream_id: string): Promise<TakenMedia> {
    return this.#host.call("takenMedia", { stream_id });
  }

  /** Lets viewers see a stream that was only recorded. */
  publish(stream_id: string, options: ResolvedStartStreamOptions): Promise<StreamIdentity> {
    return this.#host.call("publishStream", { stream_id, options });
  }

  /** Answers when a viewer who opens the player now gets video. `marks`: of its start so far. */
  playable(stream_id: string, marks: StartMarks = []): Promise<StartStreamResult> {
    return this.#host.call("waitUntilPlayable", { stream_id, marks });
  }

  /** Has a stream go to one more place. */
  addDestination(stream_id: string, destination: ResolvedDestination): Promise<DestinationStatus> {
    return this.#host.call("addDestination", { stream_id, destination });
  }

  /** Takes leave of one of them. */
  removeDestination(stream_id: string, destination_id: string): Promise<DestinationStatus> {
    return this.#host.call("removeDestination", { stream_id, destination_id });
  }

  /** Asks whether a stream may have another quality, and with it these options. */
  async prepareQuality(stream_id: string, options: ResolvedStartStreamOptions): Promise<void> {
    await this.#host.call("prepareQuality", { stream_id, options });
  }

  /** Answers when viewers get a picture in this quality, with the status as it is then. */
  qualityShown(stream_id: string, quality: Quality): Promise<StreamInfo> {
    return this.#host.call("waitUntilQuality", { stream_id, quality });
  }

  /** Records a stream; answers when the host does. `options` as of `startRecording`. */
  record(stream_id: string, options: unknown): Promise<StartRecordingResult> {
    return this.#host.call("startRecording", { stream_id, options });
  }

  /** Tells of the tab's new address or title. */
  tabChanged(stream_id: string, url: string, title: string): void {
    this.#host.emit("tab_changed", { stream_id, url, title });
  }

  /** Tells how the capture is doing. */
  captureChanged(stream_id: string, capture: CaptureCondition): void {
    this.#host.emit("capture_changed", { stream_id, capture });
  }

  /** Tells that the tab's user has muted it, or has taken that back. */
  mutedChanged(stream_id: string, muted: boolean): void {
    this.#host.emit("muted_changed", { stream_id, muted });
  }

  /** Tells where the program works. */
  placeChanged(stream_id: string, place: Place): void {
    this.#host.emit("place_changed", { stream_id, place });
  }

  /** Ends what viewers see; without a host the result is made of the last status. */
  unpublish(stream_id: string, reason: string, last: StreamInfo | null): Promise<StopStreamResult> {
    return this.#end("unpublishStream", stream_id, reason, last);
  }

  /** Ends a stream; without a host the result is made of the last status. */
  close(stream_id: string, reason: string, last: StreamInfo | null): Promise<StopStreamResult> {
    return this.#end("closeStream", stream_id, reason, last);
  }

  async #end(
    method: "unpublishStream" | "closeStream",
    stream_id: string,
    reason: string,
    last: StreamInfo | null,
  ): Promise<StopStreamResult> {
    const result = this.#host.info ? await this.#host.call(method, { stream_id, reason }).catch(() => null) : null;
    if (result) return result;
    if (!last) return NO_STREAM_STOP;
    return { success: true, stream_id, info: { ...last, state: "stopped", status: "stopped" } };
  }
}
