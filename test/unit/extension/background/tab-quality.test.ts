// The quality of a live stream changes: what is asked before the tab is let go, what is left when it can't be captured anew.
import { beforeEach, expect, test } from "vitest";
import type { CapturedTabs } from "../../../../extension/background/captured-tabs.ts";
import { FlyBrowserError } from "../../../../protocol/errors.ts";
import type { ResolvedStartStreamOptions } from "../../../../protocol/options.ts";
import { FakeHost, INFO } from "./fake-host.ts";

const HELD = new Error("Cannot capture a tab with an active stream.");

let fake: FakeHost;
let captured: CapturedTabs;
let prepared: ResolvedStartStreamOptions[];

beforeEach(async () => {
  fake = new FakeHost();
  prepared = [];
  fake.answers.prepareQuality = ({ options }) => {
    prepared.push(options as ResolvedStartStreamOptions);
    return {};
  };
  fake.answers.waitUntilQuality = ({ quality }) => ({ ...INFO, quality });
  captured = fake.worker().captured;
  await captured.startStream(7, { quality: "medium" });
  // Chrome says so as long as a capture of the tab goes on.
  fake.onCall = (name) => {
    if (name === "offscreen.letGo") fake.streamIdError = null;
    if (name === "offscreen.moveCapture") fake.streamIdError = HELD;
  };
  fake.streamIdError = HELD;
  fake.calls.length = 0;
});

const kept = () => captured.get(7)?.record.options;

test("it is asked for, the tab let go and captured anew, and the next host has it so", async () => {
  const info = await captured.require("s1").setQuality("low_bandwidth");
  expect(info.quality).toBe("low_bandwidth");
  expect(fake.calls).toEqual([
    ...["getMediaStreamId", "host.prepareQuality", "offscreen.letGo", "getMediaStreamId", "offscreen.moveCapture"],
    "host.waitUntilQuality",
  ]);
  expect(prepared).toEqual([kept()]);
  expect(kept()).toMatchObject({ quality: "low_bandwidth", began_as: "medium" });
  expect(fake.firstRuns.at(-1)).toBe(7); // runs are counted on
});

test("the quality that it has is answered at once", async () => {
  expect((await captured.require("s1").setQuality("medium")).quality).toBe("medium");
  expect(fake.calls).toEqual(["host.waitUntilQuality"]);
});

test("what Chrome, the host or the rules refuse leaves everything as it was", async () => {
  const tab = captured.require("s1");
  const refused = new FlyBrowserError("unsupported_combination", { what: "it", reason: "it can't", instead: "Don't." });
  fake.answers.prepareQuality = () => {
    throw refused;
  };
  await expect(tab.setQuality("studio")).rejects.toMatchObject({ code: "unsupported_combination" });
  await expect(tab.setQuality("lossless")).rejects.toMatchObject({ code: "unsupported_combination" });
  fake.streamIdError = new Error("Extension has not been invoked for the current page (see activeTab permission).");
  await expect(tab.setQuality("high")).rejects.toMatchObject({ code: "tab_not_invoked" });
  expect(kept()).toMatchObject({ quality: "medium" });
  expect(fake.calls).not.toContain("offscreen.letGo");
  expect(tab.record.capture).toBe("live");
});

test("a tab that can't be captured anew is captured again as it was", async () => {
  const tab = captured.require("s1");
  fake.onCall = (name) => {
    if (name !== "offscreen.letGo") return;
    fake.captures = [];
    fake.streamIdError = new Error("Chrome pages cannot be captured.");
    fake.onCall = (next) => {
      if (next === "host.capture_changed") fake.streamIdError = null;
    };
  };
  await expect(tab.setQuality("high")).rejects.toMatchObject({ code: "tab_not_capturable" });
  await captured.get(7)?.recovery;
  expect(tab.record).toMatchObject({ capture: "live", stream: "live" });
  expect(kept()).toMatchObject({ quality: "medium" });
  expect(fake.captures).toEqual(["s1"]);
});

test("a stream that is stopped meanwhile leaves no capture", async () => {
  const tab = captured.require("s1");
  let stopped: Promise<unknown> = Promise.resolve();
  fake.captureBegins = new Promise((resolve) => {
    fake.onCall = (name) => {
      if (name === "offscreen.letGo") fake.streamIdError = null;
      if (name !== "offscreen.moveCapture") return;
      stopped = tab.stopStream("by the user").then(() => resolve());
    };
  });
  fake.answers.waitUntilQuality = () => {
    throw new FlyBrowserError("no_active_stream");
  };
  await expect(tab.setQuality("high")).rejects.toMatchObject({ code: "no_active_stream" });
  await stopped;
  expect(fake.captures).toEqual([]);
  expect(captured.get(7)).toBeUndefined();
});

test("while it changes, a fresh run that the host asks for is on its way already", async () => {
  const tab = captured.require("s1");
  const before = fake.onCall;
  fake.onCall = (name) => {
    before(name);
    if (name === "offscreen.letGo") tab.restartRun("FFmpeg died", true);
  };
  await tab.setQuality("high");
  expect(fake.calls).not.toContain("offscreen.restartRun");
});
