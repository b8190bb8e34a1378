// The control API of one running host. Responses are checked against the schemas of protocol/.
import * as v from "valibot";
import { type ClipOptions, type ClipResult, ClipResultSchema } from "../protocol/clips.ts";
import {
  AdmitTabResultSchema,
  type ControlFile,
  type Notice,
  NoticeResultSchema,
  PrivateResultSchema,
  ProblemSchema,
  RecordingListSchema,
  StreamListSchema,
  TabListSchema,
} from "../protocol/control-api.ts";
import { type Picker, type ProgramEvent, ShownSchema } from "../protocol/control-messages.ts";
import { deserializeError, FlyBrowserError } from "../protocol/errors.ts";
import {
  type CreateLinkOptions,
  type CreateLinkResult,
  CreateLinkResultSchema,
  type RevokeLinkResult,
  RevokeLinkResultSchema,
} from "../protocol/links.ts";
import type { TabInWords as Tab, TabReference } from "../protocol/native-messages.ts";
import type { DestinationOptions, Share, StartRecordingOptions, StartStreamOptions } from "../protocol/options.ts";
import type { Quality } from "../protocol/profiles.ts";
import {
  type DestinationStatusInWords as DestinationStatus,
  DestinationStatusInWordsSchema as DestinationStatusSchema,
  NO_STREAM_STATUS,
  NO_STREAM_STOP,
  type RecordingInfoInWords as RecordingInfo,
  RecordingInfoInWordsSchema as RecordingInfoSchema,
  type StartRecordingResult,
  StartRecordingResultSchema,
  type StartStreamResultInWords as StartStreamResult,
  StartStreamResultInWordsSchema as StartStreamResultSchema,
  type StopRecordingResultInWords as StopRecordingResult,
  StopRecordingResultInWordsSchema as StopRecordingResultSchema,
  type StopStreamResultInWords as StopStreamResult,
  StopStreamResultInWordsSchema as StopStreamResultSchema,
  type StreamInfoInWords as StreamInfo,
  StreamInfoInWordsSchema as StreamInfoSchema,
  type StreamStatusInWords as StreamStatus,
  StreamStatusInWordsSchema as StreamStatusSchema,
  type Task,
  TaskSchema,
} from "../protocol/results.ts";
import { sentence } from "../protocol/sentence.ts";
import { type StartMarks, StartTraceSchema } from "../protocol/start-trace.ts";
import type { BeginTask, UpdateTask } from "../protocol/task-messages.ts";
import { programEvents } from "./program-events.ts";

/** ms; a little more than the extension may take to start (native-messages.ts). */
const START_TIMEOUT = 60_000;
const STOP_TIMEOUT = 30_000;
const REMOVE_TIMEOUT = 25_000;
const SHARE_TIMEOUT = 30_000;
const QUALITY_TIMEOUT = 35_000;
const PRIVATE_TIMEOUT = 12_000;
const CLIP_TIMEOUT = 120_000;
const REQUEST_TIMEOUT = 5_000;

/** A running host, for another program of the same user. */
export class ControlClient {
  readonly file: ControlFile;

  constructor(file: ControlFile) {
    this.file = file;
  }

  /** The tabs of the host's browser. */
  async listTabs(): Promise<Tab[]> {
    return (await this.#call("GET", "/api/tabs", TabListSchema, REQUEST_TIMEOUT)).tabs;
  }

  /** The streams that run in this host. */
  async listStreams(): Promise<StreamInfo[]> {
    return (await this.#call("GET", "/api/streams", StreamListSchema, REQUEST_TIMEOUT)).streams;
  }

  /**
   * Starts the stream of a tab. `admit_tabs`: if it follows, it goes only to tabs that {@link admitTab} names.
   * @throws FlyBrowserError whatever startStream throws.
   */
  startStream(tab: TabReference, options: StartStreamOptions, admit_tabs = false): Promise<StartStreamResult> {
    const body = { tab, options, ...(admit_tabs ? { admit_tabs } : {}) };
    return this.#call("POST", "/api/streams", StartStreamResultSchema, START_TIMEOUT, body);
  }

  /** Lets viewers of a stream see a tab, once it is in front. @throws FlyBrowserError `no_active_stream`, `tab_not_found`. */
  async admitTab(streamId: string, tab: TabReference): Promise<void> {
    await this.#call("POST", `/api/streams/${streamId}/admitted`, AdmitTabResultSchema, REQUEST_TIMEOUT, { tab });
  }

  /** The status of a stream; inactive if there is no such stream. */
  getStreamStatus(streamId: string): Promise<StreamStatus> {
    return this.#call("GET", `/api/streams/${streamId}`, StreamStatusSchema, REQUEST_TIMEOUT).catch(
      whenGone(NO_STREAM_STATUS),
    );
  }

  /** When the steps of a stream's start were done. @throws FlyBrowserError `no_active_stream`. */
  async getStartMarks(streamId: string): Promise<StartMarks> {
    return (await this.#call("GET", `/api/streams/${streamId}/trace`, StartTraceSchema, REQUEST_TIMEOUT)).marks;
  }

  /** Changes who can open the links. @throws FlyBrowserError `no_active_stream`, `share_unavailable`, `setting_invalid`. */
  setSharing(streamId: string, share: Share): Promise<StreamInfo> {
    return this.#call("PUT", `/api/streams/${streamId}/sharing`, StreamInfoSchema, SHARE_TIMEOUT, { share });
  }

  /**
   * Changes the quality while live; answers once viewers get a picture in it.
   * @throws FlyBrowserError `no_active_stream`, `unsupported_combination`, `tab_not_invoked`, `capture_failed`, `no_media`.
   */
  setQuality(streamId: string, quality: Quality): Promise<StreamInfo> {
    return this.#call("PUT", `/api/streams/${streamId}/quality`, StreamInfoSchema, QUALITY_TIMEOUT, { quality });
  }

  /** Makes a link. @throws FlyBrowserError `no_active_stream`, `too_many_links`. */
  createLink(streamId: string, options: CreateLinkOptions): Promise<CreateLinkResult> {
    return this.#call("POST", `/api/streams/${streamId}/links`, CreateLinkResultSchema, REQUEST_TIMEOUT, options);
  }

  /** Ends a link. @throws FlyBrowserError `no_active_stream`, `link_not_found`. */
  revokeLink(streamId: string, linkId: string): Promise<RevokeLinkResult> {
    const path = `/api/streams/${streamId}/links/${linkId}`;
    return this.#call("DELETE", path, RevokeLinkResultSchema, REQUEST_TIMEOUT, {});
  }

  /**
   * Asks a person to take over (`reason`), or allows it; lasts until `signal` aborts. Resolves once the host has it; the events come then.
   * @throws FlyBrowserError `no_active_stream`, `no_control_link`, `hand_off_active`, `host_lost`
   */
  async openControl(streamId: string, body: object, signal: AbortSignal): Promise<AsyncIterable<ProgramEvent>> {
    const path = `/api/streams/${streamId}/control`;
    const response = await this.#send("POST", path, REQUEST_TIMEOUT, body, signal);
    if (!response.ok || !response.body) throw errorOf(response.status, await response.json().catch(() => null));
    return programEvents(response.body);
  }

  /** Has whoever has control choose in a picker. @throws FlyBrowserError `no_active_stream` */
  showPicker(streamId: string, picker: Picker): Promise<{ shown: boolean }> {
    return this.#call("POST", `/api/streams/${streamId}/control/picker`, ShownSchema, REQUEST_TIMEOUT, picker);
  }

  /** Shows it no more. @throws FlyBrowserError `no_active_stream` */
  hidePicker(streamId: string): Promise<{ shown: boolean }> {
    return this.#call("DELETE", `/api/streams/${streamId}/control/picker`, ShownSchema, REQUEST_TIMEOUT, {});
  }

  /** Stops a stream; `success: false` if there is no such stream. */
  stopStream(streamId: string): Promise<StopStreamResult> {
    // An empty object, since Hono's bodyLimit fails on Node 20 for a request without a content length.
    return this.#call("DELETE", `/api/streams/${streamId}`, StopStreamResultSchema, STOP_TIMEOUT, {}).catch(
      whenGone(NO_STREAM_STOP),
    );
  }

  /** Has a stream go to one more place. @throws FlyBrowserError `invalid_option`, `no_active_stream`, … */
  addDestination(streamId: string, destination: DestinationOptions): Promise<DestinationStatus> {
    const path = `/api/streams/${streamId}/destinations`;
    return this.#call("POST", path, DestinationStatusSchema, REMOVE_TIMEOUT, destination);
  }

  /** Takes leave of a destination; gives its last status. @throws FlyBrowserError `destination_not_found`. */
  removeDestination(streamId: string, destinationId: string): Promise<DestinationStatus> {
    const path = `/api/streams/${streamId}/destinations/${encodeURIComponent(destinationId)}`;
    return this.#call("DELETE", path, DestinationStatusSchema, REMOVE_TIMEOUT, {});
  }

  /** Makes a file of a stretch of a stream. @throws FlyBrowserError `clip_unavailable`, `task_not_found`, `clip_failed`. */
  clip(streamId: string, options: ClipOptions): Promise<ClipResult> {
    return this.#call("POST", `/api/streams/${streamId}/clips`, ClipResultSchema, CLIP_TIMEOUT, options);
  }

  /** Records a tab, streamed or not. @throws FlyBrowserError whatever startRecording throws. */
  recordTab(tab: TabReference, options: StartRecordingOptions): Promise<StartRecordingResult> {
    return this.#call("POST", "/api/recordings", StartRecordingResultSchema, START_TIMEOUT, { tab, options });
  }

  /**
   * Makes a tab private, under an id of the caller's; resolves when nothing of it is seen. `stream_id`: of the caller's stream.
   * @throws FlyBrowserError `tab_not_found`, `private_unconfirmed`, `host_lost`, `timeout`.
   */
  async beginPrivate(privateId: string, tab: TabReference, stream_id: string | null): Promise<void> {
    await this.#call("PUT", `/api/private/${privateId}`, PrivateResultSchema, PRIVATE_TIMEOUT, { tab, stream_id });
  }

  /** Takes that back; resolves when the tab is seen again, unless another id keeps it private. Idempotent. */
  async endPrivate(privateId: string): Promise<void> {
    await this.#call("DELETE", `/api/private/${privateId}`, PrivateResultSchema, PRIVATE_TIMEOUT, {});
  }

  /** Shows words over the picture of a stream. @throws FlyBrowserError `no_active_stream`, `host_lost`, `timeout`. */
  async showNotice(streamId: string, notice: Notice): Promise<void> {
    await this.#call("PUT", `/api/streams/${streamId}/notice`, NoticeResultSchema, REQUEST_TIMEOUT, notice);
  }

  /** Takes them away. Idempotent. @throws FlyBrowserError `no_active_stream`, `host_lost`, `timeout`. */
  async hideNotice(streamId: string): Promise<void> {
    await this.#call("DELETE", `/api/streams/${streamId}/notice`, NoticeResultSchema, REQUEST_TIMEOUT, {});
  }

  /** Stops a recording; a long one may still be `finishing` then. @throws FlyBrowserError `recording_not_found`. */
  stopRecording(recordingId: string): Promise<StopRecordingResult> {
    return this.#call("POST", `/api/recordings/${recordingId}/stop`, StopRecordingResultSchema, STOP_TIMEOUT, {});
  }

  /** The user's recordings that this host knows, newest first. */
  async listRecordings(): Promise<RecordingInfo[]> {
    return (await this.#call("GET", "/api/recordings", RecordingListSchema, REQUEST_TIMEOUT)).recordings;
  }

  /** One recording. @throws FlyBrowserError `recording_not_found`. */
  getRecording(recordingId: string): Promise<RecordingInfo> {
    return this.#call("GET", `/api/recordings/${recordingId}`, RecordingInfoSchema, REQUEST_TIMEOUT);
  }

  /** Begins a task of a stream; one that already exists is returned as it is. @throws FlyBrowserError `no_active_stream`. */
  beginTask(streamId: string, task: BeginTask): Promise<Task> {
    return this.#call("POST", `/api/streams/${streamId}/tasks`, TaskSchema, REQUEST_TIMEOUT, task);
  }

  /** Makes a file of a task that has ended; the task names it. @throws FlyBrowserError `task_not_found`, `clip_unavailable`, `clip_failed`. */
  clipTask(streamId: string, taskId: string): Promise<Task> {
    return this.#call("PATCH", `/api/streams/${streamId}/tasks/${taskId}`, TaskSchema, CLIP_TIMEOUT, { clip: true });
  }

  /** Changes or ends a task. @throws FlyBrowserError `no_active_stream`, `task_not_found`. */
  updateTask(streamId: string, taskId: string, change: UpdateTask): Promise<Task> {
    return this.#call("PATCH", `/api/streams/${streamId}/tasks/${taskId}`, TaskSchema, REQUEST_TIMEOUT, change);
  }

  async #call<S extends v.GenericSchema>(
    method: string,
    path: string,
    schema: S,
    timeout: number,
    body?: unknown,
  ): Promise<v.InferOutput<S>> {
    const response = await this.#send(method, path, timeout, body);
    const content: unknown = await response.json().catch(() => null);
    if (!response.ok) throw errorOf(response.status, content);
    const parsed = v.safeParse(schema, content);
    if (parsed.success) return parsed.output;
    const where = v.getDotPath(parsed.issues[0]);
    const reason = `${where ? `${where}: ` : ""}${parsed.issues[0].message}`;
    throw new FlyBrowserError("invalid_message", { name: `${method} ${path}`, reason });
  }

  /** With `lasting`, `timeout` is for the beginning of the response alone. */
  async #send(
    method: string,
    path: string,
    timeout: number,
    body: unknown,
    lasting: AbortSignal | null = null,
  ): Promise<Response> {
    // No connection is kept: while a program works without letting its event loop run, the host closes it, and what is sent on it next
    // is lost, perhaps after the host has done it.
    const common = { "content-type": "application/json", connection: "close" };
    const headers = { ...common, authorization: `Bearer ${this.file.token}` };
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(new DOMException("", "TimeoutError")), timeout);
    try {
      return await fetch(`http://127.0.0.1:${this.file.port}${path}`, {
        method,
        headers,
        signal: lasting === null ? AbortSignal.timeout(timeout) : AbortSignal.any([lasting, late.signal]),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch (cause) {
      if (cause instanceof DOMException && cause.name === "TimeoutError") {
        throw new FlyBrowserError("timeout", { what: `${method} ${path}`, seconds: timeout / 1000 }, { cause });
      }
      lasting?.throwIfAborted();
      throw new FlyBrowserError("host_lost", { reason: sentence("host.no_control_api") }, { cause });
    } finally {
      clearTimeout(timer);
    }
  }
}

/** The error in a response. */
function errorOf(status: number, content: unknown): FlyBrowserError {
  const parsed = v.safeParse(ProblemSchema, content);
  if (parsed.success) {
    const { title: message, fix } = parsed.output;
    return Object.assign(deserializeError(parsed.output), { message, fix });
  }
  return new FlyBrowserError("internal", { reason: sentence("host.unknown_answer", { status }) });
}

/** Replaces the error that there is no such stream by `result`. */
function whenGone<T>(result: T): (error: unknown) => T {
  return (error) => {
    const gone = error instanceof FlyBrowserError && (error.code === "no_active_stream" || error.code === "not_found");
    if (gone) return result;
    throw error;
  };
}
