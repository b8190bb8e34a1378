// Subject: Playwright's recordVideo. It wants an FFmpeg of its own; where that isn't installed, the system's FFmpeg takes its place
// (it has the same encoder, libvpx).
import { existsSync } from "node:fs";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { chromiumArgs, chromiumPath, VIEWPORT } from "../browser.ts";
import type { RunningSubject, SubjectContext } from "./subject.ts";

interface BrowsersJson {
  browsers: { name: string; revision: string }[];
}

async function ffmpegFolderName(): Promise<string> {
  const packageJson = createRequire(import.meta.url).resolve("playwright-core/package.json");
  const list = JSON.parse(await readFile(join(dirname(packageJson), "browsers.json"), "utf8")) as BrowsersJson;
  return `ffmpeg-${list.browsers.find(({ name }) => name === "ffmpeg")?.revision}`;
}

function systemFfmpeg(): string {
  const onPath = (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, "ffmpeg"));
  const found = [process.env.FLYBROWSER_FFMPEG, ...onPath].find((path) => path !== undefined && existsSync(path));
  if (!found)
    throw new Error("Playwright's FFmpeg isn't installed, and there is none on the PATH to put in its place.");
  return found;
}

/** Puts the system's FFmpeg where Playwright looks, unless it has its own. To be called before it is loaded. */
async function provideFfmpeg(folder: string): Promise<void> {
  const name = await ffmpegFolderName();
  if (existsSync(join(homedir(), ".cache/ms-playwright", name))) return;
  const registry = join(folder, "playwright-registry");
  await mkdir(join(registry, name), { recursive: true });
  await symlink(systemFfmpeg(), join(registry, name, "ffmpeg-linux"));
  await writeFile(join(registry, name, "INSTALLATION_COMPLETE"), "");
  process.env.PLAYWRIGHT_BROWSERS_PATH = registry;
}

/** Opens the page in a context that records video. */
export async function start({ page_url, folder }: SubjectContext): Promise<RunningSubject> {
  await provideFfmpeg(folder);
  const { chromium } = await import("playwright-core");
  const browser = await chromium.launch({
    executablePath: chromiumPath(),
    args: chromiumArgs(),
    ignoreDefaultArgs: ["--mute-audio"],
  });
  const context = await browser.newContext({
    viewport: { ...VIEWPORT },
    recordVideo: { dir: folder, size: { ...VIEWPORT } },
  });
  const page = await context.newPage();
  await page.goto(page_url);
  return {
    async finish() {
      await context.close();
      const file = (await page.video()?.path()) ?? null;
      await browser.close();
      return { file, painted: null };
    },
  };
}
