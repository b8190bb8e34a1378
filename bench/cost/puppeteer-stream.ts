// Subject: puppeteer-stream, installed from npm into .cache/ at its first use, so that the project doesn't depend on it.
import { execFile } from "node:child_process";
import { createWriteStream, existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import type { Browser, Page } from "puppeteer-core";
import { chromiumArgs, chromiumPath, VIEWPORT } from "../browser.ts";
import type { RunningSubject, SubjectContext } from "./subject.ts";

const VERSION = "3.0.23";
const FOLDER = resolve(import.meta.dirname, "../../.cache/bench-peers");

interface PuppeteerStream {
  launch(options: object): Promise<Browser>;
  getStream(page: Page, options: object): Promise<Readable & { stop(): Promise<void> }>;
}

async function load(): Promise<PuppeteerStream> {
  if (!existsSync(join(FOLDER, "node_modules/puppeteer-stream"))) {
    await mkdir(FOLDER, { recursive: true });
    const options = ["--prefix", FOLDER, "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"];
    await promisify(execFile)("npm", ["install", ...options, `puppeteer-stream@${VERSION}`], { timeout: 120_000 });
  }
  return createRequire(join(FOLDER, "index.js"))("puppeteer-stream") as PuppeteerStream;
}

/** Opens the page and records it as the package's README shows. */
export async function start({ page_url, folder }: SubjectContext): Promise<RunningSubject> {
  const peer = await load();
  const browser = await peer.launch({
    executablePath: chromiumPath(),
    headless: "new",
    defaultViewport: { ...VIEWPORT },
    args: chromiumArgs(),
  });
  const page = await browser.newPage();
  await page.goto(page_url);
  const video = {
    mandatory: { minFrameRate: 30, maxFrameRate: 30, maxWidth: VIEWPORT.width, maxHeight: VIEWPORT.height },
  };
  const stream = await peer.getStream(page, {
    audio: true,
    video: true,
    videoConstraints: video,
    videoBitsPerSecond: 1_500_000,
    mimeType: "video/webm;codecs=vp8,opus",
  });
  const file = join(folder, "puppeteer-stream.webm");
  const written = pipeline(stream, createWriteStream(file)).catch(() => {}); // the socket ends as it ends
  return {
    async finish() {
      await stream.stop();
      await browser.close();
      stream.destroy();
      await written;
      return { file, painted: null };
    },
  };
}
