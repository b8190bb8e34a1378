// What makes a kind of destination: its line in registry.ts is one of these.
import type { GenericSchema } from "valibot";
import type { PublisherReport } from "../../protocol/native-messages.ts";
import type { DestinationOptions, ResolvedStartStreamOptions } from "../../protocol/options.ts";
import type { Packager } from "../packager/packager.ts";
import type { Destination } from "../stream/destination.ts";
import type { Publisher } from "./whip/publishers.ts";

/** What a destination needs to know of its stream. */
export interface StreamOutline {
  readonly codec: ResolvedStartStreamOptions["codec"];
  readonly quality: ResolvedStartStreamOptions["quality"];
  /** Sound was asked for. */
  readonly audio: boolean;
  /** Frames a second that were asked for. */
  readonly frame_rate: number;
  /** A host that died has published the stream before: a server that is away now is tried again from the beginning. */
  readonly resumes: boolean;
}

/** What the host has for a destination to work with. */
export interface DestinationTools {
  /**
   * The FFmpeg at hand, one that speaks a protocol.
   * @throws FlyBrowserError `ffmpeg_not_found`, `unsupported_combination`
   */
  ffmpegPath(protocol: "srt"): Promise<string>;
  /**
   * Begins a WebRTC connection in the browser, with the tab's own tracks.
   * @throws FlyBrowserError `no_active_stream`, `capture_failed`, `host_lost`
   */
  openPublisher(destination_id: string, onReport: (report: PublisherReport) => void): Promise<Publisher>;
  /** A packager of its own for this stream, which keeps so many seconds. */
  packager(seconds: number): Packager;
}

/** A destination that is to be made. */
export interface DestinationPlan extends Pick<Destination, "destination_id" | "name" | "required"> {
  readonly url: string;
  readonly key?: string | undefined;
}

/** A kind of destination. */
export interface DestinationKind {
  /** Of its addresses, in small letters, e.g. `rtmp`. */
  readonly schemes: readonly string[];
  /** What it asks of its options; the message of each check says what is allowed. */
  readonly options: GenericSchema<DestinationOptions, DestinationOptions>;
  /** Fields that are, or may hold, a secret: never shown. */
  readonly secrets: readonly (keyof DestinationOptions)[];
  /** Makes one; it connects only when it is told to. */
  create(plan: DestinationPlan, stream: StreamOutline, tools: DestinationTools): Destination;
}
