// The tab lives on: it goes to other pages, nothing moves in it, it is closed. Sound and picture stay together.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { StartStreamResult } from "../../protocol/results.ts";
import { FlyBrowser } from "../../sdk/index.ts";
import { ffmpegsOf } from "./harness/chain.ts";
import { mediaPlaylist, untilMore } from "./harness/hls.ts";
import { picturesOfFirstSecond, savePicture, similarity, soundLevel, watchPattern } from "./harness/media.ts";
import { type Pages, servePages } from "./harness/pages.ts";
import { beepDelay } from "./harness/sync.ts";
import { until } from "./harness/until.ts";
import { openViewer } from "./harness/viewer.ts";

const folder = mkdtempSync(join(tmpdir(), "flybrowser-test-"));
let pages: Pages;
let browser: FlyBrowser;
let started: StartStreamResult;
let hls = "";

async function start(): Promise<void> {
  started = await browser.startStream({ quality: "medium" });
  hls = started.hls_url ?? "";
}

/** Segments that FFmpeg steps back from the live edge where it begins, and one more. */
const BEHIND = 4;

beforeAll(async () => {
  pages = await servePages();
  browser = await FlyBrowser.launch({ viewport: { width: 640, height: 360 } });
});

afterAll(async () => {
  await browser?.close();
  await pages?.close();
  rmSync(folder, { recursive: true, force: true });
});

test("a page where nothing moves streams from the first second, as it looks", async () => {
  await browser.goto(pages.url("article.html"));
  await start();
  expect(await picturesOfFirstSecond(hls)).toBeGreaterThanOrEqual(5); // one for each part: nobody waits
  const [shot, other, seen] = ["shot.png", "other.png", "seen.png"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  await browser.page.screenshot({ path: shot as `${string}.png` });
  await savePicture(hls, seen);
  expect(await similarity(shot, seen)).toBeGreaterThan(0.95);
  await browser.goto(pages.url("static.html"));
  await browser.page.screenshot({ path: other as `${string}.png` });
  expect(await similarity(other, seen)).toBeLessThan(0.8);
});

const WAYS: [string, () => Promise<unknown>][] = [
  [
    "a page of the same site, a link and a form",
    async () => {
      await browser.goto(pages.url("form.html"));
      await Promise.all([browser.page.waitForNavigation(), browser.page.click("#send")]);
    },
  ],
  [
    "another site and a reload",
    async () => {
      await browser.goto(pages.url("pattern.html").replace("127.0.0.1", "localhost"));
      await untilMore(hls, 1);
      await browser.page.reload();
    },
  ],
];

test.each(WAYS)("the stream goes on across %s, with picture and sound", async (_name, go) => {
  const before = Date.now();
  await go();
  await untilMore(hls, BEHIND);
  const [watched, sound] = await Promise.all([watchPattern(hls, 2), soundLevel(hls, 2)]);
  const fresh = watched.frames.filter(({ time }) => time > before);
  expect(fresh.length).toBeGreaterThan(30);
  expect(sound.peak).toBeGreaterThan(-20);
  const status = await browser.getStreamStatus();
  if (!status.active) throw new Error(status.error);
  expect(status).toMatchObject({ stream_id: started.stream_id, dropped_frames: 0 });
  expect(status.status).toMatchObject({
    state: "active",
    recovery_metrics: { ffmpeg_restarts: 0, capture_restarts: 0 },
  });
});

test("sound and picture belong together", async () => {
  const delay = await beepDelay(hls, 6, folder);
  expect(Math.abs(delay)).toBeLessThan(0.15);
});

test("closing the tab ends the stream for everybody, and nothing is left", async () => {
  const chromium = browser.page.browser();
  const viewer = await openViewer(started.player_url);
  try {
    await until("the viewer says Live", async () => (await viewer.word()) === "Live");
    await chromium.newPage();
    await browser.page.close();
    await until("the playlist is ended", async () => (await mediaPlaylist(hls)).ended, 5_000);
    await until("the viewer says Ended", async () => (await viewer.word()) === "Ended");
    await until("no FFmpeg is left", () => ffmpegsOf(chromium.process()?.pid ?? 0).length === 0);
    expect(await browser.getStreamStatus()).toMatchObject({ active: false, error: "No active stream" });
  } finally {
    await viewer.close();
  }
});
