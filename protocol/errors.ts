// Every error that a user or a script can meet: one class over the one table (error-table.ts), one serialiser.
// Never decides where an error is shown.
import * as v from "valibot";
import { ERRORS } from "./error-table.ts";

export { ERRORS };

/** A code of the table. */
export type ErrorCode = keyof typeof ERRORS;

/** Values for the `{name}` places of a message and its fix. */
export type ErrorDetails = Record<string, string | number | boolean | null>;

function fill(template: string, details: ErrorDetails): string {
  return template.replace(/\{(\w+)\}/g, (place, name: string) => (name in details ? String(details[name]) : place));
}

/** The one error class of the project: `code` from the table, `message`, `fix` (what to do), `cause`. */
export class FlyBrowserError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;
  /** What the reader can do about it. */
  readonly fix: string;
  /** HTTP status that goes with it. */
  readonly status: number;

  constructor(code: ErrorCode, details: ErrorDetails = {}, options?: ErrorOptions) {
    const entry = ERRORS[code];
    super(fill(entry.message, details), options);
    this.name = "FlyBrowserError";
    this.code = code;
    this.details = details;
    this.fix = fill(entry.fix, details);
    this.status = entry.status;
  }
}

/** Schema of an error on its way between two processes. */
export const SerializedErrorSchema = v.object({
  code: v.picklist(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]),
  message: v.string(),
  fix: v.string(),
  details: v.record(v.string(), v.union([v.string(), v.number(), v.boolean(), v.null()])),
});

/** An error on its way between two processes. Causes stay behind, in the log of the side that had them. */
export type SerializedError = v.InferOutput<typeof SerializedErrorSchema>;

/** Gives any thrown value as a {@link FlyBrowserError}; what is not ours becomes `internal` with its cause kept. */
export function toFlyBrowserError(thrown: unknown): FlyBrowserError {
  if (thrown instanceof FlyBrowserError) return thrown;
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  return new FlyBrowserError("internal", { reason }, { cause: thrown });
}

/** The form in which an error crosses processes. */
export function serializeError(thrown: unknown): SerializedError {
  const { code, message, fix, details } = toFlyBrowserError(thrown);
  return { code, message, fix, details };
}

/** The error that {@link serializeError} took apart. */
export function deserializeError(serialized: SerializedError): FlyBrowserError {
  return new FlyBrowserError(serialized.code, serialized.details);
}
