// Private time: what is on the screen and to be heard only then is in no decoded picture and no sound of HLS, WebRTC and recording,
// to the frame. With parts that die meanwhile: test/long/private.test.ts.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FlyBrowser } from "../../sdk/index.ts";
import { type Pages, servePages } from "./harness/pages.ts";
import { picturesOf, type Shown, soundOf, stretches, watchInPage } from "./harness/secret.ts";
import { WhepViewer } from "./harness/whep-viewer.ts";

let pages: Pages;
let folder: string;
beforeAll(async () => {
  pages = await servePages();
  folder = mkdtempSync(join(tmpdir(), "private-test-"));
});
afterAll(async () => {
  await pages.close();
  rmSync(folder, { recursive: true, force: true });
});

const seconds = (count: number) => new Promise((resolve) => setTimeout(resolve, count * 1000));
declare const secret: (on: boolean) => void;

/**
 * Plain, then private time twice with plain between and after, and at the end the secret for all to see: it can be found. On a slow
 * machine sound has holes, which look as neutral as private time; nothing of the secret may be in front of anything plain.
 */
function expectHidden(shown: readonly Shown[], what: string): void {
  const found = stretches(shown);
  const story = found.map(({ shown, count }) => `${count} ${shown}`).join(", ");
  const firstSecret = shown.indexOf("secret");
  expect(firstSecret, `${what}: ${story}`).toBeGreaterThan(shown.lastIndexOf("plain"));
  const order = stretches(shown.slice(0, firstSecret))
    .filter(({ shown, count }) => count >= 5 && shown !== "other")
    .map(({ shown }) => shown);
  expect(
    stretches(order)
      .map(({ shown }) => shown)
      .slice(-5),
    `${what}: ${story}`,
  ).toEqual(["plain", "neutral", "plain", "neutral", "plain"]);
}

test("what is private is in no picture and no sound of any output", async () => {
  const browser = await FlyBrowser.launch({ viewport: { width: 640, height: 360 } });
  const viewer = await WhepViewer.open(pages.url("static.html"));
  try {
    const { page } = browser;
    await browser.goto(pages.url("secret.html"));
    const stream = await browser.startStream({ quality: "medium", renditions: "source" });
    const path = join(mkdtempSync(join(folder, "try-")), "private.mp4");
    await browser.startRecording({ path });
    await viewer.connect(stream.whep_url ?? "");
    const watched = await watchInPage(viewer.page);
    await seconds(1);

    // Within a page: shown, hidden, and gone again.
    const status = await browser.private(async () => {
      await page.evaluate(() => secret(true));
      await seconds(0.8);
      const { status } = await browser.getStreamStatus();
      await page.evaluate(() => secret(false));
      return status;
    });
    expect(status).toMatchObject({ private: true, health: "healthy" });
    await seconds(1);
    // By navigation: Chrome shows the page before until the next one has something to show.
    await browser.task("Log in", { private: true }, async ({ note }) => {
      note("the secret's note");
      await page.goto(`${pages.url("secret.html")}?private#secret`);
      await seconds(0.8);
      await page.goto(pages.url("secret.html"));
    });
    await seconds(1);
    const after = (await browser.getStreamStatus()).status;
    expect(after).toMatchObject({ private: false, tasks: [{ name: "Log in", state: "done", detail: null }] });
    await page.evaluate(() => secret(true));
    await seconds(1);

    const seen = await watched.end();
    await browser.stopRecording();
    await browser.stopStream();
    const track = (name: string) => new URL(`${name}.m3u8`, stream.hls_url ?? "").href;
    const whole = ["-live_start_index", "0"]; // for a while an ended stream can still be fetched
    expectHidden(await picturesOf(track("video"), 60, whole), "HLS, picture");
    expectHidden(await soundOf(track("audio"), 60, whole), "HLS, sound");
    expectHidden(await picturesOf(path, 60), "recording, picture");
    expectHidden(await soundOf(path, 60), "recording, sound");
    expectHidden(seen.pictures, "WebRTC, picture");
    expectHidden(seen.sound.slice(seen.sound.indexOf("plain")), "WebRTC, sound"); // before its first sound there is silence
  } finally {
    await viewer.close();
    await browser.close();
  }
});
