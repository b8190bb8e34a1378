// What the streams of the extension work with, without a browser and without a host: answers at once, and notes every call.
// Never decides anything.
import { CapturedTabs } from "../../../../extension/background/captured-tabs.ts";
import type { StreamRecord } from "../../../../extension/background/stream-record.ts";
import type { StreamParts } from "../../../../extension/background/streams.ts";
import type { HostInfo } from "../../../../protocol/native-messages.ts";

const HOST: HostInfo = {
  protocol_version: 1,
  host_version: "1",
  session_id: "x",
  pid: 1,
  port: 4321,
  ffmpeg: { path: "f", version: "5" },
  log_file: "l",
};
/** What `waitUntilPlayable` answers. */
export const PLAYABLE = { stream_id: "s1", status: "active" };

/** Calls whose parameters are noted too. */
const NOTED = ["closeStream", "publishStream", "unpublishStream"];

/** Parts that answer at once; every call is noted. */
export class FakeParts {
  readonly calls: string[] = [];
  url = "https://example.com/";
  captures: string[] = [];
  stored: StreamRecord[] = [];
  saved: readonly StreamRecord[] = [];
  streamIdError: Error | null = null;
  /** What the host said of itself; `null` while it is being replaced. */
  info: HostInfo | null = HOST;
  #connected: Promise<unknown> = Promise.resolve();
  /** Answers of the host by method; an error is thrown. */
  answers: Record<string, (params: Record<string, unknown>) => unknown> = {
    openStream: (params) => ({
      stream_id: "s1",
      view_token: "t".repeat(22),
      started_at: 1,
      published_at: params.published === true ? 1 : null,
      generation: 0,
      ...(params.resume as object | undefined),
    }),
    waitUntilPlayable: () => PLAYABLE,
    publishStream: () => ({
      stream_id: "s1",
      view_token: "n".repeat(22),
      started_at: 1,
      published_at: 9,
      generation: 0,
    }),
    unpublishStream: () => ({ success: true, stream_id: "s1", info: { state: "stopped" } }),
    startRecording: () => ({ recording_id: "r1", status: "recording", file_path: "/v/a.mp4", format: "mp4" }),
    stopRecording: () => ({ recording_id: "r1", status: "finished" }),
    closeStream: () => ({ success: false, error: "No active stream" }),
  };

  /** The host is gone until the function that it gives is called. */
  hostGone(): () => void {
    let arrived = () => {};
    this.info = null;
    this.#connected = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    return () => {
      this.info = HOST;
      arrived();
    };
  }

  get parts(): StreamParts {
    const fake = this;
    const note = (name: string, params?: unknown) =>
      this.calls.push(params ? `${name} ${JSON.stringify(params)}` : name);
    const host = async (method: string, params: Record<string, unknown>) => {
      await this.#connected;
      note(`host.${method}`, NOTED.includes(method) ? params : undefined);
      return this.answers[method]?.(params);
    };
    const offscreen = async (method: string) => {
      note(`offscreen.${method}`);
      return method === "listCaptures" ? this.captures : {};
    };
    return {
      host: {
        get info() {
          return fake.info;
        },
        connect: () => this.#connected.then(() => HOST),
        call: host,
        emit: () => {},
      } as unknown as StreamParts["host"],
      offscreen: {
        open: async () => {},
        exists: async () => true,
        call: offscreen,
      } as unknown as StreamParts["offscreen"],
      relay: {
        attach: () => note("attach"),
        detach: () => note("detach"),
        detachAll: () => note("detachAll"),
        drained: async () => {
          note("drained");
        },
      },
      captured: new CapturedTabs(
        {
          load: async () => this.stored,
          save: async (records) => {
            this.saved = structuredClone(records);
          },
        },
        () => {},
      ),
      getTab: async (tab_id) => ({
        tab_id,
        target_id: null,
        url: this.url,
        title: "t",
        not_capturable: this.url.startsWith("chrome:") ? "protected" : null,
        stream_id: null,
      }),
      getMediaStreamId: async () => {
        note("getMediaStreamId");
        if (this.streamIdError) throw this.streamIdError;
        return "m";
      },
    };
  }
}
