// A tab that its user mutes, in the middle of a stream: what viewers and the recording hear of it, and what is told.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "puppeteer-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FlyBrowser } from "../../sdk/index.ts";
import { type Pages, servePages } from "./harness/pages.ts";
import { soundOf, stretches, watchInPage } from "./harness/secret.ts";
import { until } from "./harness/until.ts";
import { WhepViewer } from "./harness/whep-viewer.ts";

let pages: Pages;
let folder: string;
let browser: FlyBrowser;
beforeAll(async () => {
  pages = await servePages();
  folder = mkdtempSync(join(tmpdir(), "muted-test-"));
  browser = await FlyBrowser.launch({ viewport: { width: 640, height: 360 } });
});
afterAll(async () => {
  await browser?.close();
  await pages?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Mutes all tabs as their user does, or takes that back; none has another one's id. */
async function mute(page: Page, muted: boolean): Promise<void> {
  const target = await page.browser().waitForTarget((each) => each.type() === "service_worker");
  const worker = await target.worker();
  await worker?.evaluate(async (on) => {
    for (const { id } of await chrome.tabs.query({})) await chrome.tabs.update(id as number, { muted: on });
  }, muted);
}

const seconds = (count: number) => new Promise((resolve) => setTimeout(resolve, count * 1000));
/** Sound that lasts, without what is between two kinds of it. */
const story = (heard: Awaited<ReturnType<typeof soundOf>>) =>
  stretches(
    stretches(heard)
      .filter(({ shown, count }) => shown !== "other" && count >= 15)
      .map(({ shown }) => shown),
  ).map(({ shown }) => shown);

const stateOf = async (player_url: string | null) =>
  (await (await fetch(new URL("state", player_url ?? ""))).json()) as { muted?: boolean };

test("viewers and the recording hear nothing of it, and it is told; then they hear it again", async () => {
  const viewer = await WhepViewer.open(pages.url("static.html"));
  try {
    await browser.goto(pages.url("secret.html"));
    const { player_url, hls_url, whep_url } = await browser.startStream({ quality: "medium", renditions: "source" });
    const path = join(folder, "muted.mp4");
    await browser.startRecording({ path });
    await viewer.connect(whep_url ?? "");
    const watched = await watchInPage(viewer.page);
    await seconds(1.5);
    await mute(browser.page as Page, true);
    await until("it is told", async () => (await browser.getStreamStatus()).status?.muted);
    const { status } = await browser.getStreamStatus();
    expect(status).toMatchObject({ health: "healthy", health_reasons: [expect.stringContaining("the tab is muted")] });
    expect(await stateOf(player_url)).toMatchObject({ muted: true });
    await seconds(1.5);
    await mute(browser.page as Page, false);
    await until("it is told", async () => (await browser.getStreamStatus()).status?.muted === false);
    await seconds(1.5);
    const { sound } = await watched.end();
    await browser.stopRecording();
    await browser.stopStream();
    const audio = new URL("audio.m3u8", hls_url ?? "").href;
    const whole = ["-live_start_index", "0"];
    expect(story(await soundOf(audio, 60, whole))).toEqual(["plain", "neutral", "plain"]);
    expect(story(await soundOf(path, 60))).toEqual(["plain", "neutral", "plain"]);
    expect(story(sound.slice(sound.indexOf("plain")))).toEqual(["plain", "neutral", "plain"]);
  } finally {
    await viewer.close();
  }
});

test("with muted_tab: heard they hear it as before, of a tab that was muted before, too", async () => {
  await mute(browser.page as Page, true);
  await browser.goto(pages.url("secret.html"));
  const options = { quality: "medium", renditions: "source", muted_tab: "heard" } as const;
  const { player_url, hls_url } = await browser.startStream(options);
  await until("it is told", async () => (await browser.getStreamStatus()).status?.muted);
  const { status } = await browser.getStreamStatus();
  expect(status?.health_reasons).toEqual([expect.stringContaining("viewers hear it")]);
  expect(await stateOf(player_url)).toMatchObject({ muted: false });
  await seconds(1);
  await browser.stopStream();
  const heard = await soundOf(new URL("audio.m3u8", hls_url ?? "").href, 60, ["-live_start_index", "0"]);
  expect(story(heard)).toEqual(["plain"]);
});
