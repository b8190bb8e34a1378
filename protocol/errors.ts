// The one class of all errors that people and programs can meet. Its sentences stand in sentences/en.ts, each code's message
// under the code itself and what to do under `code.fix`.
import * as v from "valibot";
import {
  fill,
  type Language,
  type Sentence,
  type SentenceCode,
  SentenceSchema,
  say,
  type Values,
  type ValuesOf,
  ValuesSchema,
  valueText,
  type Words,
} from "./sentence.ts";
import { EN } from "./sentences/en.ts";

/** The HTTP status of each code. A code, once published, keeps its meaning. */
export const ERROR_STATUS = {
  invalid_option: 400,
  unknown_option: 400,
  command_misused: 400,
  invalid_message: 400,
  version_mismatch: 409,
  unsupported_combination: 422,
  agent_missing: 400,
  timeout: 504,
  not_found: 404,
  internal: 500,
  host_not_installed: 503,
  host_cannot_start: 503,
  host_lost: 503,
  host_not_running: 503,
  extension_lost: 503,
  ffmpeg_not_found: 503,
  ffmpeg_not_downloaded: 502,
  ffmpeg_failed: 500,
  browser_not_found: 503,
  browser_failed: 500,
  environment_unusable: 503,
  file_unusable: 422,
  not_built: 503,
  package_missing: 503,
  player_not_found: 503,
  player_failed: 503,
  page_without_extension: 409,
  page_in_own_context: 409,
  browser_not_attachable: 409,
  stream_already_active: 409,
  start_stopped: 409,
  link_not_found: 404,
  too_many_links: 409,
  no_control_link: 409,
  hand_off_active: 409,
  share_unavailable: 503,
  setting_invalid: 503,
  port_taken: 503,
  no_active_stream: 404,
  stream_ended: 500,
  page_not_reachable: 502,
  tab_not_capturable: 422,
  tab_not_found: 404,
  tab_not_invoked: 403,
  not_paired: 403,
  pairing_denied: 403,
  page_not_allowed: 403,
  rate_limited: 429,
  capture_failed: 500,
  no_media: 504,
  private_unconfirmed: 503,
  mask_failed: 503,
  task_not_found: 404,
  destination_not_found: 404,
  destination_unreachable: 502,
  destination_refused: 502,
  destination_lost: 502,
  rtmp_unreachable: 502,
  rtmp_tls_failed: 502,
  rtmp_refused: 502,
  rtmp_timeout: 504,
  rtmp_lost: 502,
  rtmp_invalid_answer: 502,
  webrtc_offer_invalid: 422,
  webrtc_answer_invalid: 502,
  viewers_full: 503,
  clip_unavailable: 404,
  clip_failed: 500,
  recording_already_active: 409,
  no_active_recording: 404,
  recording_path_unusable: 422,
  disk_full: 507,
  recording_failed: 500,
  recording_not_found: 404,
  recording_file_gone: 410,
  recording_elsewhere: 409,
  unauthorized: 401,
  invalid_request: 400,
  content_type_unsupported: 415,
  body_too_large: 413,
  method_not_allowed: 405,
  route_not_found: 404,
  wrong_host: 421,
  too_many_listeners: 503,
} as const satisfies Partial<Record<SentenceCode, number>>;

/** A code of an error. */
export type ErrorCode = keyof typeof ERROR_STATUS;

/** What the message and the fix of a code need: one that is missing or misspelled doesn't compile. */
export type ErrorDetails<Code extends ErrorCode> = ValuesOf<Code | `${Code}.fix`>;
type Arguments<Code extends ErrorCode> = keyof ErrorDetails<Code> extends never
  ? [details?: Record<string, never>, options?: ErrorOptions]
  : [details: ErrorDetails<Code>, options?: ErrorOptions];

/** The one error class of the project. `message` and `fix` are in English, for logs and programs. */
export class FlyBrowserError<Code extends ErrorCode = ErrorCode> extends Error {
  readonly code: ErrorCode;
  /** The values in the message and the fix. */
  readonly details: Values;
  /** What the reader can do about it. */
  readonly fix: string;
  /** HTTP status that goes with it. */
  readonly status: number;

  constructor(code: Code, ...[details = {}, options]: Arguments<Code>) {
    const { message, fix } = errorInWords({ code, details });
    super(message, options);
    this.name = "FlyBrowserError";
    this.code = code;
    this.details = details;
    this.fix = fix;
    this.status = ERROR_STATUS[code];
  }

  /** Its message, to stand inside another sentence. */
  get sentence(): Sentence {
    return { code: this.code, values: this.details };
  }
}

const CodeSchema = v.picklist(Object.keys(ERROR_STATUS) as [ErrorCode, ...ErrorCode[]]);

/**
 * Schema of an error on its way between our own processes. Its sentences are composed anew, in the reader's language, from code
 * and details; `message` and `fix` are there for a peer of another version, which must understand `version_mismatch`.
 */
export const SerializedErrorSchema = v.object({
  code: CodeSchema,
  message: v.string(),
  fix: v.string(),
  details: ValuesSchema,
});
/** An error on its way between our own processes. Causes stay behind, in the log of the side that had them. */
export type SerializedError = v.InferOutput<typeof SerializedErrorSchema>;

/** Schema of an error as people and programs outside get it: its details are plain. */
export const ErrorInWordsSchema = v.object({
  ...SerializedErrorSchema.entries,
  details: v.record(v.string(), v.union([v.string(), v.number(), v.boolean(), v.null()])),
});
/** An error as people and programs outside get it. */
export type ErrorInWords = v.InferOutput<typeof ErrorInWordsSchema>;

/** An error in somebody's language. */
export function errorInWords(
  { code, details }: Pick<SerializedError, "code" | "details">,
  language: Language = EN,
): ErrorInWords {
  const plain = Object.entries(details).map(([name, value]) => {
    return [name, typeof value === "object" && value !== null ? valueText(value, language) : value] as const;
  });
  return {
    code,
    message: fill(language[code], details, language),
    fix: fill(language[`${code}.fix`], details, language),
    details: Object.fromEntries(plain),
  };
}

/** What a thrown value says, to stand inside another sentence. */
export function wordsOf(thrown: unknown): Words {
  if (thrown instanceof FlyBrowserError) return thrown.sentence;
  return thrown instanceof Error ? thrown.message || thrown.name : String(thrown);
}

/** Gives any thrown value as a {@link FlyBrowserError}; what is not ours becomes `internal` with its cause kept. */
export function toFlyBrowserError(thrown: unknown): FlyBrowserError {
  if (thrown instanceof FlyBrowserError) return thrown;
  return new FlyBrowserError("internal", { reason: wordsOf(thrown) }, { cause: thrown });
}

/** The form in which an error crosses processes. */
export function serializeError(thrown: unknown): SerializedError {
  const { code, message, fix, details } = toFlyBrowserError(thrown);
  return { code, message, fix, details };
}

/** The error that {@link serializeError} took apart. */
export function deserializeError({ code, details }: Pick<SerializedError, "code" | "details">): FlyBrowserError {
  return new FlyBrowserError<ErrorCode>(code, details as ErrorDetails<ErrorCode>);
}

/** What is left of a value when its sentences and errors are in words. */
export type InWords<T> = T extends SerializedError
  ? ErrorInWords
  : T extends Sentence
    ? string
    : T extends readonly (infer Item)[]
      ? InWords<Item>[]
      : T extends object
        ? { [Name in keyof T]: InWords<T[Name]> }
        : T;

/** A result with all its sentences and errors in words, for who is no process of ours: the control API, pages, programs. */
export function inWords<T>(value: T, language: Language = EN): InWords<T> {
  return composed(value, language) as InWords<T>;
}

function composed(value: unknown, language: Language): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => composed(item, language));
  if (v.is(SentenceSchema, value)) return say(value, language);
  if (v.is(SerializedErrorSchema, value)) return errorInWords(value, language);
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, composed(field, language)]));
}
