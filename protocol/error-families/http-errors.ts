// Errors of requests to the control API.
// Never of what is asked for by them: that is an error of its own, wherever it is asked.
import type { ErrorEntry } from "../error-entry.ts";

/** Errors of requests to the control API. */
export const HTTP_ERRORS = {
  unauthorized: {
    message: "The control token is missing or wrong.",
    fix: "Send `Authorization: Bearer TOKEN` with the token from the file that `flybrowser doctor` names.",
    status: 401,
  },
  invalid_request: {
    message: "The request is not valid: {reason}.",
    fix: "Correct it; GET /api/openapi.json describes every request.",
    status: 400,
  },
  content_type_unsupported: {
    message: "The body's content type must be {allowed}, and is {given}.",
    fix: "Send `Content-Type: {allowed}`.",
    status: 415,
  },
  body_too_large: {
    message: "The body is larger than {limit} bytes.",
    fix: "Send a smaller one.",
    status: 413,
  },
  method_not_allowed: {
    message: "{path} does not take {method}.",
    fix: "Use one of: {allowed}.",
    status: 405,
  },
  route_not_found: {
    message: "There is nothing at {path}.",
    fix: "GET /api/openapi.json names every route.",
    status: 404,
  },
  wrong_host: {
    message: "This address answers only as localhost, 127.0.0.1 or [::1].",
    fix: "Use http://127.0.0.1 and the port from the control file.",
    status: 421,
  },
  too_many_listeners: {
    message: "All {limit} places for listeners to events are taken.",
    fix: "Close a connection to /api/events, or try again in a few seconds.",
    status: 503,
  },
} as const satisfies Record<string, ErrorEntry>;
