// The public API: `import … from "flybrowser-stream"`.
export type { ClipOptions, ClipResult } from "../protocol/clips.ts";
export type { HandOffOptions, HandOffResult } from "../protocol/control-messages.ts";
export { type ErrorCode, FlyBrowserError } from "../protocol/errors.ts";
export type { CreateLinkOptions, CreateLinkResult, LinkStatus, RevokeLinkResult } from "../protocol/links.ts";
export type { DestinationOptions, Share, StartRecordingOptions, StartStreamOptions } from "../protocol/options.ts";
export type { Quality } from "../protocol/profiles.ts";
export type {
  Chapter,
  DestinationStatusInWords as DestinationStatus,
  RecoveryMetrics,
  StartRecordingResult,
  StartStreamResultInWords as StartStreamResult,
  StopRecordingResultInWords as StopRecordingResult,
  StopStreamResultInWords as StopStreamResult,
  StreamInfoInWords as StreamInfo,
  StreamMetrics,
  StreamStatusInWords as StreamStatus,
  Task,
} from "../protocol/results.ts";
export {
  type AgentContext,
  type AgentFunction,
  type AttachOptions,
  FlyBrowser,
  type PageStreamOptions,
} from "./flybrowser.ts";
export type { DriverOptions } from "./launch.ts";
export type { LaunchOptions } from "./launch-options.ts";
export type { MaskOptions } from "./mask.ts";
export type { AnyPage } from "./page-target.ts";
export type { TaskOptions, TaskWithClip } from "./task-options.ts";
export type { RunningTask } from "./task-tracker.ts";
