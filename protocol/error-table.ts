// The one table of errors that a user or a script can meet: code, message, what to do, HTTP status. Its entries lie in
// error-families/, a code in one family only. Never makes an error: errors.ts does, and the others import from there.
import type { ErrorEntry } from "./error-entry.ts";
import { CALL_ERRORS } from "./error-families/call-errors.ts";
import { DELIVERY_ERRORS } from "./error-families/delivery-errors.ts";
import { HTTP_ERRORS } from "./error-families/http-errors.ts";
import { PROGRAM_ERRORS } from "./error-families/program-errors.ts";
import { RECORDING_ERRORS } from "./error-families/recording-errors.ts";
import { STREAM_ERRORS } from "./error-families/stream-errors.ts";

/** The one table of errors. A code, once published, keeps its meaning. */
export const ERRORS = {
  ...CALL_ERRORS,
  ...PROGRAM_ERRORS,
  ...STREAM_ERRORS,
  ...DELIVERY_ERRORS,
  ...RECORDING_ERRORS,
  ...HTTP_ERRORS,
} as const satisfies Record<string, ErrorEntry>;
