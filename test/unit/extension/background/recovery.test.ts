// What is asked for while the host is being replaced: nothing that was let go stays in the new host, and what goes on goes on.
import { beforeEach, describe, expect, it, vi } from "vitest";
import { Streams } from "../../../../extension/background/streams.ts";
import { TabRecordings } from "../../../../extension/background/tab-recordings.ts";
import { FlyBrowserError } from "../../../../protocol/errors.ts";
import type { RecordingInfo } from "../../../../protocol/results.ts";
import { FakeParts } from "./fake-parts.ts";

let fake: FakeParts;
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
  streams = new Streams(fake.parts);
  recordings = new TabRecordings({ streams, host: fake.parts.host, onChange: () => {} });
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
    expect(streams.tabs).toEqual([]);
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
    await vi.waitFor(() => expect(streams.tabs).toEqual([]));
    await streams.startStream(1, {});
    fake.calls.length = 0;
    opened();
    await vi.waitFor(() => expect(called("host.closeStream")).toHaveLength(1));
    await turn();
    expect(called("offscreen.")).toEqual([]);
    expect(streams.view(1)).toMatchObject({ phase: "live", error: null });
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
    await vi.waitFor(() => expect(streams.recordOf(1)?.phase).toBe("live"));
    expect(streams.recordOf(1)).toMatchObject({ stream: "none", recorded: true, recording_id: "r1" });
    expect(called("host.closeStream")).toEqual([]);
  });

  it("whose stream is stopped while the new host opens it is seen by nobody", async () => {
    const open = fake.answers.openStream;
    fake.answers.openStream = async (params) => {
      await streams.stopStream(1, "enough");
      fake.calls.length = 0;
      return open?.(params);
    };
    loseHost()();
    await vi.waitFor(() => expect(streams.recordOf(1)?.phase).toBe("live"));
    expect(called("host.unpublishStream")).toHaveLength(1);
    expect(called("host.waitUntilPlayable")).toEqual([]);
    expect(streams.recordOf(1)?.identity?.published_at).toBeNull();
  });
});
