// Clips at length: where each player begins, the hardest GIF, other codecs, and a stretch with two runs in it.
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import puppeteer from "puppeteer-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findBrowser } from "../../sdk/find-browser.ts";
import { FlyBrowser } from "../../sdk/index.ts";
import { ffmpegsOf } from "../e2e/harness/chain.ts";
import { ffmpeg, probe, watchPattern } from "../e2e/harness/media.ts";
import { type Pages, servePages } from "../e2e/harness/pages.ts";
import { COLUMNS, ROWS, readPattern } from "../e2e/harness/pattern.ts";
import { beepDelay } from "../e2e/harness/sync.ts";
import { until } from "../e2e/harness/until.ts";

const FIREFOX = "/usr/bin/firefox-esr";
const VLC = "/usr/bin/cvlc";
/** ms between two pictures, and a little. */
const PICTURE = 70;

let pages: Pages;
let folder: string;
const before = process.env.XDG_VIDEOS_DIR;
beforeAll(async () => {
  pages = await servePages();
  folder = mkdtempSync(join(tmpdir(), "clip-test-"));
  chmodSync(folder, 0o777); // VLC doesn't run as root
  process.env.XDG_VIDEOS_DIR = folder;
});
afterAll(async () => {
  if (before === undefined) delete process.env.XDG_VIDEOS_DIR;
  else process.env.XDG_VIDEOS_DIR = before;
  await pages.close();
  rmSync(folder, { recursive: true, force: true });
});

const seconds = (count: number) => new Promise((resolve) => setTimeout(resolve, count * 1000));
const timesOf = async (path: string) => (await watchPattern(path, 120)).frames.map(({ time }) => time);

/** Time of the page in the first picture that a browser shows of a file, and in the one at 1 s. */
async function shownIn(browser: "chrome" | "firefox", path: string): Promise<number[]> {
  const files = await servePages({ "clip.mp4": path });
  const chrome = await puppeteer.launch({
    browser,
    executablePath: browser === "chrome" ? findBrowser(undefined) : FIREFOX,
    args: browser === "chrome" && process.getuid?.() === 0 ? ["--no-sandbox"] : [],
  });
  try {
    const page = await chrome.newPage();
    await page.goto(files.url("static.html"));
    const pictures = await page.evaluate(
      async (url, width, height) => {
        const video = document.createElement("video");
        // A server without ranges lets nobody seek.
        const src = URL.createObjectURL(await (await fetch(url)).blob());
        Object.assign(video, { src, muted: true, preload: "auto" });
        document.body.append(video);
        const canvas = document.createElement("canvas");
        Object.assign(canvas, { width, height });
        const drawing = canvas.getContext("2d") as CanvasRenderingContext2D;
        const shown: number[][] = [];
        while (video.readyState < 4) await new Promise((resolve) => setTimeout(resolve, 50));
        for (const at of [0, 1]) {
          const sought = new Promise((resolve) => video.addEventListener("seeked", resolve, { once: true }));
          video.currentTime = at;
          await sought;
          await new Promise((resolve) => setTimeout(resolve, 300));
          // One pixel of the middle of each cell.
          drawing.drawImage(video, 0, 0, width, height);
          const { data } = drawing.getImageData(0, 0, width, height);
          shown.push([...data].filter((_, index) => index % 4 === 1));
        }
        return shown;
      },
      files.url("clip.mp4"),
      COLUMNS,
      ROWS,
    );
    return pictures.map((cells) => readPattern(Uint8Array.from(cells))?.time ?? 0);
  } finally {
    await chrome.close();
    await files.close();
  }
}

/**
 * Times of the page in the pictures that VLC shows of a file. Its filter is made anew, and overwrites what it has written, where the group
 * that was encoded anew ends: the beginning is asked for alone, by a `--stop-time`.
 */
async function shownByVlc(path: string, options: readonly string[] = []): Promise<number[]> {
  const shots = mkdtempSync(join(folder, "vlc-"));
  chmodSync(shots, 0o777);
  const scene = ["--video-filter=scene", "--scene-format=png", "--scene-ratio=1", `--scene-path=${shots}`];
  const args = [VLC, "-q", "--no-audio", "--play-and-exit", "--vout=dummy", ...scene, ...options, path, "vlc://quit"];
  const user = process.getuid?.() === 0 ? ["runuser", "-u", "nobody", "--"] : [];
  const [program = "", ...rest] = [...user, "env", `HOME=${folder}`, ...args];
  execFileSync(program, rest, { stdio: "ignore", timeout: 40_000 });
  const times: number[] = [];
  for (const name of readdirSync(shots).sort()) times.push(...(await timesOf(join(shots, name))));
  return times;
}

test("H.264 begins and ends with the same pictures in FFmpeg, Chromium, Firefox and VLC", async () => {
  const browser = await FlyBrowser.launch({ viewport: { width: 640, height: 360 } });
  try {
    await browser.goto(pages.url("pattern.html"));
    await browser.startStream({ quality: "medium" });
    await seconds(3.3);
    const { file_path } = await browser.clip({ seconds: 2.6 });
    chmodSync(file_path, 0o644);
    const times = await timesOf(file_path);
    const [first = 0, last = 0] = [times[0], times.at(-1)];
    expect(Math.abs(last - first - 2600)).toBeLessThan(2 * PICTURE);
    for (const each of ["chrome", "firefox"] as const) {
      if (each === "firefox" && !existsSync(FIREFOX)) continue;
      const [at0 = 0, at1 = 0] = await shownIn(each, file_path);
      expect(Math.abs(at0 - first), each).toBeLessThan(PICTURE);
      expect(Math.abs(at1 - first - 1000), each).toBeLessThan(PICTURE);
    }
    if (existsSync(VLC)) {
      const shown = await shownByVlc(file_path);
      expect(shown.length, "VLC").toBeGreaterThan(20);
      expect(Math.max(...shown), "VLC").toBeLessThanOrEqual(last);
      const begun = await shownByVlc(file_path, ["--stop-time=0.4"]);
      expect(begun.length, "VLC").toBeGreaterThan(0);
      expect(Math.min(...begun), "VLC").toBeGreaterThanOrEqual(first);
      expect(Math.min(...begun) - first, "VLC").toBeLessThan(5 * PICTURE); // it is late with its first pictures on a busy machine
    }
    expect(Math.abs(await beepDelay(file_path, 5, folder))).toBeLessThan(0.12);
  } finally {
    await browser.close();
  }
}, 120_000);

test("ten seconds of noise are a GIF of 8 MiB at most", async () => {
  const browser = await FlyBrowser.launch({ viewport: { width: 640, height: 360 } });
  try {
    await browser.goto(pages.url("noise.html"));
    await browser.startStream({ quality: "medium" });
    await seconds(11);
    const gif = await browser.clip({ seconds: 10, format: "gif" });
    expect(statSync(gif.file_path).size).toBeLessThanOrEqual(8 * 1024 * 1024);
    expect(gif.duration_seconds).toBeGreaterThan(9);
    expect((await probe(gif.file_path))[0]).toMatchObject({ codec_name: "gif" });
    await browser.goto(pages.url("article.html"));
    await seconds(11);
    const page = await browser.clip({ seconds: 10, format: "gif" });
    expect((await probe(page.file_path))[0]).toMatchObject({ codec_name: "gif", width: 640 });
  } finally {
    await browser.close();
  }
}, 120_000);

test("VP9 begins at the keyframe before; two runs in one clip are one file", async () => {
  const browser = await FlyBrowser.launch({ viewport: { width: 640, height: 360 } });
  try {
    await browser.goto(pages.url("pattern.html"));
    await browser.startStream({ quality: "medium", codec: "vp9" });
    await seconds(4);
    const vp9 = await browser.clip({ seconds: 2.5 });
    expect((await probe(vp9.file_path)).map(({ codec_name }) => codec_name).sort()).toEqual(["aac", "vp9"]);
    expect(vp9.duration_seconds).toBeGreaterThan(2.4);
    expect(vp9.duration_seconds).toBeLessThan(4);
    await browser.stopStream();

    await browser.startStream({ quality: "medium" });
    await seconds(2);
    const [source] = ffmpegsOf(browser.page.browser().process()?.pid ?? 0);
    process.kill(source?.pid ?? 0, "SIGKILL");
    await until("the next run", async () => {
      const { status } = await browser.getStreamStatus();
      return status?.recovery_metrics.ffmpeg_restarts === 1 && status.state === "active";
    });
    await seconds(2);
    const { file_path, duration_seconds } = await browser.clip({ seconds: 5 });
    const times = await timesOf(file_path);
    expect(((times.at(-1) ?? 0) - (times[0] ?? 0)) / 1000).toBeGreaterThan(3);
    expect(duration_seconds).toBeLessThan(5.1);
    await ffmpeg(["-v", "error", "-xerror", "-i", file_path, "-f", "null", "-"], 30_000);
  } finally {
    await browser.close();
  }
}, 120_000);
