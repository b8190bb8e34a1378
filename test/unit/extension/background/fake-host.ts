// A host and an offscreen document for the captured tabs of a test: they answer at once, with what the contracts allow, and note
// every call.
import * as v from "valibot";
import { CapturedTabs } from "../../../../extension/background/captured-tabs.ts";
import { HostStreams } from "../../../../extension/background/host-streams.ts";
import { TabMedia, type TabMediaDependencies } from "../../../../extension/background/tab-media.ts";
import type { TabRecord } from "../../../../extension/background/tab-record.ts";
import { TabRecordings } from "../../../../extension/background/tab-recordings.ts";
import { FlyBrowserError } from "../../../../protocol/errors.ts";
import { OffscreenContract } from "../../../../protocol/extension-messages.ts";
import { HostContract, type HostInfo } from "../../../../protocol/native-messages.ts";
import type { RecordingInfo, StartStreamResult, StreamInfo } from "../../../../protocol/results.ts";

const HOST: HostInfo = {
  protocol_version: 1,
  host_version: "1",
  session_id: "x",
  pid: 1,
  port: 4321,
  ffmpeg: { path: "f", version: "5" },
  log_file: "l",
  share: "this-computer",
  ended_seconds: 30,
  problem: null,
};

/** What `waitUntilPlayable` answers. */
export const PLAYABLE: StartStreamResult = {
  ...{ stream_id: "s1", session_id: "x", protocol: "hls", quality: "high", codec: "h264", status: "active" },
  ...{
    hls_url: "http://127.0.0.1:4321/s/s1/t/index.m3u8",
    dash_url: null,
    rtmp_url: null,
    whep_url: null,
    live_url: null,
  },
  ...{ player_url: "http://127.0.0.1:4321/s/s1/t/player", stream_url: "http://127.0.0.1:4321/s/s1/t/index.m3u8" },
  ...{ local_server_port: 4321, width: 1280, height: 720, frame_rate: 30, encoder: "passthrough", destinations: [] },
  ...{ share: "this-computer", share_note: "" },
};

/** A status of the same stream. */
export const INFO: StreamInfo = {
  ...PLAYABLE,
  ...{
    state: "active",
    private: false,
    muted: false,
    health: "healthy",
    health_reasons: [],
    started_at: "2025-01-01T00:00:00.000Z",
  },
  ...{ uptime_seconds: 1, viewer_count: 0, playback: null, tasks: [], links: [], recording: null },
  metrics: {
    ...{ frames_sent: 1, bytes_sent: 1, dropped_frames: 0, current_bitrate: null, average_bitrate: null },
    ...{ current_fps: null, buffer_health: 100, last_update: null },
  },
  recovery_metrics: { ffmpeg_restarts: 0, capture_restarts: 0, rtmp_reconnects: 0, last_recovery_time: null },
};

/** What the host tells of its recording. */
export const RECORDING: RecordingInfo = {
  ...{ recording_id: "r1", stream_id: "s1", status: "recording", file_path: "/v/a.mp4", format: "mp4" },
  ...{ title: "t", url: "https://example.com/", started_at: "2025-01-01T00:00:00.000Z", duration_seconds: 1 },
  ...{ size_bytes: 1, chapters: [], progress: null, error: null },
};

/** Calls whose parameters are noted too. */
const NOTED = ["closeStream", "publishStream", "unpublishStream"];

type Answer = (params: Record<string, unknown>) => unknown;

/** Everything that captured tabs need. */
export class FakeHost {
  readonly calls: string[] = [];
  /** Tabs of which something has changed. */
  readonly changes: number[] = [];
  url = "https://example.com/";
  /** What the host was told of its capture. */
  readonly conditions: string[] = [];
  /** How the page of every tab is doing. */
  page: "running" | "crashed" | "discarded" | null = "running";
  /** Its user has muted the tab. */
  muted = false;
  /** Told of every call, as it comes. */
  onCall: (name: string) => void = () => {};
  /** The offscreen document has all that the host lacks. */
  runGoesOn = false;
  /** Ids of what the offscreen document captures. */
  captures: string[] = [];
  /** Until it resolves, what is asked of the offscreen document to capture has not begun. */
  captureBegins: Promise<void> = Promise.resolve();
  /** Numbers of the first runs of the captures that were begun. */
  readonly firstRuns: number[] = [];
  stored: TabRecord[] = [];
  saved: readonly TabRecord[] = [];
  streamIdError: Error | null = null;
  /** Tabs that are private. */
  readonly privateTabs = new Set<number>();
  /** What the host said of itself; `null` while it is being replaced. */
  info: HostInfo | null = HOST;
  #connected: Promise<unknown> = Promise.resolve();
  /** Answers of the host by method; an error is thrown. */
  answers: Record<string, Answer> = {
    openStream: (params) => ({
      stream_id: "s1",
      view_token: "t".repeat(22),
      zero: 1,
      started_at: 1,
      published_at: params.published === true ? 1 : null,
      generation: 0,
      ...(params.resume as object | undefined),
    }),
    takenMedia: () => ({ run: -1, bytes: 0, told: 0 }),
    waitUntilPlayable: () => PLAYABLE,
    publishStream: () => ({
      stream_id: "s1",
      view_token: "n".repeat(22),
      zero: 1,
      started_at: 1,
      published_at: 9,
      generation: 0,
    }),
    unpublishStream: () => ({ success: true, stream_id: "s1", info: { ...INFO, state: "stopped" } }),
    startRecording: () => RECORDING,
    stopRecording: () => ({ ...RECORDING, status: "finished" }),
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

  /** The captured tabs and their recordings under a service worker that was just started. */
  worker(): { captured: CapturedTabs; recordings: TabRecordings } {
    const fake = this;
    const note = (name: string, params?: unknown) => {
      this.calls.push(params ? `${name} ${JSON.stringify(params)}` : name);
      this.onCall(name);
    };
    const host = {
      get info() {
        return fake.info;
      },
      connect: () => this.#connected.then(() => HOST),
      arrives: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
      call: async (method: keyof typeof HostContract.methods, params: Record<string, unknown>) => {
        await this.#connected;
        note(`host.${method}`, NOTED.includes(method) ? params : undefined);
        v.parse(HostContract.methods[method].params, params);
        return v.parse(HostContract.methods[method].result, await this.answers[method]?.(params));
      },
      emit: (event: string, params: { capture?: string }) => {
        note(`host.${event}`);
        if (params.capture !== undefined) this.conditions.push(params.capture);
      },
    } as unknown as ConstructorParameters<typeof HostStreams>[0];
    const offscreen = {
      open: async () => {},
      exists: async () => true,
      call: async (method: keyof typeof OffscreenContract.methods, params: unknown) => {
        note(`offscreen.${method}`);
        const { stream_id, first_run } = v.parse(OffscreenContract.methods[method].params, params) as {
          stream_id: string;
          first_run?: number;
        };
        if (first_run !== undefined) {
          await this.captureBegins;
          this.firstRuns.push(first_run);
          this.captures.push(stream_id);
        }
        if (method === "stopCapture") this.captures = this.captures.filter((id) => id !== stream_id);
        if (method === "restartRun" && !this.captures.includes(stream_id))
          throw new FlyBrowserError("no_active_stream");
        if (method === "continueRun") return { goes_on: this.runGoesOn };
        return method === "startCapture" ? { width: 640, height: 360, has_audio: true, marks: [] } : {};
      },
    } as unknown as TabMediaDependencies["offscreen"];
    const relay = {
      attach: () => void note("attach"),
      abandon: () => {},
      nextRun: () => 7,
      detach: () => void note("detach"),
      detachAll: () => void note("detachAll"),
      drained: async () => void note("drained"),
    };
    const getMediaStreamId = async () => {
      note("getMediaStreamId");
      if (this.streamIdError) throw this.streamIdError;
      return "m";
    };
    const isPrivate = async (tab_id: number) => this.privateTabs.has(tab_id);
    const isMuted = async () => this.muted;
    const onChange = (tab_id: number) => void this.changes.push(tab_id);
    const captured = new CapturedTabs({
      host: new HostStreams(host, isPrivate),
      media: new TabMedia({ offscreen, relay, getMediaStreamId, isPrivate, isMuted }),
      getTab: async (tab_id) => ({
        tab_id,
        target_id: null,
        url: this.url,
        title: "t",
        not_capturable: this.url.startsWith("chrome:") ? "protected" : null,
        stream_id: null,
      }),
      pageOf: async () => this.page,
      isMuted,
      store: {
        load: async () => this.stored,
        save: async (records) => {
          this.saved = structuredClone(records);
        },
      },
      onChange,
      ...{ onMoved: () => {}, onTabGone: () => {} },
    });
    return { captured, recordings: new TabRecordings({ tabs: captured, host, onChange }) };
  }
}
