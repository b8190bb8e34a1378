// Clips of a live stream: exact at both ends in FFmpeg and in Chromium, with their sound, small where they are to be, and nothing stops.
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FlyBrowser } from "../../sdk/index.ts";
import { ffmpeg, probe, soundLevel, watchPattern } from "../e2e/harness/media.ts";
import { type Pages, servePages } from "../e2e/harness/pages.ts";
import { run } from "../e2e/harness/run.ts";
import { beepDelay } from "../e2e/harness/sync.ts";

let pages: Pages;
let folder: string;
const before = process.env.XDG_VIDEOS_DIR;
beforeAll(async () => {
  pages = await servePages();
  folder = mkdtempSync(join(tmpdir(), "clip-test-"));
  process.env.XDG_VIDEOS_DIR = folder;
});
afterAll(async () => {
  if (before === undefined) delete process.env.XDG_VIDEOS_DIR;
  else process.env.XDG_VIDEOS_DIR = before;
  await pages.close();
  rmSync(folder, { recursive: true, force: true });
});

const seconds = (count: number) => new Promise((resolve) => setTimeout(resolve, count * 1000));

test("a task, some seconds and a moment as files, while the stream goes on", async () => {
  const browser = await FlyBrowser.launch({ viewport: { width: 640, height: 360 } });
  try {
    await browser.goto(pages.url("pattern.html"));
    await expect(browser.clip()).rejects.toMatchObject({ code: "no_active_stream" });
    const stream = await browser.startStream({ quality: "medium", renditions: "source" });
    await seconds(2.4);
    const task_id = await browser.task("Look", async ({ task_id }) => {
      await seconds(2.3);
      return task_id;
    });
    const [clip, gif, png] = [
      await browser.clip({ task_id }),
      await browser.clip({ task_id, format: "gif" }),
      await browser.clip({ task_id, format: "png" }),
    ];
    const last = await run(process.execPath, ["dist/cli/flybrowser.js", "clip", "--seconds", "3", "--json"]);
    const { started_at, ended_at } = browser.tasks[0] as { started_at: string; ended_at: string };
    await expect(browser.clip({ task_id: "task_of_nobody" })).rejects.toMatchObject({ code: "task_not_found" });
    await expect(browser.clip({ seconds: 1, task_id })).rejects.toMatchObject({ code: "invalid_option" });
    await expect(browser.clip({ format: "avi" as "gif" })).rejects.toMatchObject({ code: "invalid_option" });
    expect(await browser.getStreamStatus()).toMatchObject({ active: true, status: { state: "active" } });
    await browser.stopStream();

    const span = (Date.parse(ended_at) - Date.parse(started_at)) / 1000;
    expect(clip).toMatchObject({ format: "mp4", size_bytes: statSync(clip.file_path).size });
    expect(clip.file_path.startsWith(folder)).toBe(true);
    expect(Math.abs(clip.duration_seconds - span)).toBeLessThan(0.05); // a picture
    expect((await probe(clip.file_path)).map(({ codec_name }) => codec_name).sort()).toEqual(["aac", "h264"]);

    // Picture for picture what the stream has, from the first of the task to its last.
    const whole = await watchPattern(new URL("video.m3u8", stream.hls_url ?? "").href, 60);
    const all = whole.frames.map(({ time }) => time);
    const cut = (await watchPattern(clip.file_path, 60)).frames.map(({ time }) => time);
    const at = all.indexOf(cut[0] ?? 0);
    expect(cut).toEqual(all.slice(at, at + cut.length));
    const length = ((cut.at(-1) ?? 0) - (cut[0] ?? 0)) / 1000;
    expect(length).toBeLessThan(span + 0.05);
    expect(length).toBeGreaterThan(span - 0.15);
    expect((await soundLevel(clip.file_path, 10)).peak).toBeGreaterThan(-30);
    expect(Math.abs(await beepDelay(clip.file_path, 10, folder))).toBeLessThan(0.15);

    const lastSeconds = JSON.parse(last.stdout.toString()) as typeof clip;
    expect(lastSeconds.duration_seconds).toBeCloseTo(3, 1);
    expect(statSync(lastSeconds.file_path).size).toBe(lastSeconds.size_bytes);

    const [picture] = await probe(gif.file_path);
    expect(picture).toMatchObject({ codec_name: "gif", width: 640, height: 360 });
    expect(gif.size_bytes).toBeLessThan(8 * 1024 * 1024);
    expect(gif.size_bytes).toBe(statSync(gif.file_path).size);
    expect(png).toMatchObject({ format: "png", duration_seconds: 0 });
    const moment = (await watchPattern(png.file_path, 1)).frames[0]?.time ?? 0;
    expect(Math.abs(moment - (cut.at(-1) ?? 0))).toBeLessThan(70);
    await ffmpeg(["-v", "error", "-xerror", "-i", clip.file_path, "-f", "null", "-"], 30_000);
  } finally {
    await browser.close();
  }
});
