// Errors of tabs and their streams: what can't be captured, who may not ask for it, what came to its end.
// Never of where a stream goes.
import type { ErrorEntry } from "../error-entry.ts";

/** Errors of tabs and their streams. */
export const STREAM_ERRORS = {
  stream_already_active: {
    message: "Stream already active. Stop current stream first.",
    fix: "Stop the stream of this tab, then start again.",
    status: 409,
  },
  no_active_stream: {
    message: "No active stream",
    fix: "Start a stream first.",
    status: 404,
  },
  stream_ended: {
    message: "The stream ended: {reason}.",
    fix: "Start it again; if it happens again, run `flybrowser doctor`.",
    status: 500,
  },
  page_not_reachable: {
    message: "The page {url} could not be opened: {reason}.",
    fix: "Check the address.",
    status: 502,
  },
  tab_not_capturable: {
    message: "This page can't be captured: {reason}.",
    fix: "Open a normal web page (http, https or file) and start there.",
    status: 422,
  },
  tab_not_found: {
    message: "There is no tab {tab}.",
    fix: "List the tabs and choose one of them.",
    status: 404,
  },
  tab_not_invoked: {
    message: "Chrome allows the capture of a tab only after a click on the FlyBrowser Stream button in that tab.",
    fix: "Click the button in the toolbar (or use its shortcut) on this tab, then start again.",
    status: 403,
  },
  not_paired: {
    message: "This site is not paired with FlyBrowser Stream.",
    fix: "Call `await flybrowser.pair()` first: the user is asked whether to allow it.",
    status: 403,
  },
  pairing_denied: {
    message: "The user has not allowed this site to use FlyBrowser Stream.",
    fix: "Go on without it; the user can change the answer on the options page of the extension.",
    status: 403,
  },
  page_not_allowed: {
    message: "This page can't use FlyBrowser Stream: {reason}.",
    fix: "Call from the top document of a normal web page (http or https).",
    status: 403,
  },
  rate_limited: {
    message: "Too many calls: at most {limit}.",
    fix: "Wait {seconds} s, then call again.",
    status: 429,
  },
  capture_failed: {
    message: "The tab could not be captured: {reason}.",
    fix: "Reload the tab and try again; stop other captures of the same tab.",
    status: 500,
  },
  no_media: {
    message: "The tab gave no picture within {seconds} s.",
    fix: "Make sure that the tab is open and not crashed, then start again.",
    status: 504,
  },
  task_not_found: {
    message: "There is no task {task_id}.",
    fix: "Begin it first; only the newest tasks of a stream are kept.",
    status: 404,
  },
} as const satisfies Record<string, ErrorEntry>;
