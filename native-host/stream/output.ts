// What a stream needs to know of an output to somewhere else (RTMP): the interface that outputs implement.
// Never holds one, and never knows its protocol.
import type { MediaReader } from "./media-feed.ts";

/** How an output is doing. */
export interface OutputReport {
  /** How often it has come back. */
  readonly reconnects: number;
  /** Frames that did not get there. */
  readonly dropped_frames: number;
  /** What keeps it from being well, in words; `null`: nothing. */
  readonly trouble: string | null;
  /** Epoch ms at which it last came back; `null`: never. */
  readonly recovered_at: number | null;
}

/** An output of one stream. */
export interface StreamOutput {
  /** Gets the media. */
  readonly reader: MediaReader;
  /** Where it goes, without a secret. */
  readonly public_url: string;
  /** As of now. */
  readonly report: OutputReport;
  /** Resolves when the destination has accepted the stream. @throws FlyBrowserError why it doesn't, within 10 s */
  connect(): Promise<void>;
  /** Calls `listener` when {@link report} has changed in more than a count. */
  onChange(listener: () => void): void;
  /** Takes leave; idempotent. */
  close(): Promise<void>;
}
