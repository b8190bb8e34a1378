import { beforeEach, describe, expect, it, vi } from "vitest";
import type { CapturedTabs } from "../../../../extension/background/captured-tabs.ts";
import { newRecord, type TabRecord } from "../../../../extension/background/tab-record.ts";
import { FlyBrowserError } from "../../../../protocol/errors.ts";
import { parseStartStreamOptions } from "../../../../protocol/options.ts";
import { FakeHost, INFO } from "./fake-host.ts";

const OPTIONS = parseStartStreamOptions({});

let fake: FakeHost;
let captured: CapturedTabs;

beforeEach(() => {
  vi.spyOn(console, "warn").mockImplementation(() => {});
  fake = new FakeHost();
  ({ captured } = fake.worker());
});

it("knows a captured tab by itself and, once the host has opened it, by its id; each change is told and kept", async () => {
  const tab = captured.add(newRecord(1, OPTIONS, "stream"));
  expect([captured.get(1), captured.byStream("s1"), captured.streamOf(1)]).toEqual([tab, undefined, null]);
  expect(captured.preferredPort()).toBeNull();
  await tab.start();
  expect([captured.byStream("s1"), captured.streamOf(1), captured.preferredPort()]).toEqual([tab, "s1", 4321]);
  expect(fake.saved).toMatchObject([{ capture: "live", stream: "live", identity: { stream_id: "s1" } }]);
  expect(new Set(fake.changes)).toEqual(new Set([1]));
  await tab.release("enough");
  expect([captured.all, fake.saved, captured.view(1).phase]).toEqual([[], [], "idle"]);
});

it("forgets no later capture of the same tab", async () => {
  const first = captured.add(newRecord(1, OPTIONS, "stream"));
  await first.start();
  const second = captured.add(newRecord(1, OPTIONS, "stream"));
  await first.release("enough");
  expect(captured.get(1)).toBe(second);
});

it("a tab that is only recorded has no stream to look at, and its status is nobody's", async () => {
  const tab = captured.add(newRecord(1, OPTIONS, "recording"));
  await tab.start();
  tab.statusArrived(INFO);
  expect(captured.view(1)).toEqual({ phase: "idle", info: null, error: null });
  expect([captured.streamOf(1), tab.stream_id, captured.isSeen("s1")]).toEqual([null, "s1", false]);
  await tab.startRecording({});
  await tab.publish(OPTIONS);
  tab.statusArrived(INFO);
  expect(captured.view(1).info).toBe(INFO);
  expect([captured.streamOf(1), captured.isSeen("s1")]).toEqual(["s1", true]);
  const stopping = tab.release("enough");
  expect([captured.view(1).phase, captured.isSeen("s1")]).toEqual(["stopping", false]);
  await stopping;
});

it("keeps the last error of a tab, captured or not, until the tab shows another page or is closed", () => {
  const code = () => captured.view(7).error?.code;
  captured.setError(7, new FlyBrowserError("tab_not_invoked"));
  expect([code(), fake.changes]).toEqual(["tab_not_invoked", [7]]);
  captured.tabUpdated(7, "https://example.com/", "another title", false);
  expect(code()).toBe("tab_not_invoked");
  captured.tabUpdated(7, "https://example.com/other", "", true);
  expect([code(), fake.changes]).toEqual([undefined, [7, 7]]);
  captured.setError(7, new FlyBrowserError("tab_not_invoked"));
  captured.tabRemoved(7);
  expect(code()).toBeUndefined();
});

it("tells the host where a captured tab has gone", async () => {
  await captured.startStream(1, {});
  captured.tabUpdated(1, "https://example.com/other", "other", true);
  expect(fake.calls.at(-1)).toBe("host.tab_changed");
  expect(captured.get(1)?.record.tab).toMatchObject({ url: "https://example.com/other", title: "other" });
});

it("asks for fresh runs when the offscreen document has connected again", async () => {
  await captured.startStream(1, {});
  captured.offscreenReconnected();
  expect(fake.calls.at(-1)).toBe("offscreen.restartRun");
});

describe("taking over from an earlier service worker", () => {
  /** What it has left of a live stream. */
  const left = (tab_id: number): TabRecord => ({
    ...newRecord(tab_id, OPTIONS, "stream"),
    capture: "live",
    stream: "live",
    identity: {
      stream_id: `s${tab_id}`,
      view_token: "t".repeat(22),
      started_at: 1,
      zero: 1,
      published_at: 1,
      generation: 0,
    },
  });

  it("asks nobody where nothing was left", async () => {
    await captured.takeOver();
    expect([captured.all, fake.calls]).toEqual([[], []]);
  });

  it("goes on with what was live, captured still or again, and lets go of the rest", async () => {
    fake.stored = [left(1), left(2), { ...left(3), capture: "starting" }, { ...left(4), capture: "stopping" }];
    fake.captures = ["s2", "s4"];
    await captured.takeOver();
    expect(captured.all.map(({ tab_id }) => tab_id)).toEqual([1, 2]);
    expect(
      fake.calls.filter((call) => call.startsWith("host.closeStream")).map((call) => /s\d/.exec(call)?.[0]),
    ).toEqual(["s3", "s4"]);
    for (const tab_id of [1, 2]) await vi.waitFor(() => expect(captured.view(tab_id).phase).toBe("live"));
    expect(fake.captures.toSorted()).toEqual(["s1", "s2"]);
  });
});
