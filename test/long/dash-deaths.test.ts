// A viewer by DASH plays on, without a reload, when FFmpeg is killed, and then the host.
// One browser and one viewer for the whole file; the tests follow one another.
import { afterAll, beforeAll, expect, test } from "vitest";
import type { StartStreamResult } from "../../protocol/results.ts";
import { FlyBrowser } from "../../sdk/index.ts";
import { chainOf, ffmpegsOf, hostOf } from "../e2e/harness/chain.ts";
import { type Pages, servePages } from "../e2e/harness/pages.ts";
import { until } from "../e2e/harness/until.ts";
import { openViewer, untilPlays, type Viewer } from "../e2e/harness/viewer.ts";

let pages: Pages;
let browser: FlyBrowser;
let started: StartStreamResult;
let viewer: Viewer;

const browserPid = (): number => browser.page.browser().process()?.pid ?? 0;

beforeAll(async () => {
  pages = await servePages();
  browser = await FlyBrowser.launch({ viewport: { width: 640, height: 360 } });
  await browser.goto(pages.url("pattern.html"));
  started = await browser.startStream({ protocol: "dash", renditions: "source", quality: "medium" });
  viewer = await openViewer(started.player_url);
  await viewer.page.evaluate("window.opened = true");
  await untilPlays(viewer, 60, 30_000);
});

afterAll(async () => {
  await viewer?.close();
  await browser?.close();
  await pages?.close();
});

test("FFmpeg of the host is killed: the viewer plays on in the next Period", async () => {
  const { ffmpeg } = chainOf(browserPid());
  process.kill(ffmpeg, "SIGKILL");
  await until("another FFmpeg runs", () => ffmpegsOf(browserPid()).some(({ pid }) => pid !== ffmpeg));
  const mpd = async () => (await fetch(started.dash_url ?? "")).text();
  await until("the MPD has a second Period", async () => ((await mpd()).match(/<Period /g)?.length ?? 0) === 2);
  const place = await viewer.page.$eval("video", (video) => video.currentTime);
  await untilPlays(viewer, 60, 30_000);
  expect(await viewer.page.$eval("video", (video) => video.currentTime)).toBeGreaterThan(place);
  await until("the viewer says Live", async () => (await viewer.word()) === "Live");
  expect(await viewer.page.$eval(".player", (player) => player.getAttribute("data-protocol"))).toBe("dash");
  expect(await viewer.page.evaluate("window.opened")).toBe(true);
});

test("the host is killed: the viewer plays on with the one that takes over", async () => {
  const { host } = chainOf(browserPid());
  process.kill(host, "SIGKILL");
  await until("another host runs", () => (hostOf(browserPid())?.pid ?? host) !== host);
  const ready = async () => (await fetch(started.dash_url ?? "")).ok;
  await until("the MPD is there again", () => ready().catch(() => false), 20_000);
  await untilPlays(viewer, 60, 40_000);
  await until("the viewer says Live", async () => (await viewer.word()) === "Live");
  expect(await viewer.page.$eval(".player", (player) => player.getAttribute("data-protocol"))).toBe("dash");
  expect(await viewer.page.evaluate("window.opened")).toBe(true);
});
