// The player page: a link to a moment, and what there is to see after the end.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { StartStreamResult } from "../../protocol/results.ts";
import { FlyBrowser } from "../../sdk/index.ts";
import { probe } from "../e2e/harness/media.ts";
import { type Pages, servePages } from "../e2e/harness/pages.ts";
import { until } from "../e2e/harness/until.ts";
import { openViewer, untilPlays, type Viewer } from "../e2e/harness/viewer.ts";

const folder = mkdtempSync(join(tmpdir(), "flybrowser-player-"));
let pages: Pages;
let browser: FlyBrowser;
let started: StartStreamResult;
let viewer: Viewer;

beforeAll(async () => {
  pages = await servePages();
  browser = await FlyBrowser.launch({ viewport: { width: 640, height: 360 } });
  await browser.goto(pages.url("pattern.html"));
  started = await browser.startStream({ quality: "medium" });
  viewer = await openViewer(started.player_url);
});

/** What a button copies, as the page gives it to the clipboard. */
async function copied({ page }: Viewer, selector: string): Promise<string[]> {
  await page.evaluate(
    `window.copied = []; navigator.clipboard.writeText = async (text) => void window.copied.push(text)`,
  );
  await page.click(selector);
  return until("something is copied", async () => {
    const texts = (await page.evaluate("window.copied")) as string[];
    return texts.length > 0 && texts;
  });
}

afterAll(async () => {
  await viewer?.close();
  await browser?.close();
  await pages?.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
});

test("a link to a moment begins there", async () => {
  await untilPlays(viewer, 30, 30_000);
  await until("5 s to rewind", () =>
    viewer.page.$eval(".scrubber", (scrubber) => Number((scrubber as HTMLInputElement).min) < -5).catch(() => false),
  );
  await viewer.page.keyboard.press("?");
  await until("the details", () => viewer.page.$(".details"));
  await viewer.page.keyboard.press("0");
  await until("behind", () => viewer.page.$(".behind"));
  const [link] = await copied(viewer, ".details .link-button");
  expect(Date.now() - Date.parse(new URL(link ?? "").searchParams.get("at") ?? "")).toBeGreaterThan(4_000);
  const second = await openViewer(link ?? "");
  await until("plays behind live", () => second.page.$(".behind"), 10_000);
  await second.close();
  await viewer.page.keyboard.press("End");
});

test("after the stop it says Ended, and can be watched again, as can the recording that was offered", async () => {
  const path = join(folder, "talk.mp4");
  await browser.startRecording({ path, offer: true });
  await untilPlays(viewer, 30);
  await browser.stopRecording();
  expect((await fetch(new URL("recording", started.player_url))).status).toBe(404);
  expect(await browser.stopStream()).toMatchObject({ success: true });
  await until("it says Ended", async () => (await viewer.word()) === "Ended");
  expect(await viewer.page.$eval(".notice-title", ({ textContent }) => textContent)).toBe("The stream has ended");
  const late = await viewer.page.browser().newPage();
  await late.goto(started.player_url);
  await (await late.waitForSelector(".watch-again"))?.click();
  const at = () => late.$eval("video", (video) => video.currentTime);
  await until("who comes after the end sees what there was", async () => (await at()) > 1);
  await late.close();
  await viewer.page.bringToFront();
  const offered = await viewer.page.waitForSelector("a.watch-again");
  const address = (await offered?.evaluate((link) => link.href)) ?? "";
  expect((await probe(address)).map(({ codec_type }) => codec_type).sort()).toEqual(["audio", "video"]);
  await viewer.page.click(".watch-again");
  await untilPlays(viewer, 30);
  await viewer.page.keyboard.press("9");
  await until("it says Ended again", async () => (await viewer.word()) === "Ended", 60_000);
});
