// Results and errors as a web page gets to see them: the fields that protocol/page-results.ts names, files by their name alone,
// and of an error nothing that may tell of the user's computer.
import * as v from "valibot";
import {
  deserializeError,
  type ErrorCode,
  type FlyBrowserError,
  inWords,
  toFlyBrowserError,
} from "../../protocol/errors.ts";
import {
  type PageStopStreamResult,
  type PageStreamInfo,
  PageStreamInfoSchema,
  PageStreamInfoWithoutLinksSchema,
  type PageStreamStatus,
} from "../../protocol/page-results.ts";
import type { StopStreamResult, StreamInfo, StreamStatus } from "../../protocol/results.ts";
import { sentence } from "../../protocol/sentence.ts";

/** Errors whose details hold nothing but what the page said itself, or what is as good for anybody. */
const TOLD: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  ...(["invalid_option", "unknown_option", "unsupported_combination", "rate_limited", "timeout"] as const),
  ...([
    "page_not_allowed",
    "tab_not_found",
    "tab_not_capturable",
    "capture_failed",
    "start_stopped",
    "no_media",
  ] as const),
  ...(["task_not_found", "version_mismatch", "extension_lost"] as const),
  ...(["rtmp_unreachable", "rtmp_tls_failed", "rtmp_refused", "rtmp_timeout", "rtmp_lost"] as const),
  "rtmp_invalid_answer",
]);

/** A status as a page may see it. `mine`: with links; else these lead nowhere. */
export function pageInfo(told: StreamInfo, mine: boolean): PageStreamInfo {
  const info = inWords(told);
  const nowhere = new URL("/", info.player_url ?? "http://127.0.0.1").href;
  const shown = mine
    ? v.parse(PageStreamInfoSchema, info)
    : {
        ...v.parse(PageStreamInfoWithoutLinksSchema, info),
        ...{ hls_url: null, dash_url: null, whep_url: null, live_url: null, rtmp_url: null, destinations: [] },
        ...{ player_url: nowhere, stream_url: nowhere, share_note: "" },
      };
  return { ...shown, recording: shown.recording && withNameOnly(shown.recording) };
}

/** The result of `getStreamStatus` as a page may see it. */
export function pageStatus(result: StreamStatus, mine: boolean): PageStreamStatus {
  if (result.active) {
    const { active, is_streaming, stream_id, dropped_frames, status } = result;
    return { active, is_streaming, stream_id, dropped_frames, status: pageInfo(status, mine) };
  }
  const { active, is_streaming, error, status } = result;
  return { active, is_streaming, error, ...(status ? { status: pageInfo(status, mine) } : {}) };
}

/** The result of `stopStream` as a page may see it. */
export function pageStop(result: StopStreamResult, mine: boolean): PageStopStreamResult {
  if (!result.success) return { success: false, error: result.error };
  return { stream_id: result.stream_id, success: true, info: pageInfo(result.info, mine) };
}

/** What is said of a file, with its name alone: the folders may hold the user's. */
export function withNameOnly<T extends { readonly file_path: string }>(file: T): T {
  const path = file.file_path;
  return { ...file, file_path: path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1) };
}

/** The error as a page gets it: what happened and what to do, without a look at the computer. */
export function pageError(thrown: unknown): FlyBrowserError {
  const error = toFlyBrowserError(thrown);
  const names = Object.keys(error.details);
  if (TOLD.has(error.code) || names.length === 0) return error;
  const details = Object.fromEntries(names.map((name) => [name, sentence("details.hidden")]));
  return deserializeError({ code: error.code, details });
}
