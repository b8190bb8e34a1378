// The section "colour": how far the colours that viewers see are from those of the page, for each way and codec, with both of
// Chrome's compositors. Through the built SDK.
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import puppeteer, { type Browser } from "puppeteer-core";
import { sleep } from "../../protocol/async.ts";
import { launchBrowser } from "../browser.ts";
import type { BenchContext } from "../context.ts";
import { colourPage, SIZE } from "./page.ts";
import { type Seen, seenByBrowser, seenByFfmpeg } from "./viewers.ts";

/** One row. */
export interface ColourRow {
  readonly compositor: string;
  readonly stream: string;
  readonly viewer: string;
  readonly seen: Seen | null;
  readonly failed: string | null;
}

/** Switches of Chromium: its own choice on this machine, and compositing by a GPU that SwiftShader plays. */
const COMPOSITORS: Readonly<Record<string, readonly string[]>> = {
  "as it comes": [],
  "by GPU": ["--use-angle=swiftshader", "--enable-gpu", "--ignore-gpu-blocklist", "--enable-unsafe-swiftshader"],
};
const STREAMS: Readonly<Record<string, object>> = {
  "H.264": { quality: "ultra_low_latency" },
  "H.264, encoded by the host": { quality: "medium", width: 960, height: 540 },
  VP9: { quality: "high", codec: "vp9" },
  "H.265": { quality: "medium", codec: "h265" },
  "lossless H.264": { quality: "lossless" },
};
const WAYS = ["ll-hls", "dash", "webrtc"];
/** ms for a page to be drawn, and for a stream to have a few segments. */
const SETTLE = 3_000;

interface FlyBrowserLike {
  readonly page: { screenshot(options: object): Promise<Uint8Array> };
  goto(url: string): Promise<unknown>;
  startStream(options: object): Promise<{ player_url: string; hls_url: string }>;
  stopStream(): Promise<unknown>;
  startRecording(options: object): Promise<unknown>;
  stopRecording(): Promise<unknown>;
  close(): Promise<void>;
}
interface Sdk {
  FlyBrowser: { launch(options: object): Promise<FlyBrowserLike> };
}

/** Firefox, where there is one. */
async function launchFirefox(): Promise<Browser | null> {
  const executablePath = process.env.FLYBROWSER_FIREFOX ?? "/usr/bin/firefox-esr";
  return existsSync(executablePath) ? puppeteer.launch({ browser: "firefox", executablePath }) : null;
}

/** Measures all rows. @throws Error of the SDK when it can't start. */
export async function runColour(context: BenchContext): Promise<ColourRow[]> {
  const { FlyBrowser } = (await import(
    pathToFileURL(resolve(import.meta.dirname, "../../dist/sdk/index.js")).href
  )) as Sdk;
  const page = join(context.folder, "colours.html");
  await writeFile(page, colourPage());
  const rows: ColourRow[] = [];
  const chromium = await launchBrowser();
  const firefox = await launchFirefox();
  try {
    for (const [compositor, args] of Object.entries(COMPOSITORS)) {
      const browser = await FlyBrowser.launch({ headless: true, viewport: SIZE, args });
      const row = async (stream: string, viewer: string, look: () => Promise<Seen>) => {
        const result = await look().then(
          (seen) => ({ seen, failed: null }),
          (thrown: unknown) => ({ seen: null, failed: String(thrown).slice(0, 300) }),
        );
        rows.push({ compositor, stream, viewer, ...result });
      };
      try {
        await browser.goto(pathToFileURL(page).href);
        await sleep(SETTLE);
        const screenshot = join(context.folder, `${compositor.replaceAll(" ", "-")}.png`);
        await writeFile(screenshot, await browser.page.screenshot({ type: "png" }));
        for (const [stream, options] of Object.entries(STREAMS)) {
          context.progress(`colour: ${compositor}, ${stream}`);
          const started = await browser.startStream(options).catch((thrown: unknown) => String(thrown));
          if (typeof started === "string") {
            rows.push({ compositor, stream, viewer: "none", seen: null, failed: started });
            continue;
          }
          const { hls_url, player_url } = started;
          await sleep(SETTLE);
          await row(stream, "FFmpeg, HLS", () => seenByFfmpeg(hls_url, screenshot, context.folder));
          const ways = stream === "H.264" ? WAYS : stream === "VP9" ? WAYS.slice(0, 2) : [];
          for (const way of ways) {
            await row(stream, `Chromium, ${way}`, () => seenByBrowser(chromium, player_url, way));
            if (firefox) await row(stream, `Firefox, ${way}`, () => seenByBrowser(firefox, player_url, way));
          }
          await browser.stopStream();
        }
        const path = join(context.folder, `${compositor.replaceAll(" ", "-")}.mp4`);
        await browser.startRecording({ path });
        await sleep(2 * SETTLE);
        await browser.stopRecording();
        await row("recording, H.264", "FFmpeg", () => seenByFfmpeg(path, screenshot, context.folder));
      } finally {
        await browser.close();
      }
    }
  } finally {
    await chromium.close();
    await firefox?.close();
  }
  return rows;
}
