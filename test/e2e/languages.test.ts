// The pages in another language, and in pseudo-languages, which are longer and run from right to left: nothing overflows, and
// nothing stays English.
import type { Page } from "puppeteer-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EXTENSION_ID } from "../../protocol/version.ts";
import { type Pages, servePages } from "./harness/pages.ts";
import { openPerson, type Person } from "./harness/person.ts";

const EXTENSION = `chrome-extension://${EXTENSION_ID}/extension`;

let pages: Pages;
let person: Person;
let tab_id: number;
let idle_tab_id: number;
let link = "";

beforeAll(async () => {
  pages = await servePages();
  person = await openPerson();
  await person.page.goto(pages.url("pattern.html"));
  const popup = await person.openPopup();
  await popup.waitForSelector(".choices");
  const reopened = person.nextPopup();
  await popup.click(".button.primary.wide");
  const live = await reopened;
  link = (await (await live.waitForSelector(".link input"))?.evaluate((input) => input.value)) ?? "";
  await live.close();
  const idOf = (page: string) =>
    person.inExtension<number>(`chrome.tabs.query({ url: "${pages.url(page)}" }).then(([tab]) => tab.id)`);
  tab_id = await idOf("pattern.html");
  await (await person.browser.newPage()).goto(pages.url("static.html"));
  idle_tab_id = await idOf("static.html");
});

afterAll(async () => {
  await person?.close();
  await pages?.close();
});

/** Opens a page of `width` px, and waits for an element of it. */
async function open(address: string, width: number, selector: string): Promise<Page> {
  const page = await person.browser.newPage();
  await page.setViewport({ width, height: 700 });
  await page.goto(address);
  await page.waitForSelector(selector);
  return page;
}

const POPUP = `${EXTENSION}/popup/index.html`;
const OPTIONS = `${EXTENSION}/options/index.html`;

test("German: the popup with the live stream, the options, the player", async () => {
  const body = (page: Page) => page.evaluate(() => document.body.innerText);
  const live = await open(`${POPUP}?tab_id=${tab_id}&lang=de`, 360, ".link");
  expect(await body(live)).toMatch(/In Ordnung[\s\S]*Link kopieren[\s\S]*Nur|Dieser Link öffnet sich nur/);
  expect(await live.evaluate(() => document.documentElement.lang)).toBe("de");
  await live.click(".destinations > .text-button");
  await live.select(".new-destination select", "rtmp");
  await live.type(".new-destination input[required]", "nirgends");
  await live.click(".new-destination button[type=submit]");
  expect(await (await live.waitForSelector(".error"))?.evaluate(({ textContent }) => textContent)).toMatch(
    /nicht erlaubt\. Erlaubt: eine Adresse/,
  );
  await live.close();
  const options = await open(`${OPTIONS}?lang=de`, 800, "#may-ask");
  expect(await body(options)).toMatch(/Gekoppelte Websites[\s\S]*Programme auf diesem Computer/);
  await options.close();
  const player = await open(`${link}?lang=de`, 1280, "[aria-label='Vollbild (F)'], [aria-label=Vollbild]");
  await player.waitForFunction(() => document.querySelector(".badge")?.textContent === "Live");
  await player.close();
});

test.each(["en", "de"])("%s: no word of the live popup is cut off", async (lang) => {
  const live = await open(`${POPUP}?tab_id=${tab_id}&lang=${lang}`, 360, ".link");
  const cut = await live.$$eval("h1, dt, dd, .phase, .choice, .button", (all) =>
    all.filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth).map(({ textContent }) => textContent),
  );
  expect(cut).toEqual([]);
  // More lines than these don't stand in a popup's 600 px.
  const high = await live.$$eval(".choice, .text-button", (all) =>
    all.filter(({ clientHeight }) => clientHeight > 34).map(({ textContent }) => textContent),
  );
  expect(high).toEqual([]);
  await live.close();
});

test.each(["en-XA", "ar-XB"])("%s: nothing is wider than its page, and all of it is from the table", async (lang) => {
  const changed = lang === "en-XA" ? /^[[·\]\s\d]|·\]$/ : /[\u202e\u202c]/;
  for (const [address, width, selector] of [
    [`${POPUP}?tab_id=${tab_id}&lang=${lang}`, 360, ".link"],
    [`${POPUP}?tab_id=${idle_tab_id}&lang=${lang}`, 360, ".quality-list"],
    [`${OPTIONS}?lang=${lang}`, 800, "#may-ask"],
    [`${OPTIONS}?lang=${lang}`, 360, "#may-ask"],
    [`${link}?lang=${lang}`, 390, ".badge"],
  ] as const) {
    const page = await open(address, width, selector);
    const { wide, buttons } = await page.evaluate(() => ({
      wide: document.documentElement.scrollWidth - window.innerWidth,
      buttons: [...document.querySelectorAll("button, summary, legend, h2")]
        .map((element) => (element.textContent ?? "").trim())
        .filter((words) => /\p{L}{3}/u.test(words)),
    }));
    expect(wide, address).toBeLessThanOrEqual(0);
    expect(
      buttons.filter((words) => !changed.test(words)),
      address,
    ).toEqual([]);
    await page.close();
  }
});
