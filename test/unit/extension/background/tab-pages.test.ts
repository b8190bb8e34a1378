// What becomes of a captured tab whose page crashes, or which Chrome discards: it is waited for, and said so.
import { beforeEach, expect, it, vi } from "vitest";
import type { CapturedTabs } from "../../../../extension/background/captured-tabs.ts";
import { FlyBrowserError } from "../../../../protocol/errors.ts";
import { FakeHost, PLAYABLE } from "./fake-host.ts";

let fake: FakeHost;
let captured: CapturedTabs;
const phaseIs = (phase: string, tab_id = 1) => vi.waitFor(() => expect(captured.view(tab_id).phase).toBe(phase));

beforeEach(async () => {
  vi.spyOn(console, "warn").mockImplementation(() => {});
  fake = new FakeHost();
  ({ captured } = fake.worker());
  await captured.startStream(1, {});
});

/** Chrome discards the tab: the capture in the offscreen document ends by itself. */
async function discard(): Promise<void> {
  fake.page = "discarded";
  fake.captures = [];
  await captured.captureEnded("s1", "its tracks have ended");
}

it("a crashed page keeps its capture; the host is told, and told again when it is loaded", async () => {
  fake.calls.length = 0;
  fake.page = "crashed";
  await captured.lookAtPages();
  await captured.lookAtPages();
  fake.page = "running";
  await captured.lookAtPages();
  expect(fake.conditions).toEqual(["crashed", "running"]);
  expect(fake.calls).toEqual(["host.capture_changed", "host.capture_changed"]);
  expect(captured.view(1).phase).toBe("live");
});

it("a tab that its user mutes is told to the capture and the host, once; a stream that joins a recording says what is heard", async () => {
  fake.calls.length = 0;
  fake.muted = true;
  await captured.lookAtPages();
  await captured.lookAtPages();
  expect(fake.calls).toEqual(["offscreen.setMuted", "host.muted_changed"]);
  fake.muted = false;
  await captured.lookAtPages();
  expect(fake.calls.slice(2)).toEqual(["offscreen.setMuted", "host.muted_changed"]);
});

it("a discarded tab is waited for, and captured again when it is back", async () => {
  await discard();
  await phaseIs("recovering");
  expect(fake.conditions).toEqual(["discarded"]);
  expect(fake.captures).toEqual([]);
  fake.page = "running";
  await captured.lookAtPages();
  await phaseIs("live");
  expect([fake.captures, fake.firstRuns, fake.conditions]).toEqual([["s1"], [0, 7], ["discarded", "running"]]);
  expect(captured.streamOf(1)).toBe("s1");
});

it("a discarded tab that is loaded again before anybody has looked at it is captured again, whatever is told first", async () => {
  fake.captures = [];
  const ended = captured.captureEnded("s1", "its tracks have ended");
  captured.tabDiscarded(1);
  await captured.lookAtPages();
  await ended;
  await phaseIs("live");
  expect([fake.captures, fake.firstRuns.length, fake.conditions]).toEqual([["s1"], 2, ["discarded", "running"]]);
  fake.captures = [];
  captured.tabDiscarded(1);
  await captured.captureEnded("s1", "its tracks have ended");
  await phaseIs("live");
  expect([fake.captures, captured.streamOf(1)]).toEqual([["s1"], "s1"]);
});

it("a discarded tab that has another id now is the same stream", async () => {
  fake.captures = [];
  captured.tabReplaced(9, 1);
  await phaseIs("live", 9);
  expect([captured.streamOf(9), captured.get(1), fake.firstRuns.length]).toEqual(["s1", undefined, 2]);
  await captured.captureEnded("s1", "its tracks have ended");
});

it("a capture that ends only after its tab has another id is made again, and nobody waits for its video", async () => {
  let waited = 0;
  fake.answers.waitUntilPlayable = () => {
    waited += 1;
    return waited === 1 ? new Promise(() => {}) : PLAYABLE;
  };
  captured.tabReplaced(9, 1);
  await vi.waitFor(() => expect(waited).toBe(1));
  fake.captures = [];
  await captured.captureEnded("s1", "its tracks have ended");
  await phaseIs("live", 9);
  expect([fake.captures, waited]).toEqual([["s1"], 2]);
});

it("a capture that ends while another one is to take its place is made again", async () => {
  let moves = 0;
  fake.onCall = (name) => {
    if (name === "offscreen.moveCapture" && ++moves === 1) throw new FlyBrowserError("no_active_stream");
  };
  fake.captures = [];
  captured.tabReplaced(9, 1);
  await phaseIs("live", 9);
  expect([moves, fake.captures, captured.streamOf(9)]).toEqual([2, ["s1"], "s1"]);
});

it("a discarded tab moves to a new host, which is told", async () => {
  await discard();
  await phaseIs("recovering");
  fake.conditions.length = 0;
  captured.hostLost();
  await vi.waitFor(() => expect(fake.conditions).toEqual(["discarded"]));
  fake.page = "running";
  await captured.lookAtPages();
  await phaseIs("live");
});

it("a discarded tab can be stopped, and closed", async () => {
  await discard();
  await captured.stopStream(1, "enough");
  expect(captured.all).toEqual([]);
  expect(fake.captures).toEqual([]);
});

it("a tab that is closed ends, and one whose user has ended its capture", async () => {
  await captured.captureEnded("s1", "ended in Chrome's own bar");
  expect(captured.all).toEqual([]);
  fake.captures = [];
  await captured.startStream(1, {});
  fake.page = null;
  await captured.captureEnded("s1", "the tab was closed");
  expect(captured.all).toEqual([]);
});
