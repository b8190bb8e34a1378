// Errors of calls and messages, whoever they come from: what was asked for is not allowed, not possible or not there, or took too
// long. Never those that only one part of the project has: they lie with that part.
import type { ErrorEntry } from "../error-entry.ts";

/** Errors of calls and messages. */
export const CALL_ERRORS = {
  invalid_option: {
    message: "Option {option}: {value} is not allowed. Allowed: {allowed}.",
    fix: "Correct the option and call again.",
    status: 400,
  },
  unknown_option: {
    message: "Unknown option {option}. Known options: {allowed}.",
    fix: "Remove it or correct its name.",
    status: 400,
  },
  invalid_message: {
    message: "A message of the form {name} is not valid: {reason}.",
    fix: "Update the extension and the host to the same version.",
    status: 400,
  },
  version_mismatch: {
    message: "{older} speaks protocol {older_version}, {newer} speaks {newer_version}.",
    fix: "Update {older}: rebuild it, or install the same release on both sides.",
    status: 409,
  },
  unsupported_combination: {
    message: "{what} is not possible: {reason}.",
    fix: "{instead}",
    status: 422,
  },
  agent_missing: {
    message: "{method} hands over to an agent, and none was given.",
    fix: "Give a function (instruction, page, context) as `agent` to FlyBrowser.launch or FlyBrowser.attach.",
    status: 400,
  },
  timeout: {
    message: "{what} did not answer within {seconds} s.",
    fix: "Try again; if it happens again, run `flybrowser doctor`.",
    status: 504,
  },
  not_found: {
    message: "Nothing here.",
    fix: "Check the link; a stream that has ended is no longer here.",
    status: 404,
  },
  internal: {
    message: "Something went wrong inside FlyBrowser Stream: {reason}.",
    fix: "Please report it with the log that `flybrowser doctor` names.",
    status: 500,
  },
} as const satisfies Record<string, ErrorEntry>;
