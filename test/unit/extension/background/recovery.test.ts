// What is asked for while the host is being replaced: nothing that was let go stays in the new host, and what goes on goes on.
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { CapturedTabs } from "../../../../extension/background/captured-tabs.ts";
import { Streams } from "../../../../extension/background/streams.ts";
import { TabRecordings } from "../../../../extension/background/tab-recordings.ts";
import { FlyBrowserError } from "../../../../protocol/errors.ts";
import type { RecordingInfo } from "../../../../protocol/results.ts";
import { FakeParts } from "./fake-parts.ts";

let fake: FakeParts;
let captured: CapturedTabs;
let streams: Streams;
let recordings: TabRecordings;
const told = (status: RecordingInfo["status"]) =>
  recordings.changed({ recording_id: "r1", stream_id: "s1", status, error: null } as RecordingInfo);
/** Names of the calls of a kind since the host was lost. */
const called = (name: string) => fake.calls.filter((call) => call.startsWith(name));
/** Lets everything that can go on do so. */
const turn = () => new Promise((resolve) => setTimeout(resolve, 20));

/** The host dies; gives the function by which a new one answers. */
function loseHost(): () => void {
  fake.calls.length = 0;
  const arrive = fake.hostGone();
  streams.hostLost();
  return arrive;
}

beforeEach(() => {
  vi.spyOn(console, "warn").mockImplementation(() => {});
  fake = new FakeParts();
  const { parts } = fake;
  ({ captured } = parts);
  streams = new Streams(parts);
  recordings = new TabRecordings({ streams, captured, host: parts.host, onChange: () => {} });
});

describe("let go", () => {
  it("before there is a new host: nothing is opened there", async () => {
    await streams.startStream(1, {});
    const arrive = loseHost();
    await turn();
    await streams.stopStream(1, "enough");
    arrive();
    await turn();
    expect(called("host.")).toEqual([]);
    expect(captured.tabs).toEqual([]);
  });

  it("while the new host opens it: it is closed there, and another start of the tab is not harmed", async () => {
    await streams.startStream(1, {});
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
    streams.tabRemoved(1);
    await vi.waitFor(() => expect(captured.tabs).toEqual([]));
    expect(called("host.closeStream")).toHaveLength(1); // the host ends it as soon as it is there
    await streams.startStream(1, {});
    fake.calls.length = 0;
    opened();
    await turn();
    expect(fake.calls).toEqual([]);
    expect(captured.view(1)).toMatchObject({ phase: "live", error: null });
  });
});

describe("a stream with a recording", () => {
  beforeEach(async () => {
    await streams.startStream(1, {});
    await recordings.start(1, {});
    told("recording");
  });

  it("whose stream is stopped before viewers get a picture again records on", async () => {
    fake.answers.waitUntilPlayable = async () => {
      await streams.stopStream(1, "enough");
      throw new FlyBrowserError("no_active_stream");
    };
    loseHost()();
    await vi.waitFor(() => expect(captured.recordOf(1)?.phase).toBe("live"));
    expect(captured.recordOf(1)).toMatchObject({ stream: "none", recorded: true, recording_id: "r1" });
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
      ...["host.openStream", "host.waitUntilPlayable", "host.stopRecording"],
    ]);
    expect(captured.recordOf(1)).toMatchObject({ phase: "live", stream: "live", recorded: false, recording_id: null });
  });

  it("whose stream is stopped while the new host opens it is seen by nobody", async () => {
    const open = fake.answers.openStream;
    fake.answers.openStream = async (params) => {
      await streams.stopStream(1, "enough");
      fake.calls.length = 0;
      return open?.(params);
    };
    loseHost()();
    await vi.waitFor(() => expect(captured.recordOf(1)?.phase).toBe("live"));
    expect(called("host.unpublishStream")).toHaveLength(1);
    expect(called("host.waitUntilPlayable")).toEqual([]);
    expect(captured.recordOf(1)?.identity?.published_at).toBeNull();
  });
});

it("a stream that is stopped between two attempts is seen by nobody, though the host has made it as the first one asked", async () => {
  await streams.startStream(1, {});
  await recordings.start(1, {});
  const { identity } = captured.recordOf(1) ?? {};
  fake.answers.openStream = async () => {
    fake.answers.openStream = () => identity;
    await streams.stopStream(1, "enough");
    fake.calls.length = 0;
    throw new FlyBrowserError("timeout", { what: "openStream", seconds: 15 });
  };
  loseHost()();
  await vi.waitFor(() => expect(captured.recordOf(1)?.phase).toBe("live"));
  expect(called("host.unpublishStream")).toHaveLength(1);
  expect(captured.recordOf(1)?.identity?.published_at).toBeNull();
});

describe("started meanwhile", () => {
  it("a stream of a tab that is recorded begins in the next host", async () => {
    await recordings.start(1, {});
    const arrive = loseHost();
    const starting = streams.startStream(1, {});
    await turn();
    expect(called("host.")).toEqual([]);
    arrive();
    await expect(starting).resolves.toMatchObject({ status: "active" });
    expect(called("host.").map((call) => call.split(" ")[0])).toEqual([
      ...["host.openStream", "host.publishStream", "host.waitUntilPlayable"],
    ]);
  });

  it("a recording of a tab that is streamed begins in the next host; a second one is refused at once", async () => {
    await streams.startStream(1, {});
    const arrive = loseHost();
    const starting = recordings.start(1, {});
    await turn();
    arrive();
    await expect(starting).resolves.toMatchObject({ recording_id: "r1" });
    expect(called("host.").at(-1)).toBe("host.startRecording");
    const again = loseHost();
    await expect(recordings.start(1, {})).rejects.toMatchObject({ code: "recording_already_active" });
    await expect(streams.startStream(1, {})).rejects.toMatchObject({ code: "stream_already_active" });
    again();
    await vi.waitFor(() => expect(captured.view(1).phase).toBe("live"));
  });

  it("and no next host for long: it says so, and the recording still waits for one", async () => {
    await recordings.start(1, {});
    const arrive = loseHost();
    vi.useFakeTimers();
    try {
      const starting = expect(streams.startStream(1, {})).rejects.toMatchObject({ code: "host_lost" });
      await vi.advanceTimersByTimeAsync(21_000);
      await starting;
      expect(captured.recordOf(1)).toMatchObject({ phase: "recovering", stream: "none", recorded: true });
    } finally {
      vi.useRealTimers();
    }
    arrive();
    await vi.waitFor(() => expect(captured.recordOf(1)?.phase).toBe("live"));
  });
});

it("a stream that is stopped while it begins says so, whatever the host makes of that", async () => {
  await recordings.start(1, {});
  fake.answers.waitUntilPlayable = async () => {
    await streams.stopStream(1, "enough");
    throw new FlyBrowserError("no_active_stream");
  };
  await expect(streams.startStream(1, {})).rejects.toMatchObject({ code: "capture_failed" });
  expect(captured.recordOf(1)).toMatchObject({ phase: "live", stream: "none", recorded: true });
});
