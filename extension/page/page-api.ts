// The object `window.flybrowser`: turns its methods into messages and the answers into results and errors. It lives in the page's
// world, which nobody trusts, so all checks are elsewhere; and it uses only built-ins that were taken in time, so that a page
// that replaces them gets hold of neither the port nor other calls' answers.
import type { ErrorCode } from "../../protocol/errors.ts";
import type { StartStreamOptions } from "../../protocol/options.ts";
import type { PageAnswer, PageMethod, PairResult } from "../../protocol/page-messages.ts";
import type { PageStopStreamResult, PageStreamStatus } from "../../protocol/page-results.ts";
import type {
  StartRecordingResult,
  StartStreamResultInWords as StartStreamResult,
  StopRecordingResultInWords as StopRecordingResult,
  Task,
} from "../../protocol/results.ts";
import type { Primordials } from "./primordials.ts";

/** Calls that may wait for an answer at the same time. */
const MAX_WAITING = 128;

/** What a task's function is given. */
export interface TaskContext {
  /** `null` while there is no stream to mark it on. */
  readonly task_id: string | null;
  readonly name: string;
  /** Tells viewers what is being done at the moment; shown under the task's name. */
  note(detail: string): void;
  /** Runs a part of this task. */
  readonly task: RunTask;
}
/** Runs `fn` as a task on the stream's clock and gives its result; what it throws marks the task failed and is thrown on. */
export type RunTask = <T>(name: string, fn: (context: TaskContext) => T | Promise<T>) => Promise<T>;

/** The page API. Each method rejects with an Error that has `code`, `message` and `fix`. */
export interface PageApi {
  /** Asks the user, once; the only method that a site that isn't paired can use. */
  pair(options?: { purpose?: string }): Promise<PairResult>;
  startStream(options?: StartStreamOptions): Promise<StartStreamResult>;
  stopStream(): Promise<PageStopStreamResult>;
  getStreamStatus(): Promise<PageStreamStatus>;
  startRecording(options?: { format?: "mp4" | "webm" }): Promise<StartRecordingResult>;
  stopRecording(): Promise<StopRecordingResult>;
  beginTask(name: string, options?: { detail?: string | null; parent_id?: string | null }): Promise<Task>;
  /** As `done` unless `state` says otherwise. */
  endTask(task_id: string, end?: { state?: "done" | "failed"; detail?: string | null }): Promise<Task>;
  readonly task: RunTask;
}

interface PendingCall {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Makes the API over the channel to the content script. */
export function createPageApi(port: MessagePort, primordials: Primordials): PageApi {
  const {
    defineProperty,
    freeze,
    post,
    dataOf,
    Promise: NativePromise,
    Error: NativeError,
    String: text,
  } = primordials;
  const waiting: Record<number, PendingCall | undefined> = { __proto__: null } as unknown as Record<
    number,
    PendingCall
  >;
  let count = 0;
  let lastId = 0;

  function failure(code: ErrorCode, message: string, fix: string): Error {
    const error = new NativeError(message);
    const set = (name: string, value: string) =>
      defineProperty(error, name, {
        __proto__: null,
        value,
        enumerable: name !== "name",
        configurable: true,
      } as object);
    set("name", "FlyBrowserError");
    set("code", code);
    set("fix", fix);
    return error;
  }

  function call(method: PageMethod, params: unknown): Promise<unknown> {
    return new NativePromise((resolve, reject) => {
      if (count >= MAX_WAITING) {
        reject(failure("rate_limited", `Too many calls: at most ${MAX_WAITING} at once.`, "Wait for their answers."));
        return;
      }
      const id = ++lastId;
      try {
        post(port, { __proto__: null, id, method, params });
      } catch (thrown) {
        const reason = `Option options: what was given can't be sent (${text(thrown)}).`;
        reject(failure("invalid_option", reason, "Give plain values: strings, numbers, booleans, objects of these."));
        return;
      }
      waiting[id] = { resolve, reject };
      count++;
    });
  }

  // Set while the document starts: no script of the page sees this function, or the port.
  port.onmessage = (event) => {
    const answer = dataOf(event) as PageAnswer;
    const call = waiting[answer.id];
    if (!call) return;
    delete waiting[answer.id];
    count--;
    if (answer.ok) call.resolve(answer.result);
    else call.reject(failure(answer.error.code, answer.error.message, answer.error.fix));
  };

  const runTask = (parent_id: string | null): RunTask =>
    async function task(name, fn) {
      let task_id: string | null = null;
      try {
        task_id = ((await call("beginTask", { name, parent_id })) as Task).task_id;
      } catch (thrown) {
        // Without a stream there is nothing to mark; the work is done all the same.
        if ((thrown as { code?: unknown }).code !== "no_active_stream") throw thrown;
      }
      const update = async (change: { state?: "done" | "failed"; detail?: string }) => {
        if (task_id === null) return;
        try {
          await call("updateTask", { task_id, ...change });
        } catch {
          // The stream has ended meanwhile, and its tasks with it.
        }
      };
      const note = (detail: string) => void update({ detail: describe(detail) });
      try {
        const result = await fn(freeze({ task_id, name, note, task: runTask(task_id) }));
        await update({ state: "done" });
        return result;
      } catch (thrown) {
        await update({ state: "failed", detail: describe(thrown) });
        throw thrown;
      }
    };

  /** The message of what was thrown, short enough to be sent. */
  function describe(thrown: unknown): string {
    let words = "";
    try {
      words = text((thrown as { message?: unknown } | null)?.message ?? thrown);
    } catch {
      words = "an error that can't be read";
    }
    let short = "";
    for (let index = 0; index < words.length && index < 500; index++) short += words[index];
    return short;
  }

  const api: PageApi = {
    pair: async (options) => (await call("pair", options ?? {})) as PairResult,
    startStream: async (options) => (await call("startStream", { options: options ?? {} })) as StartStreamResult,
    stopStream: async () => (await call("stopStream", {})) as PageStopStreamResult,
    getStreamStatus: async () => (await call("getStreamStatus", {})) as PageStreamStatus,
    startRecording: async (options) =>
      (await call("startRecording", { options: options ?? {} })) as StartRecordingResult,
    stopRecording: async () => (await call("stopRecording", {})) as StopRecordingResult,
    beginTask: async (name, options) => (await call("beginTask", { ...options, name })) as Task,
    endTask: async (task_id, end) => (await call("updateTask", { state: "done", ...end, task_id })) as Task,
    task: runTask(null),
  };
  return freeze(api);
}
