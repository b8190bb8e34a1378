// The section "start": how long `startStream` takes, and how long until a viewer who then opens the player sees the first frame.
// Through the built SDK, with a fresh browser each time.
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser } from "puppeteer-core";
import { sleep } from "../../protocol/async.ts";
import { launchBrowser, VIEWPORT } from "../browser.ts";
import type { BenchContext } from "../context.ts";
import { bundle } from "../pattern/bundle.ts";
import type { Seen } from "../pattern/reader.ts";
import { type Summary, summarize } from "../statistics.ts";

/** The section's figures, ms. */
export interface StartResult {
  /** From the call of `startStream` to its return. */
  readonly return: Summary;
  /** From the call of `startStream` to the first frame at a viewer who opens the player at the return. */
  readonly first_frame: Summary;
  /** From the opening of the player to that frame. */
  readonly open_to_first_frame: Summary;
}

const RUNS = 5;
const PICTURE_TIMEOUT = 20_000;
/** ms for a fresh browser to become quiet. */
const SETTLE = 2_000;

/** Of the SDK, what the bench needs. */
interface FlyBrowserLike {
  goto(url: string): Promise<unknown>;
  startStream(options: object): Promise<{ player_url: string }>;
  close(): Promise<void>;
}
interface Sdk {
  FlyBrowser: { launch(options: object): Promise<FlyBrowserLike> };
}

/** Opens the player and gives the moment of its first frame, ms since 1970. */
async function firstFrame(viewer: Browser, playerUrl: string, reader: string): Promise<number> {
  const page = await viewer.newPage();
  try {
    await page.evaluateOnNewDocument(reader);
    await page.goto(playerUrl, { waitUntil: "domcontentloaded", timeout: PICTURE_TIMEOUT });
    const end = Date.now() + PICTURE_TIMEOUT;
    for (;;) {
      const seen: Seen | undefined = await page.evaluate(() => window.takeReading().seen[0]);
      if (seen) return seen[2];
      if (Date.now() > end) throw new Error(`no frame within ${PICTURE_TIMEOUT / 1000} s`);
      await sleep(50);
    }
  } finally {
    await page.close();
  }
}

/** Measures five starts. @throws Error of the SDK when it can't start. */
export async function runStart(context: BenchContext): Promise<StartResult> {
  const { FlyBrowser } = (await import(
    pathToFileURL(resolve(import.meta.dirname, "../../dist/sdk/index.js")).href
  )) as Sdk;
  const reader = await bundle("bench/pattern/reader.ts");
  const url = context.pattern.url({ fps: 30, sound: true });
  const figures: { returned: number; first_frame: number; opened: number }[] = [];
  const viewer = await launchBrowser();
  try {
    for (let run = 0; run < (context.quick ? 2 : RUNS); run++) {
      context.progress(`start: run ${run + 1}`);
      const browser = await FlyBrowser.launch({ headless: true, viewport: { ...VIEWPORT } });
      try {
        await browser.goto(url);
        await sleep(SETTLE);
        const called = Date.now();
        const { player_url } = await browser.startStream({ quality: "medium" });
        const returned = Date.now();
        const seenAt = await firstFrame(viewer, player_url, reader);
        figures.push({ returned: returned - called, first_frame: seenAt - called, opened: seenAt - returned });
      } finally {
        await browser.close();
      }
    }
  } finally {
    await viewer.close();
  }
  return {
    return: summarize(figures.map(({ returned }) => returned)),
    first_frame: summarize(figures.map(({ first_frame }) => first_frame)),
    open_to_first_frame: summarize(figures.map(({ opened }) => opened)),
  };
}
