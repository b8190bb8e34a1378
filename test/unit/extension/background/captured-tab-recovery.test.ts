// What is asked for while the host is being replaced: nothing that was let go stays in the new host, and what goes on goes on.
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { CapturedTabs } from "../../../../extension/background/captured-tabs.ts";
import type { TabRecordings } from "../../../../extension/background/tab-recordings.ts";
import { FlyBrowserError } from "../../../../protocol/errors.ts";
import type { RecordingInfo } from "../../../../protocol/results.ts";
import { FakeHost, RECORDING } from "./fake-host.ts";

let fake: FakeHost;
let captured: CapturedTabs;
let recordings: TabRecordings;
const told = (status: RecordingInfo["status"]) => recordings.changed({ ...RECORDING, status });
/** Names of the calls of a kind since the host was lost. */
const called = (name: string) => fake.calls.filter((call) => call.startsWith(name));
/** Lets everything that can go on do so. */
const turn = () => new Promise((resolve) => setTimeout(resolve, 20));

/** The host dies; gives the function by which a new one answers. */
function loseHost(): () => void {
  fake.calls.length = 0;
  const arrive = fake.hostGone();
  captured.hostLost();
  return arrive;
}

beforeEach(() => {
  vi.spyOn(console, "warn").mockImplementation(() => {});
  fake = new FakeHost();
  ({ captured, recordings } = fake.worker());
});

describe("let go", () => {
  it("before there is a new host: nothing is opened there", async () => {
    await captured.startStream(1, {});
    const arrive = loseHost();
    await turn();
    await captured.stopStream(1, "enough");
    arrive();
    await turn();
    expect(called("host.")).toEqual([]);
    expect(captured.all).toEqual([]);
  });

  it("while the new host opens it: it is closed there, and another start of the tab is not harmed", async () => {
    await captured.startStream(1, {});
    const open = fake.answers.openStream;
    let opened = () => {};
    fake.answers.openStream = async (params) => {
      if (open) fake.answers.openStream = open;
      await new Promise<void>((resolve) => {
        opened = resolve;
      });
      return open?.(params);
    };
    loseHost()();
    await vi.waitFor(() => expect(called("host.openStream")).toHaveLength(1));
    captured.tabRemoved(1);
    await vi.waitFor(() => expect(captured.all).toEqual([]));
    expect(called("host.closeStream")).toHaveLength(1); // the host ends it as soon as it is there
    await captured.startStream(1, {});
    fake.calls.length = 0;
    opened();
    await turn();
    expect(fake.calls).toEqual([]);
    expect(captured.view(1)).toMatchObject({ phase: "live", error: null });
  });
});

describe("a stream with a recording", () => {
  beforeEach(async () => {
    await captured.startStream(1, {});
    await recordings.start(1, {});
    told("recording");
  });

  it("whose stream is stopped before viewers get a picture again records on", async () => {
    fake.answers.waitUntilPlayable = async () => {
      await captured.stopStream(1, "enough");
      throw new FlyBrowserError("no_active_stream");
    };
    loseHost()();
    await vi.waitFor(() => expect(captured.get(1)?.record.capture).toBe("live"));
    expect(captured.get(1)?.record).toMatchObject({ stream: "none", recording: "running", recording_id: "r1" });
    expect(called("host.closeStream")).toEqual([]);
  });

  it("whose recording is stopped meanwhile: the next host goes on with it, and ends it", async () => {
    const opened: Record<string, unknown>[] = [];
    const open = fake.answers.openStream;
    fake.answers.openStream = (params) => {
      opened.push(params);
      return open?.(params);
    };
    const arrive = loseHost();
    const stopping = recordings.stop(1);
    await turn();
    expect(recordings.view(1).phase).toBe("stopping");
    expect(recordings.resumes()).toEqual(["r1"]);
    arrive();
    await expect(stopping).resolves.toMatchObject({ status: "finished" });
    expect(opened).toMatchObject([{ recording_id: "r1" }]);
    expect(called("host.").map((call) => call.split(" ")[0])).toEqual([
      ...["host.openStream", "host.takenMedia", "host.waitUntilPlayable", "host.stopRecording"],
    ]);
    expect(captured.get(1)?.record).toMatchObject({
      capture: "live",
      stream: "live",
      recording: "none",
      recording_id: null,
    });
  });

  it("whose stream is stopped while the new host opens it is seen by nobody", async () => {
    const open = fake.answers.openStream;
    fake.answers.openStream = async (params) => {
      await captured.stopStream(1, "enough");
      fake.calls.length = 0;
      return open?.(params);
    };
    loseHost()();
    await vi.waitFor(() => expect(captured.get(1)?.record.capture).toBe("live"));
    expect(called("host.unpublishStream")).toHaveLength(1);
    expect(called("host.waitUntilPlayable")).toEqual([]);
    expect(captured.get(1)?.record.identity?.published_at).toBeNull();
  });
});

it("a stream that is stopped between two attempts is seen by nobody, though the host has made it as the first one asked", async () => {
  await captured.startStream(1, {});
  await recordings.start(1, {});
  const { identity } = captured.get(1)?.record ?? {};
  fake.answers.openStream = async () => {
    fake.answers.openStream = () => identity;
    await captured.stopStream(1, "enough");
    fake.calls.length = 0;
    throw new FlyBrowserError("timeout", { what: "openStream", seconds: 15 });
  };
  loseHost()();
  await vi.waitFor(() => expect(captured.get(1)?.record.capture).toBe("live"));
  expect(called("host.unpublishStream")).toHaveLength(1);
  expect(captured.get(1)?.record.identity?.published_at).toBeNull();
});

describe("started meanwhile", () => {
  it("a stream of a tab that is recorded begins in the next host", async () => {
    await recordings.start(1, {});
    const arrive = loseHost();
    const starting = captured.startStream(1, {});
    await turn();
    expect(called("host.")).toEqual([]);
    arrive();
    await expect(starting).resolves.toMatchObject({ status: "active" });
    expect(called("host.").map((call) => call.split(" ")[0])).toEqual([
      ...["host.openStream", "host.takenMedia", "host.publishStream", "host.waitUntilPlayable"],
    ]);
  });

  it("a recording of a tab that is streamed begins in the next host; a second one is refused at once", async () => {
    await captured.startStream(1, {});
    const arrive = loseHost();
    const starting = recordings.start(1, {});
    await turn();
    arrive();
    await expect(starting).resolves.toMatchObject({ recording_id: "r1" });
    expect(called("host.").at(-1)).toBe("host.startRecording");
    const again = loseHost();
    await expect(recordings.start(1, {})).rejects.toMatchObject({ code: "recording_already_active" });
    await expect(captured.startStream(1, {})).rejects.toMatchObject({ code: "stream_already_active" });
    again();
    await vi.waitFor(() => expect(captured.view(1).phase).toBe("live"));
  });

  it("and no next host for long: it says so, and the recording still waits for one", async () => {
    await recordings.start(1, {});
    const arrive = loseHost();
    vi.useFakeTimers();
    try {
      const starting = expect(captured.startStream(1, {})).rejects.toMatchObject({ code: "host_lost" });
      await vi.advanceTimersByTimeAsync(21_000);
      await starting;
      expect(captured.get(1)?.record).toMatchObject({ capture: "recovering", stream: "none", recording: "running" });
    } finally {
      vi.useRealTimers();
    }
    arrive();
    await vi.waitFor(() => expect(captured.get(1)?.record.capture).toBe("live"));
  });
});

it("a stream that is stopped while it begins says so, whatever the host makes of that", async () => {
  await recordings.start(1, {});
  fake.answers.waitUntilPlayable = async () => {
    await captured.stopStream(1, "enough");
    throw new FlyBrowserError("no_active_stream");
  };
  await expect(captured.startStream(1, {})).rejects.toMatchObject({ code: "start_stopped" });
  expect(captured.get(1)?.record).toMatchObject({ capture: "live", stream: "none", recording: "running" });
});

it("hosts that die one after another are no reason to give up", async () => {
  await captured.startStream(1, {});
  const playable = fake.answers.waitUntilPlayable;
  fake.answers.waitUntilPlayable = () => {
    captured.hostLost();
    throw new FlyBrowserError("host_lost", { reason: "killed" });
  };
  vi.useFakeTimers();
  try {
    captured.hostLost();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(captured.view(1).phase).toBe("recovering");
    expect(called("host.openStream").length).toBeGreaterThan(20);
    if (playable) fake.answers.waitUntilPlayable = playable;
    await vi.advanceTimersByTimeAsync(6_000);
    expect(captured.view(1).phase).toBe("live");
  } finally {
    vi.useRealTimers();
  }
});
