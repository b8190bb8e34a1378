// Nothing below WCAG AA and axe's best practices on any page of ours, in light and dark, wide and narrow: popup, options, prompt of
// pairing, wall, the control API's page, the player of a stream that lives and of one that has ended, and a link without a stream.
import puppeteer, { type Page } from "puppeteer-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { listControlFiles } from "../../protocol/node/control-files.ts";
import { FlyBrowser } from "../../sdk/index.ts";
import { violations } from "../e2e/harness/accessibility.ts";
import { type Pages, servePages } from "../e2e/harness/pages.ts";
import { OPTIONS, prompt } from "../e2e/harness/pairing.ts";
import { openStage } from "../e2e/harness/pairing-stage.ts";
import { openPerson, type Person } from "../e2e/harness/person.ts";

let pages: Pages;
let person: Person;
/** The popup before the stream. */
let idle: string[] = [];
let live: Page;
let link = "";
let host = "";
let authorization = "";

/** Colours that go over into others are none that stay; as text, since it runs in the page. */
const SETTLED = `Promise.all(document.getAnimations()
  .filter((animation) => animation instanceof CSSTransition)
  .map(({ finished }) => finished.catch(() => {})))`;

/** What axe finds on a page in light and dark, at each width in px. */
async function found(page: Page, ...widths: number[]): Promise<string[]> {
  const all: string[] = [];
  for (const width of widths) {
    for (const value of ["light", "dark"]) {
      await page.setViewport({ width, height: 760 });
      await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value }]);
      await page.evaluate(SETTLED);
      all.push(...(await violations(page)).map((words) => `${width} px, ${value}: ${words}`));
    }
  }
  return all;
}

/** The same of an address, once an element is there. */
async function foundAt(address: string, selector: string): Promise<string[]> {
  const page = await person.browser.newPage();
  await page.goto(address);
  await page.waitForSelector(selector);
  const all = await found(page, 1280, 390);
  await page.close();
  return all;
}

beforeAll(async () => {
  pages = await servePages();
  person = await openPerson({ host: { FLYBROWSER_ENDED_SECONDS: "600" } });
  await person.page.goto(pages.url("pattern.html"));
  const popup = await person.openPopup();
  await popup.waitForSelector(".tab-picture img");
  idle = await found(popup, 360);
  const reopened = person.nextPopup();
  await popup.click(".button.primary.wide");
  live = await reopened;
  link = (await (await live.waitForSelector(".link input"))?.evaluate((field) => field.value)) ?? "";
  const words = person.browser.process()?.spawnargs ?? [];
  const profile = words.find((word) => word.startsWith("--user-data-dir="))?.slice("--user-data-dir=".length);
  const [file] = listControlFiles(`${profile}/flybrowser/state`);
  host = `http://127.0.0.1:${file?.port}`;
  authorization = `Bearer ${file?.token}`;
});
afterAll(async () => {
  await person?.close();
  await pages?.close();
});

test("the popup, before a stream and with one, all of it open", async () => {
  for (const summary of await live.$$("details:not([open]) > summary")) await summary.click();
  expect([...idle, ...(await found(live, 360))]).toEqual([]);
});

test("the player, embedded too; the wall; the page of the control API", async () => {
  const answer = await fetch(`${host}/api/wall`, { headers: { authorization } });
  const { wall_url } = (await answer.json()) as { wall_url: string };
  expect(await foundAt(`${link}?embed=1`, ".controls")).toEqual([]);
  expect(await foundAt(link, ".badge")).toEqual([]);
  expect(await foundAt(wall_url, ".picture video")).toEqual([]);
  expect(await foundAt(`${host}/api/docs`, "main")).toEqual([]);
});

test("a stream that has ended, and a link to none", async () => {
  const [, stream_id] = /\/s\/([^/]+)\//.exec(link) ?? [];
  await fetch(`${host}/api/streams/${stream_id}`, { method: "DELETE", headers: { authorization } });
  expect(await foundAt(link, ".watch-again")).toEqual([]);
  expect(await foundAt(link.replace(/[^/]+\/player$/, `${"A".repeat(24)}/player`), "h1")).toEqual([]);
});

test("the prompt of pairing, and the options", async () => {
  const { puppeteer: options } = await FlyBrowser.launchOptions();
  const stage = await openStage(() => puppeteer.launch(options));
  try {
    const page = await stage.open(stage.sites[0].url("/"));
    await page.evaluate(`void flybrowser.pair({ purpose: "Show what is done" }).catch(() => {})`);
    expect(await found(await prompt(stage.browser), 420, 320)).toEqual([]);
    await (await prompt(stage.browser)).click("#always");
    const set = await stage.open(OPTIONS);
    await set.waitForSelector(".site");
    expect(await found(set, 1280, 390)).toEqual([]);
  } finally {
    await stage.close();
  }
});
