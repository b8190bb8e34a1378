// The player in Firefox (firefox-esr, or FLYBROWSER_FIREFOX), driven by WebDriver BiDi: every way of viewing plays and stays live.
import puppeteer, { type Browser, type Page } from "puppeteer-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sleep } from "../../protocol/async.ts";
import type { StartStreamResult } from "../../protocol/results.ts";
import { FlyBrowser } from "../../sdk/index.ts";
import { type Pages, servePages } from "../e2e/harness/pages.ts";
import { until } from "../e2e/harness/until.ts";

/** ms; longer than a stall takes to make the player replace its engine. */
const WATCHED = 15_000;

let pages: Pages;
let browser: FlyBrowser;
let firefox: Browser;
let started: StartStreamResult;

beforeAll(async () => {
  pages = await servePages();
  firefox = await puppeteer.launch({
    browser: "firefox",
    executablePath: process.env.FLYBROWSER_FIREFOX ?? "/usr/bin/firefox-esr",
  });
  browser = await FlyBrowser.launch({ viewport: { width: 640, height: 360 } });
  await browser.goto(pages.url("pattern.html"));
  started = await browser.startStream({ quality: "ultra_low_latency" });
});

afterAll(async () => {
  await firefox?.close();
  await browser?.close();
  await pages?.close();
});

const badge = async (page: Page) => (await page.$eval(".badge", (element) => element.textContent ?? "")).trim();
const protocolOf = (page: Page) => page.$eval("[data-protocol]", (root) => root.getAttribute("data-protocol"));

test.each(["webrtc", "live", "ll-hls", "hls", "dash"])("%s plays, and stays live", async (protocol) => {
  const page = await firefox.newPage();
  await page.goto(`${started.player_url}?protocol=${protocol}`);
  await until("video", async () => (await page.$eval("video", ({ videoWidth }) => videoWidth)) > 0, 30_000);
  await until("the live edge", async () => (await badge(page)) === "Live", 30_000);
  const words = new Set<string>();
  const before = await page.$eval("video", ({ currentTime }) => currentTime);
  for (let waited = 0; waited < WATCHED; waited += 500) {
    await sleep(500);
    words.add(await badge(page));
  }
  expect([...words]).toEqual(["Live"]);
  expect((await page.$eval("video", ({ currentTime }) => currentTime)) - before).toBeGreaterThan(WATCHED / 1_000 - 3);
  expect(await protocolOf(page)).toBe(protocol);
  await page.close();
});
