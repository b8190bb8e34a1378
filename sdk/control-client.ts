// Talks to one running host over its control API. Answers are checked by the schemas of protocol/.
// Never looks for the host; gets its control file.
import * as v from "valibot";
import {
  type ControlFile,
  ProblemSchema,
  RecordingListSchema,
  StreamListSchema,
  TabListSchema,
} from "../protocol/control-api.ts";
import { FlyBrowserError } from "../protocol/errors.ts";
import type { Tab, TabReference } from "../protocol/native-messages.ts";
import type { StartRecordingOptions, StartStreamOptions } from "../protocol/options.ts";
import {
  NO_STREAM_STATUS,
  NO_STREAM_STOP,
  type RecordingInfo,
  RecordingInfoSchema,
  type StartRecordingResult,
  StartRecordingResultSchema,
  type StartStreamResult,
  StartStreamResultSchema,
  type StopRecordingResult,
  StopRecordingResultSchema,
  type StopStreamResult,
  StopStreamResultSchema,
  type StreamInfo,
  type StreamStatus,
  StreamStatusSchema,
  type Task,
  TaskSchema,
} from "../protocol/results.ts";
import type { BeginTask, UpdateTask } from "../protocol/task-messages.ts";

/** ms; starting may take as long as the extension may take (native-messages.ts), and a little more. */
const START_TIMEOUT = 60_000;
const STOP_TIMEOUT = 30_000;
const ASK_TIMEOUT = 5_000;

/** One running host, seen from another program of the same user. */
export class ControlClient {
  readonly file: ControlFile;

  constructor(file: ControlFile) {
    this.file = file;
  }

  /** The tabs of the host's browser. */
  async listTabs(): Promise<Tab[]> {
    return (await this.#ask("GET", "/api/tabs", TabListSchema, ASK_TIMEOUT)).tabs;
  }

  /** The streams that run in this host. */
  async listStreams(): Promise<StreamInfo[]> {
    return (await this.#ask("GET", "/api/streams", StreamListSchema, ASK_TIMEOUT)).streams;
  }

  /** Starts the stream of a tab. @throws FlyBrowserError whatever startStream throws. */
  startStream(tab: TabReference, options: StartStreamOptions): Promise<StartStreamResult> {
    return this.#ask("POST", "/api/streams", StartStreamResultSchema, START_TIMEOUT, { tab, options });
  }

  /** The status of a stream; the inactive form when it isn't there. */
  getStreamStatus(streamId: string): Promise<StreamStatus> {
    return this.#ask("GET", `/api/streams/${streamId}`, StreamStatusSchema, ASK_TIMEOUT).catch(
      whenGone(NO_STREAM_STATUS),
    );
  }

  /** Stops a stream; the answer for none when it isn't there. */
  stopStream(streamId: string): Promise<StopStreamResult> {
    // The empty object gives the request a length: Hono's bodyLimit fails on Node 20 where there is none.
    return this.#ask("DELETE", `/api/streams/${streamId}`, StopStreamResultSchema, STOP_TIMEOUT, {}).catch(
      whenGone(NO_STREAM_STOP),
    );
  }

  /** Records a tab, with its stream or without one. @throws FlyBrowserError whatever startRecording throws. */
  recordTab(tab: TabReference, options: StartRecordingOptions): Promise<StartRecordingResult> {
    return this.#ask("POST", "/api/recordings", StartRecordingResultSchema, START_TIMEOUT, { tab, options });
  }

  /** Ends a recording; a long one may still be `finishing`. @throws FlyBrowserError `recording_not_found`. */
  stopRecording(recordingId: string): Promise<StopRecordingResult> {
    return this.#ask("POST", `/api/recordings/${recordingId}/stop`, StopRecordingResultSchema, STOP_TIMEOUT, {});
  }

  /** The recordings of the user that this host knows, the youngest first. */
  async listRecordings(): Promise<RecordingInfo[]> {
    return (await this.#ask("GET", "/api/recordings", RecordingListSchema, ASK_TIMEOUT)).recordings;
  }

  /** What is known of a recording. @throws FlyBrowserError `recording_not_found`. */
  getRecording(recordingId: string): Promise<RecordingInfo> {
    return this.#ask("GET", `/api/recordings/${recordingId}`, RecordingInfoSchema, ASK_TIMEOUT);
  }

  /** Begins a task on the clock of a stream; one that is there already is given as it is. @throws FlyBrowserError `no_active_stream`. */
  beginTask(streamId: string, task: BeginTask): Promise<Task> {
    return this.#ask("POST", `/api/streams/${streamId}/tasks`, TaskSchema, ASK_TIMEOUT, task);
  }

  /** Changes or ends a task. @throws FlyBrowserError `no_active_stream`, `task_not_found`. */
  updateTask(streamId: string, taskId: string, change: UpdateTask): Promise<Task> {
    return this.#ask("PATCH", `/api/streams/${streamId}/tasks/${taskId}`, TaskSchema, ASK_TIMEOUT, change);
  }

  async #ask<S extends v.GenericSchema>(
    method: string,
    path: string,
    schema: S,
    timeout: number,
    body?: unknown,
  ): Promise<v.InferOutput<S>> {
    const answer = await this.#send(method, path, timeout, body);
    const content: unknown = await answer.json().catch(() => null);
    if (!answer.ok) throw errorOf(answer.status, content);
    const parsed = v.safeParse(schema, content);
    if (parsed.success) return parsed.output;
    const where = v.getDotPath(parsed.issues[0]);
    const reason = `${where ? `${where}: ` : ""}${parsed.issues[0].message}`;
    throw new FlyBrowserError("invalid_message", { name: `${method} ${path}`, reason });
  }

  async #send(method: string, path: string, timeout: number, body: unknown): Promise<Response> {
    const headers = { authorization: `Bearer ${this.file.token}`, "content-type": "application/json" };
    try {
      return await fetch(`http://127.0.0.1:${this.file.port}${path}`, {
        method,
        headers,
        signal: AbortSignal.timeout(timeout),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch (cause) {
      if (cause instanceof DOMException && cause.name === "TimeoutError") {
        throw new FlyBrowserError("timeout", { what: `${method} ${path}`, seconds: timeout / 1000 }, { cause });
      }
      throw new FlyBrowserError("host_lost", { reason: "its control API can't be reached" }, { cause });
    }
  }
}

/** The error that an answer carries. */
function errorOf(status: number, content: unknown): FlyBrowserError {
  const parsed = v.safeParse(ProblemSchema, content);
  if (parsed.success) {
    const { code, details, title, fix } = parsed.output;
    return Object.assign(new FlyBrowserError(code, details), { message: title, fix });
  }
  return new FlyBrowserError("internal", { reason: `the host answered ${status} in an unknown form` });
}

function whenGone<T>(answer: T): (error: unknown) => T {
  return (error) => {
    const gone = error instanceof FlyBrowserError && (error.code === "no_active_stream" || error.code === "not_found");
    if (gone) return answer;
    throw error;
  };
}
