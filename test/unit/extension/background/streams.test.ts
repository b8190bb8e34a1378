import { beforeEach, describe, expect, it, vi } from "vitest";
import type { StreamRecord } from "../../../../extension/background/stream-record.ts";
import { type StreamParts, Streams } from "../../../../extension/background/streams.ts";
import { FlyBrowserError } from "../../../../protocol/errors.ts";
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
const PLAYABLE = { stream_id: "s1", status: "active" };

/** Parts that answer at once; every call is noted. */
class FakeParts {
  readonly calls: string[] = [];
  url = "https://example.com/";
  captures: string[] = [];
  stored: StreamRecord[] = [];
  saved: readonly StreamRecord[] = [];
  streamIdError: Error | null = null;
  /** Answers of the host by method; an error is thrown. */
  answers: Record<string, (params: Record<string, unknown>) => unknown> = {
    openStream: (params) => ({
      stream_id: "s1",
      view_token: "t".repeat(22),
      started_at: 1,
      generation: 0,
      ...(params.resume as object | undefined),
    }),
    waitUntilPlayable: () => PLAYABLE,
    closeStream: () => ({ success: false, error: "No active stream" }),
  };

  get parts(): StreamParts {
    const note = (name: string, params?: unknown) =>
      this.calls.push(params ? `${name} ${JSON.stringify(params)}` : name);
    const host = async (method: string, params: Record<string, unknown>) => {
      note(`host.${method}`, method === "closeStream" ? params : undefined);
      return this.answers[method]?.(params);
    };
    const offscreen = async (method: string) => {
      note(`offscreen.${method}`);
      return method === "listCaptures" ? this.captures : {};
    };
    return {
      host: { info: HOST, connect: async () => HOST, call: host, emit: () => {} } as unknown as StreamParts["host"],
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
      store: {
        load: async () => this.stored,
        save: async (records) => {
          this.saved = structuredClone(records);
        },
      },
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
      onChange: () => {},
    };
  }
}

describe("Streams", () => {
  let fake: FakeParts;
  let streams: Streams;

  beforeEach(() => {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    fake = new FakeParts();
    streams = new Streams(fake.parts);
  });

  it("starts: the host knows the stream before its media come", async () => {
    await expect(streams.startStream(1, {})).resolves.toEqual(PLAYABLE);
    expect(streams.view(1).phase).toBe("live");
    expect(fake.calls).toEqual([
      "getMediaStreamId",
      "host.openStream",
      "attach",
      "offscreen.startCapture",
      "host.waitUntilPlayable",
    ]);
    expect(fake.saved[0]).toMatchObject({ phase: "live", host_port: 4321, identity: { stream_id: "s1" } });
  });

  it("refuses a second start of the tab, and the stream has no error by it", async () => {
    await streams.startStream(1, {});
    await expect(streams.startStream(1, {})).rejects.toMatchObject({ code: "stream_already_active" });
    expect(streams.view(1)).toMatchObject({ phase: "live", error: null });
  });

  it("undoes a start that fails, and keeps the error for the popup", async () => {
    fake.streamIdError = new Error("Extension has not been invoked for the current page");
    await expect(streams.startStream(1, {})).rejects.toMatchObject({ code: "tab_not_invoked" });
    expect(streams.view(1)).toMatchObject({ phase: "idle", error: { code: "tab_not_invoked" } });
    expect(fake.calls.some((call) => call.startsWith("host.closeStream"))).toBe(true);
    expect(fake.saved).toEqual([]);
  });

  it("refuses protected pages and wrong options before anything is captured", async () => {
    fake.url = "chrome://settings";
    await expect(streams.startStream(1, {})).rejects.toMatchObject({ code: "tab_not_capturable" });
    await expect(streams.startStream(1, { quality: "best" })).rejects.toMatchObject({ code: "invalid_option" });
    expect(fake.calls).toEqual([]);
  });

  it("stops once, with the tail, however often it is asked", async () => {
    await streams.startStream(1, {});
    fake.calls.length = 0;
    await Promise.all([streams.stopStream(1, "enough"), streams.stopStream(1, "enough")]);
    expect(fake.calls).toEqual([
      "offscreen.stopCapture",
      "drained",
      'host.closeStream {"stream_id":"s1","reason":"enough"}',
      "detach",
    ]);
    await expect(streams.stopStream(1, "again")).resolves.toEqual({ success: false, error: "No active stream" });
  });

  it("cleans up when the tab is closed while it starts", async () => {
    fake.answers.waitUntilPlayable = () => {
      streams.tabRemoved(1);
      return PLAYABLE;
    };
    await expect(streams.startStream(1, {})).rejects.toMatchObject({ code: "capture_failed" });
    expect(fake.calls).toContain('host.closeStream {"stream_id":"s1","reason":"the tab was closed"}');
    await vi.waitFor(() => expect(streams.tabs).toEqual([]));
  });

  it("goes on in a new host when the old one has died, one generation later", async () => {
    await streams.startStream(1, {});
    fake.calls.length = 0;
    streams.hostLost();
    expect(streams.view(1).phase).toBe("recovering");
    await vi.waitFor(() => expect(streams.view(1).phase).toBe("live"));
    expect(fake.calls).toEqual([
      "detachAll",
      "host.openStream",
      "attach",
      "offscreen.restartRun",
      "host.waitUntilPlayable",
    ]);
    expect(fake.saved[0]?.identity?.generation).toBe(1);
  });

  it("ends with the error when no new host can be had", async () => {
    await streams.startStream(1, {});
    fake.answers.openStream = () => {
      throw new FlyBrowserError("host_not_installed");
    };
    streams.hostLost();
    await vi.waitFor(() =>
      expect(streams.view(1)).toMatchObject({ phase: "idle", error: { code: "host_not_installed" } }),
    );
  });

  it("takes over what an earlier service worker left, if it is still captured", async () => {
    await streams.startStream(1, {});
    fake.stored = structuredClone([...fake.saved]);
    fake.captures = ["s1"];
    const successor = new Streams(fake.parts);
    await successor.takeOver();
    await vi.waitFor(() => expect(successor.view(1).phase).toBe("live"));
    expect(successor.preferredPort()).toBe(4321);
  });

  it("lets go of what an earlier service worker left without a capture", async () => {
    await streams.startStream(1, {});
    fake.stored = structuredClone([...fake.saved]);
    const successor = new Streams(fake.parts);
    await successor.takeOver();
    expect(successor.tabs).toEqual([]);
  });
});
