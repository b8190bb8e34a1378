// The player in WebKit (WebKitGTK's MiniBrowser, or FLYBROWSER_WEBKIT), driven by WebKitWebDriver: every way that it has plays by
// itself, muted, and stays live; by touch it is usable at a phone's size. Needs Xvfb, PulseAudio, matchbox-window-manager.
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type BrowserPage, openWebKit } from "../../bench/clients/browser-page.ts";
import { Stage } from "../../bench/clients/stage.ts";
import { sleep } from "../../protocol/async.ts";
import type { StartStreamResult } from "../../protocol/results.ts";
import { FlyBrowser } from "../../sdk/index.ts";
import { type Pages, servePages } from "../e2e/harness/pages.ts";
import { until } from "../e2e/harness/until.ts";

/** ms; longer than a stall takes to make the player replace its engine. */
const WATCHED = 15_000;

let pages: Pages;
let browser: FlyBrowser;
let stage: Stage;
let started: StartStreamResult;
let page: BrowserPage | undefined;

beforeAll(async () => {
  pages = await servePages();
  stage = await Stage.open();
  browser = await FlyBrowser.launch({ viewport: { width: 640, height: 360 } });
  await browser.goto(pages.url("pattern.html"));
  started = await browser.startStream({ quality: "medium" });
});
afterEach(async () => {
  await page?.close();
  page = undefined;
});
afterAll(async () => {
  await browser?.close();
  await stage?.close();
  await pages?.close();
});

/** What the player shows now. */
async function look(of: BrowserPage) {
  return of.evaluate<{ badge: string; protocol: string; time: number; muted: boolean; paused: boolean }>(`(() => {
    const { currentTime: time, muted, paused } = document.querySelector("video");
    const badge = document.querySelector(".badge").textContent.trim();
    return { badge, protocol: document.querySelector(".player").dataset.protocol, time, muted, paused };
  })()`);
}

async function watch(protocol: string): Promise<BrowserPage> {
  const opened = await openWebKit(`${started.player_url}?protocol=${protocol}`, false, stage.env);
  page = opened;
  await until("the player", () => opened.evaluate<boolean>(`document.querySelector(".badge") !== null`), 30_000);
  await until("the live edge", async () => (await look(opened)).badge === "Live", 60_000);
  return opened;
}

test.each(["ll-hls", "hls", "dash"])("%s plays by itself, and stays live", async (protocol) => {
  const opened = await watch(protocol);
  const before = await look(opened);
  const words = new Set<string>();
  for (let waited = 0; waited < WATCHED; waited += 500) {
    await sleep(500);
    words.add((await look(opened)).badge);
  }
  const after = await look(opened);
  expect([...words]).toEqual(["Live"]);
  expect(after).toMatchObject({ protocol, muted: true, paused: false });
  expect(after.time - before.time).toBeGreaterThan(WATCHED / 1_000 - 3);
});

test("a browser that unmutes and pauses by itself doesn't end it; a viewer who unmutes stays unmuted", async () => {
  const opened = await watch("hls");
  // As WebKitGTK does it when its sound output is made anew.
  await opened.evaluate(`(() => {
    const video = document.querySelector("video");
    video.addEventListener("volumechange", () => video.pause(), { once: true });
    video.muted = false;
  })()`);
  await until("it to go on", async () => {
    const { muted, paused, badge } = await look(opened);
    return muted && !paused && badge === "Live";
  });
  await opened.click(".unmute-button");
  await until("the sound", async () => !(await look(opened)).muted);
  const { time } = await look(opened);
  await until("it to go on with sound", async () => (await look(opened)).time > time + 5, 30_000);
  expect(await look(opened)).toMatchObject({ muted: false, paused: false });
});
