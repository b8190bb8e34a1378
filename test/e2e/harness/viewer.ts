// A viewer: the player page in a browser of its own, with Chromium's usual autoplay rule. Never touches the stream.
import puppeteer, { type Browser, type Page } from "puppeteer-core";
import { findBrowser } from "../../../sdk/find-browser.ts";
import { until } from "./until.ts";

/** The element's own count begins anew with every engine of the player; this one doesn't. Beside it the longest time between two, ms. */
const COUNT_PICTURES = `{
  const video = document.querySelector("video");
  let [pictures, last] = [0, performance.now()];
  const count = () => {
    const now = performance.now();
    video.dataset.longest = Math.max(Number(video.dataset.longest ?? 0), now - last);
    last = now;
    video.dataset.pictures = ++pictures;
    video.requestVideoFrameCallback(count);
  };
  video.requestVideoFrameCallback(count);
}`;

/** Somebody who watches. */
export interface Viewer {
  readonly page: Page;
  /** Addresses that the page has asked for. */
  readonly requests: readonly string[];
  /** What its console and its exceptions said, and what its content policy refused. */
  readonly problems: readonly string[];
  /** The word of the badge: "Live", "Ended", … */
  word(): Promise<string>;
  /** Pictures that were shown so far. */
  frames(): Promise<number>;
  close(): Promise<void>;
}

/** Has a page that was loaded again count its pictures, too. */
export async function countPictures(page: Page): Promise<void> {
  await page.waitForSelector("video");
  await page.evaluate(COUNT_PICTURES);
}

/** Opens `player_url` in a fresh browser: `executable`, or the one that is found. */
export async function openViewer(player_url: string, executable?: string): Promise<Viewer> {
  const browser: Browser = await puppeteer.launch({
    executablePath: executable ?? findBrowser(undefined),
    pipe: true,
    args: [...(process.getuid?.() === 0 ? ["--no-sandbox"] : []), "--window-size=640,400"],
    defaultViewport: { width: 640, height: 400 },
  });
  try {
    const page = (await browser.pages())[0] ?? (await browser.newPage());
    const requests: string[] = [];
    const problems: string[] = [];
    page.on("request", (request) => requests.push(request.url()));
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warn") problems.push(message.text());
    });
    page.on("pageerror", (error) => problems.push(String(error)));
    await page.evaluateOnNewDocument(() => {
      document.addEventListener("securitypolicyviolation", (event) => console.error(`CSP: ${event.blockedURI}`));
    });
    await page.goto(player_url);
    await countPictures(page);
    return {
      page,
      requests,
      problems,
      word: async () => (await page.$eval(".badge", (badge) => badge.textContent ?? "").catch(() => "")).trim(),
      frames: () => page.$eval("video", (video) => Number(video.dataset.pictures ?? 0)),
      async close() {
        // A tab that is left says goodbye; a browser that ends may not, and is missed only after seconds of silence.
        await page.goto("about:blank").catch(() => {});
        await browser.close();
      },
    };
  } catch (error) {
    await browser.close();
    throw error;
  }
}

/** Waits until a viewer has seen `count` more pictures, without the page having been loaded again. */
export async function untilPlays(viewer: Viewer, count = 30, timeout = 20_000): Promise<void> {
  const before = await viewer.frames();
  await until(`${count} more pictures at the viewer`, async () => (await viewer.frames()) >= before + count, timeout);
}
