// A stream inside somebody's page of another origin, behind HTTPS, in Chromium; and the wall, with pictures that follow the stream.
import puppeteer, { type Browser, type Page } from "puppeteer-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { embedCode } from "../../player/display-options.ts";
import { findBrowser } from "../../sdk/find-browser.ts";
import { FlyBrowser } from "../../sdk/index.ts";
import { runningHosts } from "../../sdk/page-host.ts";
import { paced } from "../fixtures/pace.ts";
import { type Site, serveSite } from "../fixtures/tunnel/site.ts";
import { type Pages, servePages } from "./harness/pages.ts";

let pages: Pages;
let site: Site;
let browser: FlyBrowser;
let viewer: Browser;
let code: string;

beforeAll(async () => {
  [pages, site] = await Promise.all([servePages(), serveSite()]);
  browser = await FlyBrowser.launch({ viewport: { width: 640, height: 360 } });
  await browser.goto(pages.url("pattern.html"));
  const { player_url, width, height } = await browser.startStream();
  code = embedCode(player_url, { width, height });
  viewer = await puppeteer.launch({
    executablePath: findBrowser(undefined),
    args: ["--ignore-certificate-errors", ...(process.getuid?.() === 0 ? ["--no-sandbox"] : [])],
  });
}, paced(60_000));
afterAll(async () => {
  await viewer?.close();
  await browser?.close();
  await pages?.close();
  site?.close();
});

/** The player inside somebody's page, once it plays. */
async function embedded(search: string): Promise<{ page: Page; facts: Record<string, unknown> }> {
  site.show(code.replace("embed=1", `embed=1${search}`));
  const page = await viewer.newPage();
  await page.goto(site.origin);
  const frame = await page.waitForFrame((each) => each.url().includes("/player"));
  await frame.waitForFunction(() => (document.querySelector("video")?.currentTime ?? 0) > 0.5, {
    timeout: paced(20_000),
  });
  const facts = await frame.evaluate(() => ({
    header: document.querySelector(".header") !== null,
    controls: getComputedStyle(document.querySelector(".controls") as Element).display !== "none",
    scheme: document.documentElement.style.colorScheme,
    fills: document.querySelector("video")?.getBoundingClientRect().width === innerWidth,
    protocol: document.querySelector(".player")?.getAttribute("data-protocol"),
  }));
  return { page, facts };
}

test.each([
  ["", { header: false, controls: true, scheme: "", fills: true }],
  [
    "&theme=dark&controls=0&protocol=hls",
    { header: false, controls: false, scheme: "dark", fills: true, protocol: "hls" },
  ],
])("it plays inside a page of another origin: embed=1%s", async (search, expected) => {
  const { page, facts } = await embedded(search);
  expect(facts).toMatchObject(expected);
  await page.close();
});

test("the wall shows a picture of it, and the next one", async () => {
  const [host] = runningHosts().filter(({ file }) => code.includes(`:${file.port}/`));
  const headers = { authorization: `Bearer ${host?.file.token}` };
  const answer = await fetch(`http://127.0.0.1:${host?.file.port}/api/wall`, { headers });
  const { wall_url } = (await answer.json()) as { wall_url: string };
  const page = await viewer.newPage();
  await page.goto(wall_url);
  const front = (index: number) =>
    page.waitForFunction(
      (at) => {
        const [one, two] = document.querySelectorAll<HTMLVideoElement>(".picture video");
        const shown = at === 0 ? one : two;
        return shown?.dataset.front === "true" && shown.videoWidth > 0;
      },
      { timeout: paced(15_000) },
      index,
    );
  await front(1);
  await front(0);
  expect(await page.$eval(".tile .name", ({ textContent }) => textContent)).toBe("Pattern");
  await page.close();
});
