// What a stream is made with, and what it tells the one that made it. Never holds anything.
import type { FlyBrowserError } from "../../protocol/errors.ts";
import type { StreamIdentity, Tab } from "../../protocol/native-messages.ts";
import type { ResolvedStartStreamOptions } from "../../protocol/options.ts";
import type { StreamInfo, StreamRecording } from "../../protocol/results.ts";
import type { TaskEvent } from "../../protocol/task-messages.ts";
import type { ReadyPart } from "./part-latency.ts";
import type { StartRun } from "./run-sequence.ts";
import type { EncoderChoice } from "./video-maker.ts";

/** What a stream tells the one that made it. */
export interface StreamEvents {
  chunkAccepted(run: number, bytes: number): void;
  status(info: StreamInfo): void;
  /** `orderly`: the run that is open is well and is to end in order. */
  runNeeded(reason: string, orderly: boolean): void;
  /** The stream is over and can't go on. */
  failed(error: FlyBrowserError): void;
  /** A task began, changed or ended. */
  task?(event: TaskEvent): void;
  /** A part became ready for viewers. */
  part?(part: ReadyPart): void;
}

/** What a stream needs. */
export interface StreamOptions {
  readonly identity: StreamIdentity;
  readonly session_id: string;
  readonly options: ResolvedStartStreamOptions;
  readonly tab: Tab;
  readonly ffmpeg_path: string;
  /** This FFmpeg knows `-fps_mode`. */
  readonly fps_mode: boolean;
  readonly encoders: EncoderChoice;
  /** Cores of this machine. */
  readonly cores: number;
  readonly port: number;
  /** Beginning of every viewing address, without a slash at the end. */
  readonly origin: string;
  readonly events: StreamEvents;
  readonly viewerCount: () => number;
  /** The recording of this tab; left out: there is none. */
  readonly recording?: () => StreamRecording | null;
  /** Whether viewing by WebRTC is switched on; left out: it isn't. */
  readonly whep?: boolean;
  /** Replaced in tests. */
  readonly startRun?: StartRun;
}
