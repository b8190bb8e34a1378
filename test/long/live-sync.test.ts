// Sound and picture by the live engine, as a viewer sees and hears them: a page that begins without sound, as browsers want it, has its sound
// in step from the moment it is turned on.
import { afterAll, beforeAll, expect, test } from "vitest";
import { sleep } from "../../protocol/async.ts";
import { FlyBrowser } from "../../sdk/index.ts";
import { agesAt, EARLY, LATE } from "../e2e/harness/ages.ts";
import { type Pages, servePages } from "../e2e/harness/pages.ts";
import { openViewer, type Viewer } from "../e2e/harness/viewer.ts";

let pages: Pages;
let browser: FlyBrowser;
let viewer: Viewer | undefined;

beforeAll(async () => {
  pages = await servePages();
  browser = await FlyBrowser.launch({ viewport: { width: 640, height: 360 } });
});
afterAll(async () => {
  await viewer?.close();
  await browser?.close();
  await pages?.close();
});

test("belong together once the sound is on", async () => {
  await browser.goto(pages.url("pattern.html?smooth"));
  const { player_url } = await browser.startStream({ quality: "ultra_low_latency" });
  viewer = await openViewer(`${player_url}?protocol=live`);
  const { page } = viewer;
  await page.setBypassCSP(true); // for the worklet that listens
  await page.reload();
  await page.waitForSelector("video");
  await sleep(6_000); // without sound
  await (await page.waitForSelector(".unmute-button"))?.click();
  await page.waitForFunction("document.querySelector('video').muted === false");
  await sleep(2_000);
  const now = await agesAt(page, "video", 12);
  process.stdout.write(
    `By the live engine the picture is ${now.picture.toFixed(0)} ms old, the sound ${now.sound.toFixed(0)} ms, ${now.late.toFixed(0)} late (middle of ${now.pictures} and ${now.beeps})\n`,
  );
  expect(now.late).toBeGreaterThan(EARLY);
  expect(now.late).toBeLessThan(LATE);
  expect(await page.$eval("[data-protocol]", (root) => root.getAttribute("data-protocol"))).toBe("live");
});

test("it plays on when the sound is turned off and on again", async () => {
  const open = viewer as Viewer;
  for (const _ of [1, 2]) {
    await open.page.keyboard.press("m");
    await sleep(500);
  }
  const time = () => open.page.$eval("video", ({ currentTime }) => currentTime);
  const before = await time();
  await sleep(3_000);
  expect((await time()) - before).toBeGreaterThan(2);
});
