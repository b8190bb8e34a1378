// Browsers: our player, embedded in somebody's page, by each of its ways; and the libraries on pages of their own.
import { existsSync } from "node:fs";
import { sleep } from "../../protocol/async.ts";
import { findBrowser } from "../../sdk/find-browser.ts";
import { COLUMNS, ROWS, readPattern } from "../../test/e2e/harness/pattern.ts";
import { run } from "../../test/e2e/harness/run.ts";
import {
  type BrowserPage,
  FIREFOX,
  type OpenPage,
  openChromium,
  openFirefox,
  openWebKit,
  WEBKIT,
} from "./browser-page.ts";
import type { Addresses, Client, Watcher } from "./client.ts";
import { type Library, libraryVersion, type Site, serveSite } from "./site.ts";
import { type Seen, Stage } from "./stage.ts";

/** ms between two looks into the page. */
const PAUSE = 250;

/** Reads the cells of the video's picture fifteen times a second: "time of the look, 144 bits". Smoothed down in two steps. */
const READER = `(() => {
  const canvasOf = (width, height) => {
    const canvas = Object.assign(document.createElement("canvas"), { width, height });
    return canvas.getContext("2d", { willReadFrequently: true });
  };
  const [step, cells] = [canvasOf(${COLUMNS * 4}, ${ROWS * 4}), canvasOf(${COLUMNS}, ${ROWS})];
  const looks = [];
  setInterval(() => {
    const video = document.querySelector("video");
    if (!video || video.videoWidth === 0) return;
    step.drawImage(video, 0, 0, ${COLUMNS * 4}, ${ROWS * 4});
    cells.drawImage(step.canvas, 0, 0, ${COLUMNS}, ${ROWS});
    const { data } = cells.getImageData(0, 0, ${COLUMNS}, ${ROWS});
    let bits = "";
    for (let at = 0; at < data.length; at += 4) bits += data[at + 1] > 127 ? "1" : "0";
    looks.push([Date.now(), bits]);
  }, 66);
  window.takeLooks = () => looks.splice(0);
  return true;
})()`;

interface Browser {
  readonly name: string;
  readonly open: OpenPage;
  readonly path: () => string;
  /** It tells its version only where there is a screen. */
  readonly wants_screen?: boolean;
}

const BROWSERS: readonly Browser[] = [
  { name: "Chromium", open: openChromium, path: () => findBrowser(undefined) },
  { name: "Firefox", open: openFirefox, path: () => FIREFOX },
  { name: "WebKitGTK MiniBrowser", open: openWebKit, path: () => WEBKIT, wants_screen: true },
];

/** The ways of our player, by their names in its address. */
export const WAYS = { webrtc: "WebRTC", live: "live engine", "ll-hls": "low-latency HLS", hls: "HLS", dash: "DASH" };

async function versionOf({ path, wants_screen }: Browser): Promise<string | null> {
  try {
    if (!existsSync(path())) return null;
    const stage = wants_screen ? await Stage.open() : null;
    const { stdout } = await run(path(), ["--version"], { timeout: 20_000, env: stage?.env ?? {} }).finally(() =>
      stage?.close(),
    );
    return stdout.toString().match(/\d+\.\d+(?:\.\d+)*\w*/)?.[0] ?? null;
  } catch {
    return null;
  }
}

/** Watches in the page; its sound is what the stage's speaker plays. `ended`: an expression. */
async function watchIn(open: OpenPage, url: (site: Site) => string, frame: boolean, ended: string): Promise<Watcher> {
  const [stage, site] = await Promise.all([Stage.open(), serveSite()]);
  const seen: Seen[] = [];
  let page: BrowserPage | null = null;
  let closed = false;
  const close = async () => {
    closed = true;
    await page?.close().catch(() => {});
    await stage.close();
    await site.close();
  };
  try {
    page = await open(url(site), frame, stage.env);
    await page.evaluate(READER);
  } catch (error) {
    await close();
    throw error;
  }
  const watching = page;
  const look = async () => {
    while (!closed) {
      const looks = await watching.evaluate<[number, string][]>("window.takeLooks()").catch(() => []);
      for (const [at, bits] of looks) {
        const picture = readPattern(Uint8Array.from(bits, (bit) => (bit === "1" ? 255 : 0)));
        if (picture && picture.time > 0) seen.push({ ...picture, at });
      }
      await sleep(PAUSE);
    }
  };
  void look();
  // A viewer turns the sound on once there is a picture; the button is gone when it is on.
  void watching.click(".unmute-button").catch(() => {});
  return {
    ...{ began: page.began, seen, heard: stage.heard, close },
    ended: () => watching.evaluate<boolean>(ended).catch(() => false),
    took: () => watching.evaluate<string | null>(TAKEN).catch(() => null),
  };
}

const TAKEN = `document.querySelector(".player")?.getAttribute("data-protocol") ?? null`;
const OVER = `document.querySelector(".player")?.getAttribute("data-phase") === "ended"`;

/** Our player in each browser, by each way. */
export const PLAYERS: readonly Client[] = BROWSERS.flatMap((browser) =>
  Object.entries(WAYS).map(([protocol, way]) => ({
    ...{ name: `player in ${browser.name}`, way, protocol },
    version: () => versionOf(browser),
    watch: ({ player_url }: Addresses) => watchIn(browser.open, (site) => site.embed(player_url, protocol), true, OVER),
  })),
);

const ON_PAGES: readonly [Library, "HLS" | "DASH"][] = [
  ["hls.js", "HLS"],
  ["dash.js", "DASH"],
  ["Shaka", "HLS"],
  ["Shaka", "DASH"],
];

/** The libraries, in Chromium. */
export const ON_BARE_PAGES: readonly Client[] = ON_PAGES.map(([library, way]) => ({
  ...{ name: library, way },
  version: () => libraryVersion(library),
  watch: ({ hls_url, dash_url }: Addresses) =>
    watchIn(
      openChromium,
      (site) => site.library(library, way === "HLS" ? hls_url : dash_url),
      false,
      `document.querySelector("video").ended`,
    ),
}));
