// The button that has another device play the stream. There is no such device here: the browser's search and its choice of one are put
// in the place of Chrome's own. The stream is real, and so is that Chrome plays its playlist by its address.
import { networkInterfaces } from "node:os";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FlyBrowser } from "../../sdk/index.ts";
import { type Pages, servePages } from "../e2e/harness/pages.ts";
import { until } from "../e2e/harness/until.ts";
import { countPictures, openViewer, untilPlays, type Viewer } from "../e2e/harness/viewer.ts";

const CAST = "button[aria-label='Play on another device']";
/** A device is found, and the test chooses it or not. */
const DEVICE = `
  RemotePlayback.prototype.watchAvailability = async (found) => { setTimeout(() => found(true)); return 1; };
  RemotePlayback.prototype.cancelWatchAvailability = async () => {};
  RemotePlayback.prototype.prompt = () => new Promise((chosen, dismissed) => {
    const { currentSrc, readyState, disableRemotePlayback } = document.querySelector("video");
    Object.assign(window, { dismissed, asked: { currentSrc, readyState, disableRemotePlayback } });
  });`;

let pages: Pages;
let browser: FlyBrowser;
let viewer: Viewer | undefined;

beforeAll(async () => {
  pages = await servePages();
  const address = Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .find(({ family, internal }) => family === "IPv4" && !internal)?.address;
  if (!address) throw new Error("this test needs an IPv4 address of this machine on a network");
  process.env.FLYBROWSER_VIEW_ADDRESS = address;
  browser = await FlyBrowser.launch({ viewport: { width: 640, height: 360 } });
  delete process.env.FLYBROWSER_VIEW_ADDRESS;
  await browser.goto(pages.url("pattern.html"));
});

afterAll(async () => {
  await viewer?.close();
  await browser?.close();
  await pages?.close();
});

test("where a device is found that can fetch the stream there is a button, and it is asked to play the playlist itself", async () => {
  const { player_url, share } = await browser.startStream({ quality: "medium", share: "network" });
  expect(share).toBe("network");
  viewer = await openViewer(player_url);
  const { page } = viewer;
  const protocol = () => page.$eval(".player", (player) => (player as HTMLElement).dataset.protocol);
  await untilPlays(viewer, 10, 30_000);
  expect(await page.$(CAST)).toBeNull(); // Chrome has looked, and found nothing
  await page.evaluateOnNewDocument(DEVICE);
  const here = new URL(player_url);
  here.hostname = "127.0.0.1";
  await page.goto(here.href);
  await countPictures(page);
  await untilPlays(viewer, 10, 30_000);
  expect(await page.$(CAST)).toBeNull(); // a device finds nothing at the address of this computer
  await page.goto(player_url);
  await countPictures(page);
  await untilPlays(viewer, 10, 30_000);
  const before = await protocol();
  await page.hover("video");
  await page.click(CAST);
  const asked = await until("Chrome is asked for a device", () => page.evaluate("window.asked"));
  expect(asked).toMatchObject({ currentSrc: new URL("index.m3u8", player_url).href, disableRemotePlayback: false });
  expect((asked as { readyState: number }).readyState).toBeGreaterThan(0);
  expect(await protocol()).toBe("native-hls");
  await page.evaluate(`window.dismissed(new DOMException("", "NotAllowedError"))`);
  await until("it plays here as before", async () => (await protocol()) === before);
  await untilPlays(viewer, 10, 30_000);
  expect(await page.$eval("video", ({ disableRemotePlayback }) => disableRemotePlayback)).toBe(true);

  // A button more, behind live, on the narrowest phone: none is cut off.
  for (const lang of ["en", "de"]) {
    await page.setViewport({ width: 320, height: 568 });
    await page.goto(`${player_url}?protocol=ll-hls&lang=${lang}`);
    await countPictures(page);
    await untilPlays(viewer, 10, 30_000);
    for (let press = 0; press < 2; press++) await page.keyboard.press("ArrowLeft");
    await page.waitForSelector(".jump-to-live");
    const edges = await page.$$eval(".buttons > *", (all) => all.map((each) => each.getBoundingClientRect().right));
    expect(Math.max(...edges), lang).toBeLessThanOrEqual(320);
  }
});
