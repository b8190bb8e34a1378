// A viewer by the live engine plays on, by that way and without a reload, when FFmpeg is killed, the tab is resized, and the host is killed.
// One browser and one viewer for the whole file; the tests follow one another.
import { afterAll, beforeAll, expect, test } from "vitest";
import { FlyBrowser } from "../../sdk/index.ts";
import { chainOf, ffmpegsOf, hostOf } from "../e2e/harness/chain.ts";
import { type Pages, servePages } from "../e2e/harness/pages.ts";
import { until } from "../e2e/harness/until.ts";
import { openViewer, untilPlays, type Viewer } from "../e2e/harness/viewer.ts";

let pages: Pages;
let browser: FlyBrowser;
let viewer: Viewer;

const browserPid = (): number => browser.page.browser().process()?.pid ?? 0;

/** Sound that was decoded so far. */
const heard = () =>
  viewer.page.$eval(
    "video",
    (video) => (video as HTMLVideoElement & { webkitAudioDecodedByteCount: number }).webkitAudioDecodedByteCount,
  );

/** It plays, with sound, says Live, is not far behind, and has neither changed its way nor been loaded again. */
async function playsOn(): Promise<void> {
  await untilPlays(viewer, 60, 40_000);
  const before = await heard();
  await until("sound", async () => (await heard()) > before + 1_000);
  await until("the viewer says Live", async () => (await viewer.word()) === "Live");
  await until(
    "it is near the edge",
    () =>
      viewer.page.$eval("video", ({ buffered, currentTime }) => buffered.end(buffered.length - 1) - currentTime < 2),
    20_000,
  );
  expect(await viewer.page.$eval(".player", (player) => player.getAttribute("data-protocol"))).toBe("live");
  expect(await viewer.page.evaluate("window.opened")).toBe(true);
}

beforeAll(async () => {
  pages = await servePages();
  browser = await FlyBrowser.launch({ viewport: { width: 640, height: 360 } });
  await browser.goto(pages.url("pattern.html"));
  const { player_url } = await browser.startStream({ quality: "medium" });
  viewer = await openViewer(`${player_url}?protocol=live`);
  await viewer.page.evaluate("window.opened = true");
  await untilPlays(viewer, 60, 30_000);
  await (await viewer.page.waitForSelector(".unmute-button"))?.click();
});

afterAll(async () => {
  await viewer?.close();
  await browser?.close();
  await pages?.close();
});

test("FFmpeg of the host is killed", async () => {
  const { ffmpeg } = chainOf(browserPid());
  process.kill(ffmpeg, "SIGKILL");
  await until("another FFmpeg runs", () => ffmpegsOf(browserPid()).some(({ pid }) => pid !== ffmpeg));
  await playsOn();
});

test("the tab is resized", async () => {
  await browser.page.setViewport({ width: 800, height: 600 });
  await until("pictures of the new size", () =>
    viewer.page.$eval("video", ({ videoWidth, videoHeight }) => videoWidth === 800 && videoHeight === 600),
  );
  await playsOn();
});

test("the host is killed, twice", async () => {
  for (const _ of [1, 2]) {
    const { host } = chainOf(browserPid());
    process.kill(host, "SIGKILL");
    await until("another host runs", () => (hostOf(browserPid())?.pid ?? host) !== host, 20_000);
    await playsOn();
  }
});
