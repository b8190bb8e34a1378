// The live engine in the player: moving pictures with sound over one WebSocket, played, rewound and ended as by any other way. Where a proxy
// knows no WebSockets: test/long/live-proxy.test.ts.
import { afterAll, beforeAll, expect, test } from "vitest";
import type { StartStreamResult } from "../../protocol/results.ts";
import { FlyBrowser } from "../../sdk/index.ts";
import { type Pages, servePages } from "./harness/pages.ts";
import { until } from "./harness/until.ts";
import { openViewer, untilPlays, type Viewer } from "./harness/viewer.ts";

let pages: Pages;
let browser: FlyBrowser;
let started: StartStreamResult;
let viewer: Viewer;

beforeAll(async () => {
  pages = await servePages();
  browser = await FlyBrowser.launch({ viewport: { width: 640, height: 360 } });
  await browser.goto(pages.url("pattern.html"));
  started = await browser.startStream({ quality: "local_high" });
});

afterAll(async () => {
  await viewer?.close();
  await browser?.close();
  await pages?.close();
});

const way = (of: Viewer) => of.page.$eval("[data-protocol]", (root) => root.getAttribute("data-protocol"));

test("plays moving pictures and sound from the socket alone, says Live, and tells its latency", async () => {
  expect(started.live_url).toBe(started.player_url.replace("http", "ws").replace(/player$/, "live"));
  viewer = await openViewer(`${started.player_url}?protocol=live`);
  await untilPlays(viewer, 30);
  await until("it says Live", async () => (await viewer.word()) === "Live");
  expect(await way(viewer)).toBe("live");
  expect(viewer.requests.filter((url) => /\.(m3u8|mpd|m4s|mp4)(\?|$)/.test(url))).toEqual([]);
  await (await viewer.page.waitForSelector(".unmute-button"))?.click();
  const heard = () =>
    viewer.page.$eval(
      "video",
      (video) => (video as HTMLVideoElement & { webkitAudioDecodedByteCount: number }).webkitAudioDecodedByteCount,
    );
  const before = await heard();
  await until("sound is decoded", async () => (await heard()) > before + 1_000);
  await viewer.page.keyboard.press("i");
  const stats = () => viewer.page.$eval(".stats", (list) => list.textContent ?? "");
  await until("a latency", async () => /Latency\d/.test(await stats()));
  expect(await viewer.page.$eval(".details", (details) => details.textContent)).toContain("WebSocket");
  const status = await browser.getStreamStatus();
  expect(status.active && status.status.viewer_count).toBe(1);
  expect(viewer.problems).toEqual([]);
});

test("goes back, slower and forward to live as the other ways do", async () => {
  const { page } = viewer;
  const behind = () => page.$eval(".buttons", (buttons) => buttons.querySelector(".behind")?.textContent ?? "live");
  await until("4 s to rewind", () =>
    page.$eval(".scrubber", (scrubber) => Number((scrubber as HTMLInputElement).min) < -4).catch(() => false),
  );
  await page.keyboard.press("0");
  await until("behind", async () => (await behind()) !== "live");
  await page.keyboard.press("<");
  await until("three quarters of the speed", () => page.$eval("video", ({ playbackRate }) => playbackRate === 0.75));
  await untilPlays(viewer, 10);
  await page.keyboard.press("End");
  await until("live", async () => (await behind()) === "live");
  await until("near the edge", () =>
    page.$eval("video", ({ buffered, currentTime }) => buffered.end(buffered.length - 1) - currentTime < 1.5),
  );
  await untilPlays(viewer, 10);
});

test("plays to the end, and says so", async () => {
  await browser.stopStream();
  await until("it says Ended", async () => (await viewer.word()) === "Ended", 20_000);
  expect(await way(viewer)).toBe("live");
});
