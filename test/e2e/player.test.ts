// The player page, in a browser that knows nothing of us, with Chromium's own autoplay rule. Links to a moment, and watching again:
// test/long/player.test.ts.
import { afterAll, beforeAll, expect, test } from "vitest";
import type { StartStreamResult } from "../../protocol/results.ts";
import { FlyBrowser } from "../../sdk/index.ts";
import { paced } from "../fixtures/pace.ts";
import { violations } from "./harness/accessibility.ts";
import { variant } from "./harness/hls.ts";
import { type Pages, servePages } from "./harness/pages.ts";
import { until } from "./harness/until.ts";
import { openViewer, untilPlays, type Viewer } from "./harness/viewer.ts";

let pages: Pages;
let browser: FlyBrowser;
let started: StartStreamResult;
let viewer: Viewer;
let opened = 0;

beforeAll(async () => {
  pages = await servePages();
  browser = await FlyBrowser.launch({ viewport: { width: 640, height: 360 } });
  await browser.goto(pages.url("pattern.html"));
  started = await browser.startStream({ quality: "medium" });
  viewer = await openViewer(started.player_url);
  opened = performance.now();
});

afterAll(async () => {
  await viewer?.close();
  await browser?.close();
  await pages?.close();
});

test("it starts by itself, muted, soon, says Live, and pictures come at the stream's rate", async () => {
  await untilPlays(viewer, 1, 8_000);
  expect(performance.now() - opened).toBeLessThan(paced(8_000));
  await until("it says Live", async () => (await viewer.word()) === "Live");
  expect(await viewer.page.$eval("video", ({ muted, paused }) => ({ muted, paused }))).toEqual({
    muted: true,
    paused: false,
  });
  const rate = await until(
    "15 pictures a second",
    async () => {
      const [before, began] = [await viewer.frames(), performance.now()];
      await untilPlays(viewer, 60);
      const now = (((await viewer.frames()) - before) * 1000) / (performance.now() - began);
      return now > 15 && now;
    },
    60_000,
  );
  expect(rate).toBeLessThan(36);
});

test("the button turns the sound on", async () => {
  const heard = () =>
    viewer.page.$eval(
      "video",
      (video) => (video as unknown as { webkitAudioDecodedByteCount: number }).webkitAudioDecodedByteCount,
    );
  await (await viewer.page.waitForSelector(".unmute-button"))?.click();
  await until("the sound to be on", () => viewer.page.$eval("video", ({ muted, volume }) => !muted && volume === 1));
  const before = await heard();
  await until("more sound is played", async () => (await heard()) > before);
  expect(await viewer.page.$(".unmute-button")).toBeNull();
  expect(await viewer.word()).toBe("Live");
});

test("keys as in other players: back and forward, a tenth of the timeline, slower and faster, live", async () => {
  const { page } = viewer;
  const behind = () => page.$eval(".buttons", (buttons) => buttons.querySelector(".behind")?.textContent ?? "live");
  await until("5 s to rewind", () =>
    page.$eval(".scrubber", (scrubber) => Number((scrubber as HTMLInputElement).min) < -5).catch(() => false),
  );
  await page.keyboard.press("0");
  await until("the oldest frame", async () => /^−0:\d\d$/.test(await behind()));
  await page.keyboard.press("<");
  await until("three quarters of the speed", () => page.$eval("video", ({ playbackRate }) => playbackRate === 0.75));
  expect(await behind()).toMatch(/ · 0\.75×$/);
  for (const _ of [1, 2, 3, 4]) await page.keyboard.press(">");
  await until("arrives at the live edge, at normal speed", async () => (await behind()) === "live", 30_000);
  await page.keyboard.press("j");
  await until("behind", async () => (await behind()) !== "live");
  await page.keyboard.press("End");
  await until("live", async () => (await behind()) === "live");
});

test("nothing below WCAG AA, in light and dark, with all panels open", async () => {
  await viewer.page.keyboard.press("?");
  await until("the details", () => viewer.page.$(".details"));
  for (const scheme of ["light", "dark"]) {
    await viewer.page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    expect(await violations(viewer.page), scheme).toEqual([]);
  }
  await viewer.page.keyboard.press("?");
});

test("on a narrow phone no button is cut off, live and rewound", async () => {
  const { page } = viewer;
  const before = page.viewport();
  await page.setViewport({ width: 360, height: 640 });
  for (const key of ["End", "0"] as const) {
    await page.keyboard.press(key);
    await page.waitForSelector(key === "0" ? ".behind" : ".at-live");
    const [shown, needed] = await page.$eval(".buttons", (row) => [row.clientWidth, row.scrollWidth]);
    expect(needed, key).toBe(shown);
  }
  await page.keyboard.press("End");
  await page.waitForSelector(".at-live");
  await page.setViewport(before);
});

test("the status has what the player reports", async () => {
  const playback = await until(
    "a report",
    async () => {
      const status = await browser.getStreamStatus();
      if (!status.active) throw new Error(status.error);
      const { playback } = status.status;
      return playback?.players === 1 && playback.latency_ms !== null && playback;
    },
    40_000,
  );
  expect(playback.latency_ms).toBeGreaterThan(0);
});

test("the multivariant playlist says what it carries", async () => {
  const attributes = await variant(started.hls_url ?? "");
  expect(attributes).toMatch(/CODECS="avc1\.42[0-9a-f]{4},mp4a\.40\.2"/);
  expect(attributes).toMatch(/RESOLUTION=640x360/);
  expect(attributes).toMatch(/FRAME-RATE=\d+\.\d{3}/);
  expect(attributes).toMatch(/BANDWIDTH=[1-9]\d+/);
});

test("a wrong token is as good as no stream", async () => {
  const wrong = started.player_url.replace(/\/[^/]+\/player$/, `/${"A".repeat(24)}/`);
  for (const file of ["player", "index.m3u8", "video.m3u8", "state", "events", "init-video-0.mp4"]) {
    expect((await fetch(wrong + file)).status, file).toBe(404);
  }
  expect((await fetch(started.player_url)).status).toBe(200);
});

test("a second start in the same tab is refused, and the first goes on", async () => {
  await expect(browser.startStream()).rejects.toMatchObject({
    code: "stream_already_active",
    message: "Stream already active. Stop current stream first.",
  });
  await untilPlays(viewer);
});

test("nothing comes from elsewhere, nothing is complained of; foreign code and addresses are refused", async () => {
  const origin = new URL(started.player_url).origin;
  const foreign = viewer.requests.filter((url) => !url.startsWith(origin) && !url.startsWith(`blob:${origin}`));
  expect(foreign).toEqual([]);
  // Viewers of HLS don't load what DASH needs.
  expect(viewer.requests.some((url) => /\/assets\/dash[^/]*\.js$/.test(url))).toBe(false);
  expect(viewer.requests.length).toBeGreaterThan(20);
  expect(viewer.problems).toEqual([]);
  await viewer.page.evaluate(`document.body.append(Object.assign(document.createElement("script"), { text: "window.evil = 1" }));
    fetch(${JSON.stringify(pages.url("static.html"))}).catch(() => {})`);
  await until("both are refused", () => viewer.problems.filter((text) => text.startsWith("CSP: ")).length === 2);
  expect(await viewer.page.evaluate("window.evil")).toBeUndefined();
});

test("over the timeline stands what was seen there", async () => {
  const box = await (await viewer.page.$(".scrubber"))?.boundingBox();
  if (!box) throw new Error("there is no timeline");
  await viewer.page.mouse.move(box.x, box.y - 40); // shows the controls
  await viewer.page.mouse.move(box.x + box.width * 0.6, box.y + box.height / 2, { steps: 5 });
  const coloured = `(() => {
    const canvas = document.querySelector(".thumbnail");
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return data.some((value, index) => index % 4 < 3 && value > 100);
  })()`;
  await viewer.page.waitForSelector(".thumbnail");
  await until("a picture", () => viewer.page.evaluate(coloured) as Promise<boolean>);
});

test("after the stop it says Ended", async () => {
  expect(await browser.stopStream()).toMatchObject({ success: true });
  await until("it says Ended", async () => (await viewer.word()) === "Ended");
  expect(await viewer.page.$eval(".notice-title", ({ textContent }) => textContent)).toBe("The stream has ended");
});
