// A destination: another place that a stream goes to (an RTMP server, …). What every kind of them offers to the stream.
import type { FlyBrowserError } from "../../protocol/errors.ts";
import type { DestinationStatus } from "../../protocol/results.ts";
import type { Words } from "../../protocol/sentence.ts";
import type { MediaSink, SinkOptions, SinkReport } from "../media/sink.ts";

/** How a destination is doing. */
export interface DestinationReport {
  readonly state: DestinationStatus["state"];
  /** Epoch ms since when it is in that state. */
  readonly since: number;
  /** How often it has come back. */
  readonly reconnects: number;
  /** Bytes that the network has taken. */
  readonly bytes_sent: number;
  /** Video frames that its sink was given and that did not get there. */
  readonly dropped_frames: number;
  /** What keeps it from being well, or has ended it; `null`: nothing. */
  readonly error: FlyBrowserError | null;
}

/** One destination of one stream. */
export interface Destination {
  readonly destination_id: string;
  readonly name: string;
  /** Where it goes, without a secret. */
  readonly public_url: string;
  /** The stream counts as started only once this destination has accepted it, and fails where that one refuses it. */
  readonly required: boolean;
  /** What is worth a word, though it is well. */
  readonly advice: readonly Words[];
  /** Gets the media, once {@link connect} has resolved; `null`: its media go another way. */
  readonly sink: MediaSink | null;
  /** How the sink is to be treated. */
  readonly sink_options: SinkOptions;
  /** As of now. */
  readonly report: DestinationReport;
  /**
   * Resolves when the destination has accepted the stream; one that is not required, or was there before, also when it is tried
   * again by itself.
   * @throws FlyBrowserError why it doesn't, within 10 s; it has ended then
   */
  connect(): Promise<void>;
  /** Calls `listener` when {@link report} has changed in more than a count; gives the function that ends this. */
  onChange(listener: () => void): () => void;
  /** Takes leave; idempotent. */
  close(): Promise<void>;
}

/** What is told of a destination. `sink`: of its place on the fan-out; `null`: it has none. */
export function destinationStatus(destination: Destination, sink: SinkReport | null): DestinationStatus {
  const { destination_id, name, public_url: url, report } = destination;
  const { state, reconnects, bytes_sent } = report;
  const error = report.error ?? (sink?.detached ? sink.error : null);
  return {
    ...{ destination_id, name, url, state, since: new Date(report.since).toISOString(), reconnects, bytes_sent },
    dropped_frames: report.dropped_frames + (sink?.dropped_frames ?? 0),
    error: error?.sentence ?? null,
  };
}

const isRtmp = ({ url }: DestinationStatus): boolean => /^rtmps?:/i.test(url);

/** Whether one of them can't take a picture of another size: services that take RTMP end such a stream, or show it broken. */
export function keepsSize(destinations: readonly DestinationStatus[]): boolean {
  return destinations.some((status) => isRtmp(status) && status.state !== "failed" && status.state !== "ended");
}

/** `rtmp_url` and `rtmp_reconnects` of the contract, as the list of destinations has them. */
export function rtmpStatus(destinations: readonly DestinationStatus[]): { url: string | null; reconnects: number } {
  const rtmp = destinations.filter(isRtmp);
  return { url: rtmp[0]?.url ?? null, reconnects: rtmp.reduce((sum, { reconnects }) => sum + reconnects, 0) };
}
