// The popup in a person's browser: choose, start, share, stop, and what it says when something is missing.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "puppeteer-core";
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from "vitest";
import { QUALITIES } from "../../protocol/profiles.ts";
import { EXTENSION_ID } from "../../protocol/version.ts";
import { startRtmpServer } from "../fixtures/rtmp/nginx.ts";
import { Cleanup } from "../fixtures/rtmp/processes.ts";
import { ffmpegsOf } from "./harness/chain.ts";
import { mediaPlaylist } from "./harness/hls.ts";
import { type Pages, servePages } from "./harness/pages.ts";
import { openPerson, type Person, type PersonOptions } from "./harness/person.ts";
import { until } from "./harness/until.ts";

const CHOSEN = ".choice[data-chosen=true] input[name=common-quality]";
const POPUP = `chrome-extension://${EXTENSION_ID}/extension/popup/index.html`;
/** What the toolbar button opens. */
const OPENS = "chrome.action.getPopup({})";
const BADGES = `chrome.tabs.query({}).then((tabs) => Promise.all(
  tabs.map(async ({ id, url }) => [url, await chrome.action.getBadgeText({ tabId: id })])))`;

let pages: Pages;
let person: Person | null = null;

async function open(options?: PersonOptions): Promise<Person> {
  person = await openPerson(options);
  await person.page.goto(pages.url("pattern.html"));
  return person;
}

/** The error card of the popup once it is there, as a person reads it. */
async function errorOf(popup: Page, code: string): Promise<string> {
  const card = await popup.waitForSelector(`.error[data-code=${code}]`);
  return (await card?.evaluate((element) => element.textContent)) ?? "";
}

beforeAll(async () => {
  pages = await servePages();
});

afterEach(async () => {
  await person?.close();
  person = null;
});

afterAll(() => pages.close());

test("choose a quality and a server, start, see LIVE, the link is copied, open the player, stop", async () => {
  const cleanup = new Cleanup();
  onTestFinished(() => cleanup.run());
  const server = await startRtmpServer(cleanup, "key-of-the-popup");
  const { browser, page, openPopup, nextPopup, inExtension } = await open();
  await page.setViewport({ width: 960, height: 540 });
  await page.evaluate(() => {
    const icon = "<svg xmlns='http://www.w3.org/2000/svg'><circle r='9' fill='red'/></svg>";
    document.head.append(
      Object.assign(document.createElement("link"), { rel: "icon", href: `data:image/svg+xml,${icon}` }),
    );
  });
  let popup = await openPopup();
  await popup.waitForSelector(CHOSEN);
  const offered = await popup.$$eval(".quality input", (inputs) => inputs.map(({ value }) => value));
  expect(offered).toEqual(QUALITIES);
  expect(await popup.$eval(CHOSEN, ({ value }) => value)).toBe("high");
  for (const text of await popup.$$eval(".quality", (all) => all.map(({ textContent }) => textContent))) {
    expect(text).toMatch(/(Mbit\/s|kbit\/s|no cap).* fps · \w/);
  }
  await popup.click("input[value=medium]");
  await popup.waitForSelector(`${CHOSEN}[value=medium]`);
  await popup.click(".destinations > .text-button");
  await popup.select(".new-destination select", "rtmp");
  await popup.type(".new-destination input[aria-label=Address]", `rtmp://127.0.0.1:${server.port}/keyed`);
  await popup.type(".new-destination input[type=password]", server.key);
  await popup.click(".new-destination button[type=submit]");
  await popup.waitForSelector(".destination input:checked");
  // Who isn't asked to keep a key has it nowhere on the disk.
  const kept = await inExtension<object>("chrome.storage.local.get()");
  expect(kept).toMatchObject({ destinations: [{ url: `rtmp://127.0.0.1:${server.port}/keyed`, on: true }] });
  expect(JSON.stringify(kept)).not.toContain(server.key);
  await popup.close();
  popup = await openPopup();
  await popup.waitForSelector(`${CHOSEN}[value=medium]`);
  await popup.waitForSelector(".destination input:checked");
  await popup.waitForSelector(".tab-picture img");
  await popup.waitForSelector(".tab-icon[src^='data:']");

  // Chrome closes the popup when the capture begins; the extension opens it again.
  const reopened = nextPopup();
  await popup.click(".button.primary.wide");
  const live = await reopened;
  const link = await (await live.waitForSelector(".link input"))?.evaluate((input) => input.value);
  expect(link).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/s\/[\w-]+\/[\w-]{22,}\/player$/);
  await live.waitForSelector(".row .copy[data-copied=true]");
  expect(await inExtension(OPENS)).toBe(`${POPUP}#captured`);
  expect(await live.$eval(".live", ({ textContent }) => textContent)).toMatch(/0:\d\d.*Healthy.*Medium/);
  await live.waitForSelector(".destination[data-state=live]");
  await live.waitForSelector(".live .tab-picture img");

  // Another quality, while it goes on: the server gets no picture of another size.
  const afterwards = nextPopup();
  await live.select(".quality-select", "low_bandwidth");
  const changed = await afterwards;
  await changed.waitForFunction(() => {
    const select = document.querySelector<HTMLSelectElement>(".quality-select");
    return select?.value === "low_bandwidth" && !select.disabled;
  });
  expect(await changed.$eval(".metrics", ({ textContent }) => textContent)).toContain("960×540");
  expect(await changed.$eval(".link input", ({ value }) => value)).toBe(link);
  await changed.waitForSelector(".destination[data-state=live]");
  await changed.close();

  const other = await browser.newPage();
  await other.goto(pages.url("static.html"));
  const elsewhere = await openPopup(other);
  expect(await (await elsewhere.waitForSelector(".other"))?.evaluate(({ textContent }) => textContent)).toMatch(
    /^Pattern.*Live · \d viewers?$/,
  );
  await elsewhere.close();
  const badges = Object.fromEntries(await inExtension<[string, string][]>(BADGES));
  expect(badges).toMatchObject({ [page.url()]: "LIVE", [other.url()]: "" });
  await other.close();
  await page.bringToFront();

  const again = await openPopup();
  const openPlayer = await again.waitForSelector(".row .button:not(.copy)");
  await openPlayer?.click();
  const player = await (await browser.waitForTarget((target) => target.url() === link)).page();
  await player?.waitForFunction(() => document.querySelector(".badge")?.textContent === "Live");
  await player?.close();

  await page.bringToFront();
  const last = await openPopup();
  await last.waitForSelector(".actions .button.danger");
  await last.click(".actions .button.danger");
  await last.waitForSelector(`${CHOSEN}[value=low_bandwidth]`);
  expect((await mediaPlaylist((link ?? "").replace(/player$/, "index.m3u8"))).ended).toBe(true);
  const browserPid = browser.process()?.pid ?? 0;
  await until("no FFmpeg is left", () => ffmpegsOf(browserPid).length === 0);
  expect(await inExtension(OPENS)).toBe(POPUP);
  expect(Object.fromEntries(await inExtension<[string, string][]>(BADGES))[page.url()]).toBe("");
});

test("record without streaming: REC, the time and the file, stream beside it, stop each", async () => {
  const videos = mkdtempSync(join(tmpdir(), "popup-videos-"));
  const opened = join(videos, ".opened");
  mkdirSync(join(videos, "bin"));
  writeFileSync(join(videos, "bin/xdg-open"), `#!/bin/sh\necho "$1" >> '${opened}'\n`, { mode: 0o755 });
  try {
    const PATH = `${join(videos, "bin")}:${process.env.PATH}`;
    const { page, openPopup, nextPopup, inExtension } = await open({ host: { XDG_VIDEOS_DIR: videos, PATH } });
    const badge = async () => Object.fromEntries(await inExtension<[string, string][]>(BADGES))[page.url()];
    const popup = await openPopup();
    await popup.waitForSelector(CHOSEN);
    const reopened = nextPopup();
    await popup.click(".button.record");
    const recorded = await reopened;
    const row = await recorded.waitForSelector(".recording[data-recording=recording]");
    await recorded.waitForFunction(() => /Recording \d+:\d\d/.test(document.body.textContent ?? ""));
    expect(await row?.evaluate(({ textContent }) => textContent)).toMatch(/Recording 0:\d\d.*\.mp4/);
    expect(await badge()).toBe("REC");
    expect(await recorded.$(".link")).toBeNull(); // there is nothing to watch
    await recorded.click(".button.primary.wide");
    const link = await (await recorded.waitForSelector(".link input"))?.evaluate((input) => input.value);
    expect((await fetch(link ?? "")).status).toBe(200);
    expect(await badge()).toBe("LIVE");
    await recorded.click(".clip .text-button");
    const clip = await recorded.waitForSelector(".clip [role=status]");
    expect(await clip?.evaluate(({ textContent }) => textContent)).toMatch(/^Clip of 0:\d\d saved: .*\.mp4$/);
    await recorded.click(".actions .button.danger");
    await recorded.waitForSelector(".button.primary.wide:enabled");
    expect(await badge()).toBe("REC");
    await recorded.click(".recording .button.danger");
    await recorded.waitForSelector(".recording[data-recording=idle]");
    expect(await recorded.$eval(".recording", ({ textContent }) => textContent)).toMatch(/Recorded 0:\d\d, \d+ [kM]B/);
    await until("no badge", async () => (await badge()) === "");
    for (const button of await recorded.$$(".recording .text-button")) await button.click();
    const [file] = await until("both to be opened", () => {
      const lines = existsSync(opened) ? readFileSync(opened, "utf8").trim().split("\n").sort().reverse() : [];
      return lines.length === 2 && lines;
    });
    expect(readFileSync(opened, "utf8")).toContain(`${videos}\n`);
    expect(existsSync(file as string)).toBe(true);
    expect(await recorded.$(".error")).toBeNull();
    expect(readdirSync(videos).filter((name) => /^[^.].*\.mp4$/.test(name))).toHaveLength(2); // the recording, the clip
  } finally {
    rmSync(videos, { recursive: true, force: true });
  }
});

/** Where header, tab and buttons are, and what they say. */
const lookAt = (popup: Page) =>
  popup.evaluate(() =>
    [...document.querySelectorAll("h1, .phase, .settings, .tab-picture, .actions .button")].map((element) => {
      const { x, y, width, height } = element.getBoundingClientRect();
      return [element.textContent?.trim(), ...[x, y, width, height].map(Math.round)];
    }),
  );

test("the first picture has its buttons where they stay, in any language, and takes a press before the popup's code is there", async () => {
  const { browser, page, inExtension } = await open();
  const tab_id = await inExtension(`chrome.tabs.query({ url: "${page.url()}" }).then(([tab]) => tab.id)`);
  // Words that take more lines than those of a popup in which nothing was chosen.
  const places = ["a", "b"].map((id) => ({ id, on: true, url: `rtmp://${id}.example/live` }));
  await inExtension(`chrome.storage.local.set(${JSON.stringify({ share: "internet", destinations: places })})`);
  const popup = await browser.newPage();
  await popup.setViewport({ width: 360, height: 600 });
  await popup.setRequestInterception(true);
  const waits: (() => void)[] = [];
  popup.on("request", (request) => {
    const go = () => void request.continue();
    if (/\/draw-[^/]*\.js$/.test(request.url())) waits.push(go);
    else go();
  });
  /** What is seen first, and once all is there. */
  const opened = async (address: string, meanwhile = async () => {}) => {
    await popup.goto(address, { waitUntil: "domcontentloaded" });
    await until("the popup's code is asked for", () => waits.length > 0);
    const first = await lookAt(popup);
    await meanwhile();
    for (const go of waits.splice(0)) go();
    return first;
  };
  const words = {
    "": ["FlyBrowser Stream", "Not live", "", "", "Start streaming", "Record"],
    "&lang=de": ["FlyBrowser Stream", "Nicht live", "", "", "Übertragung starten", "Aufnehmen"],
    "&lang=en-XA": expect.arrayContaining(["[Start streaming······]"]),
    "&lang=ar-XB": expect.arrayContaining(["\u202eStart streaming\u202c"]),
  };
  for (const [language, said] of Object.entries(words)) {
    const first = await opened(`${POPUP}?tab_id=${tab_id}${language}`);
    await popup.waitForSelector(".choices");
    expect(first.map(([text]) => text)).toEqual(said);
    expect(await lookAt(popup), language).toEqual(first);
  }
  await opened(`${POPUP}?tab_id=${tab_id}`, async () => {
    await popup.click(".settings");
    expect(browser.targets().map((target) => target.url())).not.toContainEqual(expect.stringContaining("/options/"));
  });
  await browser.waitForTarget((target) => target.url().includes("/options/"));
  expect(await opened(`${POPUP}#captured`)).toEqual([]);
});

test("without a host it says how to install it", async () => {
  const { openPopup } = await open({ host: null });
  const popup = await openPopup();
  expect(await errorOf(popup, "host_not_installed")).toMatch(/not installed.*flybrowser install/);
});

test("a page of Chrome's own can't be streamed, and it says so", async () => {
  const { page, openPopup } = await open();
  await page.goto("chrome://version");
  const popup = await openPopup();
  expect(await errorOf(popup, "tab_not_capturable")).toMatch(/Chrome protects its own pages.*Open a normal web page/);
  expect(await popup.$eval(".button.primary.wide", (button) => (button as HTMLButtonElement).disabled)).toBe(true);
});

test("without FFmpeg it says what to install", async () => {
  const missing = "/nonexistent/ffmpeg";
  const { openPopup } = await open({ host: { FLYBROWSER_FFMPEG: missing, FFMPEG_BIN: missing, PATH: "/nonexistent" } });
  const popup = await openPopup();
  expect(await errorOf(popup, "ffmpeg_not_found")).toMatch(/FFmpeg was not found.*apt install ffmpeg/);
});
