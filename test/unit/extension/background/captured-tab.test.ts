import { beforeEach, describe, expect, it, vi } from "vitest";
import type { CapturedTabs } from "../../../../extension/background/captured-tabs.ts";
import type { TabRecordings } from "../../../../extension/background/tab-recordings.ts";
import { FlyBrowserError, serializeError } from "../../../../protocol/errors.ts";
import type { RecordingInfo } from "../../../../protocol/results.ts";
import { FakeHost, INFO, PLAYABLE, RECORDING } from "./fake-host.ts";

describe("streams", () => {
  let fake: FakeHost;
  let captured: CapturedTabs;
  beforeEach(() => {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    fake = new FakeHost();
    ({ captured } = fake.worker());
  });

  it("starts: the host knows the stream before its media come", async () => {
    await expect(captured.startStream(1, {})).resolves.toEqual(PLAYABLE);
    expect(captured.view(1).phase).toBe("live");
    expect(fake.calls).toEqual([
      "getMediaStreamId",
      "host.openStream",
      "attach",
      "offscreen.startCapture",
      "host.waitUntilPlayable",
    ]);
    expect(fake.saved[0]).toMatchObject({ capture: "live", host_port: 4321, identity: { stream_id: "s1" } });
  });

  it("refuses a second start of the tab, and the stream has no error by it", async () => {
    await captured.startStream(1, {});
    await expect(captured.startStream(1, {})).rejects.toMatchObject({ code: "stream_already_active" });
    expect(captured.view(1)).toMatchObject({ phase: "live", error: null });
  });

  it("undoes a start that fails, and keeps the error for the popup", async () => {
    fake.streamIdError = new Error("Extension has not been invoked for the current page");
    await expect(captured.startStream(1, {})).rejects.toMatchObject({ code: "tab_not_invoked" });
    expect(captured.view(1)).toMatchObject({ phase: "idle", error: { code: "tab_not_invoked" } });
    expect(fake.calls.some((call) => call.startsWith("host.closeStream"))).toBe(true);
    expect(fake.saved).toEqual([]);
  });

  it("has the host end a stream whose answer came too late, or after the tab was let go", async () => {
    const opened: Record<string, unknown>[] = [];
    fake.answers.openStream = (params) => {
      opened.push(params);
      if (opened.length === 2) captured.tabRemoved(1);
      throw new FlyBrowserError("timeout", { what: "openStream", seconds: 15 });
    };
    await expect(captured.startStream(1, {})).rejects.toMatchObject({ code: "timeout" });
    await expect(captured.startStream(1, {})).rejects.toMatchObject({ code: "start_stopped" });
    const ids = opened.map(({ stream_id }) => stream_id as string);
    expect(new Set(ids).size).toBe(2);
    expect(ids[0]).toMatch(/^stream_[A-Za-z0-9_-]{12}$/);
    const closed = fake.calls.filter((call) => call.startsWith("host.closeStream"));
    expect(closed.map((call) => /"(stream_[\w-]{12})"/.exec(call)?.[1])).toEqual(ids);
  });

  it("refuses protected pages and wrong options before anything is captured", async () => {
    fake.url = "chrome://settings";
    await expect(captured.startStream(1, {})).rejects.toMatchObject({ code: "tab_not_capturable" });
    await expect(captured.startStream(1, { quality: "best" })).rejects.toMatchObject({ code: "invalid_option" });
    expect(fake.calls).toEqual([]);
  });

  it("ends where the tab goes to a page that Chrome wouldn't begin to capture", async () => {
    await captured.startStream(1, {});
    captured.tabUpdated(1, "https://example.com/other", "other", true);
    expect(captured.view(1).phase).toBe("live");
    captured.tabUpdated(1, "chrome://settings/passwords", "Settings", true);
    await vi.waitFor(() => expect(captured.view(1).phase).toBe("idle"));
    expect(captured.view(1).error).toMatchObject({ code: "tab_not_capturable" });
    expect(fake.calls.some((call) => call.startsWith("host.closeStream"))).toBe(true);
  });

  it("stops once, with the tail, however often it is asked", async () => {
    await captured.startStream(1, {});
    fake.calls.length = 0;
    await Promise.all([captured.stopStream(1, "enough"), captured.stopStream(1, "enough")]);
    expect(fake.calls).toEqual([
      "offscreen.stopCapture",
      "drained",
      'host.closeStream {"stream_id":"s1","reason":"enough"}',
      "detach",
    ]);
    await expect(captured.stopStream(1, "again")).resolves.toEqual({ success: false, error: "No active stream" });
  });

  it.each(["getMediaStreamId", "host.openStream", "offscreen.startCapture", "host.waitUntilPlayable"])(
    "stops a start when it is asked to: at %s",
    async (step) => {
      let stopping: Promise<unknown> | null = null;
      fake.onCall = (name) => {
        if (name === step) stopping ??= captured.stopStream(1, "enough");
      };
      const starting = captured.startStream(1, {});
      await expect(starting).rejects.toMatchObject({ code: "start_stopped", details: { reason: "enough" } });
      await stopping;
      expect([captured.all, fake.captures]).toEqual([[], []]);
      expect(captured.view(1)).toMatchObject({ phase: "idle", error: null });
      await captured.startStream(1, {});
      expect(captured.view(1).phase).toBe("live");
    },
  );

  it("ends a capture that begins while the host takes leave of the stopped start", async () => {
    let begin = () => {};
    fake.captureBegins = new Promise((resolve) => {
      begin = resolve;
    });
    let stopping: Promise<unknown> | null = null;
    fake.onCall = (name) => {
      if (name === "offscreen.startCapture") stopping ??= captured.stopStream(1, "enough");
    };
    fake.answers.closeStream = async () => {
      begin();
      await new Promise((resolve) => setTimeout(resolve, 10));
      return { success: true, stream_id: "s1", info: { ...INFO, state: "stopped" } };
    };
    await expect(captured.startStream(1, {})).rejects.toMatchObject({ code: "start_stopped" });
    await stopping;
    expect([captured.all, fake.captures]).toEqual([[], []]);
  });

  it("stops a start at once, and one that waits for its turn", async () => {
    const starting = captured.startStream(1, {});
    starting.catch(() => {});
    await captured.stopStream(1, "enough");
    await expect(starting).rejects.toMatchObject({ code: "start_stopped" });
    await vi.waitFor(() => expect(captured.all).toEqual([]));
    expect(fake.captures).toEqual([]);
  });

  it("cleans up when the tab is closed while it starts", async () => {
    fake.answers.waitUntilPlayable = () => {
      captured.tabRemoved(1);
      return PLAYABLE;
    };
    await expect(captured.startStream(1, {})).rejects.toMatchObject({
      code: "start_stopped",
      details: { reason: "the tab was closed" },
    });
    expect(fake.calls).toContain('host.closeStream {"stream_id":"s1","reason":"the tab was closed"}');
    await vi.waitFor(() => expect(captured.all).toEqual([]));
  });

  it("is captured again when the offscreen document has gone: same host, same id, runs counted on", async () => {
    await captured.startStream(1, {});
    fake.calls.length = 0;
    fake.captures = [];
    captured.capturesLost();
    expect(captured.view(1).phase).toBe("recovering");
    await vi.waitFor(() => expect(captured.view(1).phase).toBe("live"));
    expect(fake.calls).toEqual([
      "host.capture_changed",
      "attach",
      "offscreen.restartRun",
      "getMediaStreamId",
      "offscreen.moveCapture",
      "host.capture_changed",
      "host.waitUntilPlayable",
    ]);
    expect(fake.firstRuns).toEqual([0, 7]);
    expect(captured.streamOf(1)).toBe("s1");
  });

  it("is captured again when a fresh run finds its capture gone", async () => {
    await captured.startStream(1, {});
    fake.captures = [];
    captured.get(1)?.restartRun("FFmpeg died", true);
    await vi.waitFor(() => expect(fake.captures).toEqual(["s1"]));
    await vi.waitFor(() => expect(captured.view(1).phase).toBe("live"));
  });

  it("ends with the error where Chrome doesn't allow it to be captured again; a new start is possible", async () => {
    await captured.startStream(1, {});
    fake.captures = [];
    fake.streamIdError = new Error("Extension has not been invoked for the current page");
    captured.capturesLost();
    await vi.waitFor(() =>
      expect(captured.view(1)).toMatchObject({ phase: "idle", error: { code: "tab_not_invoked" } }),
    );
    fake.streamIdError = null;
    await captured.startStream(1, {});
    expect(captured.view(1).phase).toBe("live");
  });

  it("fails at once when the offscreen document goes while it starts", async () => {
    fake.answers.waitUntilPlayable = () => {
      captured.capturesLost();
      throw new FlyBrowserError("no_active_stream");
    };
    await expect(captured.startStream(1, {})).rejects.toMatchObject({ code: "capture_failed" });
    await vi.waitFor(() => expect(captured.all).toEqual([]));
  });

  it("is captured again when the document goes while the host is being replaced, and once more", async () => {
    await captured.startStream(1, {});
    const arrive = fake.hostGone();
    captured.hostLost();
    fake.captures = [];
    captured.capturesLost();
    arrive();
    await vi.waitFor(() => expect(captured.view(1).phase).toBe("live"));
    expect(fake.captures).toEqual(["s1"]);
    expect(fake.saved[0]?.identity?.generation).toBe(1);
  });

  it("goes on in a new host when the old one has died, one generation later", async () => {
    await captured.startStream(1, {});
    fake.calls.length = 0;
    captured.hostLost();
    expect(captured.view(1).phase).toBe("recovering");
    await vi.waitFor(() => expect(captured.view(1).phase).toBe("live"));
    expect(fake.calls).toEqual([
      "detachAll",
      "offscreen.restartRun", // its media wait for the next host
      "host.openStream",
      ...["host.takenMedia", "attach", "offscreen.continueRun"], // it has nothing, and the run's beginning isn't kept
      "attach",
      "offscreen.restartRun",
      "host.waitUntilPlayable",
    ]);
    expect(fake.saved[0]).toMatchObject({ host_port: 4321, host_session: "x", identity: { generation: 1 } });
  });

  it("tells the next host what is missing of its media, and its links", async () => {
    await captured.startStream(1, {});
    captured.byStream("s1")?.holesChanged(1_500);
    const opened: unknown[] = [];
    const open = fake.answers.openStream;
    fake.answers.openStream = (params) => {
      opened.push(params.resume);
      return open?.(params);
    };
    captured.hostLost();
    await vi.waitFor(() => expect(captured.view(1).phase).toBe("live"));
    expect(opened).toMatchObject([{ missing: 1_500, generation: 1 }]);
  });

  it("goes on in the same run where the host lives and only the connection was lost", async () => {
    await captured.startStream(1, {});
    fake.calls.length = 0;
    fake.runGoesOn = true;
    fake.answers.takenMedia = () => ({ run: 0, bytes: 7, told: 5 });
    captured.hostLost();
    expect(captured.hostSession()).toBe("x");
    await vi.waitFor(() => expect(captured.view(1).phase).toBe("live"));
    expect(fake.calls).toEqual([
      ...["detachAll", "offscreen.restartRun", "host.openStream", "host.takenMedia", "attach", "offscreen.continueRun"],
      "host.waitUntilPlayable",
    ]);
  });

  it("ends with the error when no new host can be had", async () => {
    await captured.startStream(1, {});
    fake.answers.openStream = () => {
      throw new FlyBrowserError("host_not_installed");
    };
    captured.hostLost();
    await vi.waitFor(() =>
      expect(captured.view(1)).toMatchObject({ phase: "idle", error: { code: "host_not_installed" } }),
    );
  });

  it("takes over what an earlier service worker left, if it is still captured", async () => {
    await captured.startStream(1, {});
    fake.stored = structuredClone([...fake.saved]);
    const { captured: successor } = fake.worker();
    await successor.takeOver();
    await vi.waitFor(() => expect(successor.view(1).phase).toBe("live"));
    expect(successor.preferredPort()).toBe(4321);
  });

  it("captures again what an earlier service worker left without a capture: both have crashed", async () => {
    await captured.startStream(1, {});
    fake.stored = structuredClone([...fake.saved]);
    fake.captures = [];
    const { captured: successor } = fake.worker();
    await successor.takeOver();
    await vi.waitFor(() => expect(successor.view(1).phase).toBe("live"));
    expect(fake.captures).toEqual(["s1"]);
  });

  it("lets go of a start that an earlier service worker left", async () => {
    await captured.startStream(1, {});
    fake.stored = fake.saved.map((record) => ({ ...record, capture: "starting", stream: "starting" }));
    const { captured: successor } = fake.worker();
    await successor.takeOver();
    expect(successor.all).toEqual([]);
  });
});

describe("recordings", () => {
  let fake: FakeHost;
  let captured: CapturedTabs;
  let recordings: TabRecordings;
  /** What the host tells of the recording. */
  const told = (status: RecordingInfo["status"], error: RecordingInfo["error"] = null) =>
    recordings.changed({ ...RECORDING, status, error });

  beforeEach(() => {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    fake = new FakeHost();
    ({ captured, recordings } = fake.worker());
  });

  it("captures a tab that isn't streamed, for nobody to see, and lets it go with the last of its media", async () => {
    const starting = recordings.start(1, {});
    expect(recordings.view(1).phase).toBe("starting");
    await expect(recordings.start(1, {})).rejects.toMatchObject({ code: "recording_already_active" });
    await expect(starting).resolves.toMatchObject({ recording_id: "r1" });
    told("recording");
    expect(recordings.view(1)).toMatchObject({ phase: "recording", info: { recording_id: "r1" } });
    expect(captured.view(1)).toEqual({ phase: "idle", info: null, error: null });
    expect([captured.streamOf(1), captured.get(1)?.stream_id]).toEqual([null, "s1"]);
    expect(await captured.stopStream(1, "nothing to stop")).toMatchObject({ success: false });
    expect(fake.calls).toEqual([
      ...["getMediaStreamId", "host.openStream", "attach", "offscreen.startCapture", "host.startRecording"],
    ]);
    fake.calls.length = 0;
    await expect(recordings.stop(1)).resolves.toMatchObject({ status: "finished" });
    expect(fake.calls).toEqual([
      "offscreen.stopCapture",
      "drained",
      'host.closeStream {"stream_id":"s1","reason":"the recording was stopped"}',
      "detach",
      "host.stopRecording",
    ]);
    expect(captured.all).toEqual([]);
  });

  it("record, stream, stop the stream, stop: one capture, and what isn't asked for is as it runs", async () => {
    await recordings.start(1, { format: "webm" });
    fake.calls.length = 0;
    await expect(captured.startStream(1, { codec: "h264" })).rejects.toMatchObject({ code: "unsupported_combination" });
    await captured.startStream(1, { protocol: "dash" });
    expect(captured.view(1).phase).toBe("live");
    expect(captured.get(1)?.record.options).toMatchObject({ codec: "vp9", protocol: "dash" });
    await expect(captured.startStream(1, {})).rejects.toMatchObject({ code: "stream_already_active" });
    await expect(captured.stopStream(1, "enough")).resolves.toMatchObject({ success: true });
    expect(captured.view(1).phase).toBe("idle");
    expect(recordings.view(1).phase).toBe("recording");
    expect(fake.calls.map((call) => call.split(" ")[0])).toEqual([
      ...["host.publishStream", "host.waitUntilPlayable", "offscreen.closeViewers", "host.unpublishStream"],
    ]);
    await recordings.stop(1);
    expect(captured.all).toEqual([]);
  });

  it("stream, record, stop the recording, stop: the stream is not touched", async () => {
    await captured.startStream(1, {});
    await recordings.start(1, {});
    fake.calls.length = 0;
    await recordings.stop(1);
    expect(fake.calls).toEqual(["host.stopRecording"]);
    expect(captured.view(1).phase).toBe("live");
    await captured.stopStream(1, "enough");
    expect(captured.all).toEqual([]);
  });

  it("lets the tab go when the recording ends by itself, and shows why", async () => {
    await recordings.start(1, {});
    told("finishing", serializeError(new FlyBrowserError("disk_full", { folder: "/v", free: 1, needed: 2 })));
    expect(recordings.view(1).phase).toBe("finishing");
    expect(recordings.unfinished).toBe(true);
    await vi.waitFor(() => expect(captured.all).toEqual([]));
    expect(captured.view(1).error).toMatchObject({ code: "disk_full" });
    told("finished");
    expect([recordings.view(1).phase, recordings.unfinished]).toEqual(["idle", false]);
  });

  it("undoes the capture where the host refuses to record", async () => {
    fake.answers.startRecording = () => {
      throw new FlyBrowserError("recording_path_unusable", { path: "/v", reason: "no" });
    };
    await expect(recordings.start(1, {})).rejects.toMatchObject({ code: "recording_path_unusable" });
    expect([captured.all.map(({ tab_id }) => tab_id), recordings.view(1).phase]).toEqual([[], "idle"]);
    expect(captured.view(1).error).toMatchObject({ code: "recording_path_unusable" });
  });

  it("goes on in a new host, unseen as before", async () => {
    await recordings.start(1, {});
    expect(recordings.resumes()).toEqual(["r1"]);
    const opened: Record<string, unknown>[] = [];
    const open = fake.answers.openStream;
    fake.answers.openStream = (params) => {
      opened.push(params);
      return open?.(params);
    };
    captured.hostLost();
    await vi.waitFor(() => expect(captured.get(1)?.record.capture).toBe("live"));
    expect(opened).toMatchObject([{ published: false, recording_id: "r1", resume: { generation: 1 } }]);
    expect(captured.view(1).phase).toBe("idle");
  });

  it("what a program has begun at the host keeps the tab when its stream stops", async () => {
    await captured.startStream(1, {});
    told("recording");
    await captured.stopStream(1, "enough");
    expect([captured.all.map(({ tab_id }) => tab_id), captured.view(1).phase]).toEqual([[1], "idle"]);
    await recordings.stopById("s1");
    expect(captured.all).toEqual([]);
  });
});
