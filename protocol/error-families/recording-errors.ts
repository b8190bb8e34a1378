// Errors of recordings and their files.
// Never of the stream that is recorded.
import type { ErrorEntry } from "../error-entry.ts";

/** Errors of recordings. */
export const RECORDING_ERRORS = {
  recording_already_active: {
    message: "Recording already active. Stop current recording first.",
    fix: "Stop the recording of this tab, then start again.",
    status: 409,
  },
  no_active_recording: {
    message: "No active recording",
    fix: "Start a recording first.",
    status: 404,
  },
  recording_path_unusable: {
    message: "The recording can't be written to {path}: {reason}.",
    fix: "Give a path that nothing is at yet, in a folder that exists and that you may write to.",
    status: 422,
  },
  disk_full: {
    message:
      "There is not enough free space for the recording in {folder}: {free} MB are free, {needed} MB are needed.",
    fix: "Free some space, or record to another disk; what was recorded so far is kept.",
    status: 507,
  },
  recording_failed: {
    message: "The recording {recording_id} could not be finished: {reason}.",
    fix: "Its media are kept in {folder}; the next start of the host tries again.",
    status: 500,
  },
  recording_not_found: {
    message: "There is no recording {recording_id}.",
    fix: "`flybrowser recordings list` shows those that there are.",
    status: 404,
  },
  recording_elsewhere: {
    message: "The recording {recording_id} is made by the host of another browser, and only that one can end it.",
    fix: "Stop it in that browser, in the extension's popup, or with the program that began it.",
    status: 409,
  },
} as const satisfies Record<string, ErrorEntry>;
