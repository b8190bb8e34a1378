// What the toolbar button shows of a tab, and how often Chrome is asked to.
import { beforeEach, expect, test, vi } from "vitest";

const calls = vi.hoisted(() => [] as string[]);
vi.mock("webextension-polyfill", () => {
  const said = (name: string) => async (details: object) => void calls.push(`${name} ${JSON.stringify(details)}`);
  const action = { setBadgeText: said("text"), setTitle: said("title"), setBadgeBackgroundColor: said("color") };
  return { default: { action, i18n: { getMessage: (code: string) => `<${code}>` } } };
});

import { Badges, badgeFor } from "../../../../extension/background/badge.ts";
import type { StreamView } from "../../../../extension/background/captured-tabs.ts";
import type { StreamInfo } from "../../../../protocol/results.ts";

const view = (phase: StreamView["phase"], health?: StreamInfo["health"]): StreamView => ({
  ...{ phase, error: null, info: health === undefined ? null : ({ health } as StreamInfo) },
});
const failed = { ...view("idle"), error: { code: "no_media", message: "", fix: "" } as never };

beforeEach(() => void calls.splice(0));

test("a live tab has the colour of its health", () => {
  const colors = (["healthy", "degraded", "unhealthy"] as const).map((health) => badgeFor(view("live", health)).color);
  expect(new Set(colors).size).toBe(3);
  expect(badgeFor(view("live", "degraded"))).toMatchObject({ text: "LIVE", title: "badge.degraded" });
  expect(badgeFor(view("live"), "recording")).toMatchObject({ text: "LIVE", title: "badge.live_recording" });
  expect(badgeFor(view("idle"), "recording").text).toBe("REC");
  expect(badgeFor(failed)).toMatchObject({ text: "!", title: "badge.error" });
});

test("Chrome is told of a change, of the same again only after it forgot it", async () => {
  const badges = new Badges();
  await badges.show(1, view("live", "healthy"), "idle");
  expect(calls.map((call) => call.split(" ")[0])).toEqual(["text", "title", "color"]);
  expect(calls[1]).toBe('title {"tabId":1,"title":"<badge_live>"}');
  await badges.show(1, view("live", "healthy"), "idle");
  expect(calls).toHaveLength(3);
  await badges.show(1, view("live", "unhealthy"), "idle");
  await badges.show(2, view("live", "unhealthy"), "idle");
  expect(calls).toHaveLength(9);
  badges.forgotten(1);
  await badges.show(1, view("live", "unhealthy"), "idle");
  expect(calls).toHaveLength(12);
});
