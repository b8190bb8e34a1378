// What `import … from "flybrowser-stream"` gives. Never holds code of its own.
export { type ErrorCode, FlyBrowserError } from "../protocol/errors.ts";
export type { StartStreamOptions } from "../protocol/options.ts";
export type { Quality } from "../protocol/profiles.ts";
export type { StartStreamResult, StopStreamResult, StreamInfo, StreamStatus } from "../protocol/results.ts";
export { FlyBrowser } from "./flybrowser.ts";
export type { DriverOptions } from "./launch.ts";
export type { LaunchOptions } from "./launch-options.ts";
export type { AnyPage } from "./page-target.ts";
