// A tab that is recorded, while streams come and go. The host's part of it: test/host/recording.test.ts.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FlyBrowser } from "../../sdk/index.ts";
import { watchPattern } from "../e2e/harness/media.ts";
import { type Pages, servePages } from "../e2e/harness/pages.ts";

let pages: Pages;
let folder: string;
const before = process.env.FLYBROWSER_RECORDINGS_DIR;

beforeAll(async () => {
  pages = await servePages();
  folder = mkdtempSync(join(tmpdir(), "recording-test-"));
  process.env.FLYBROWSER_RECORDINGS_DIR = join(folder, "notes");
});

afterAll(async () => {
  if (before === undefined) delete process.env.FLYBROWSER_RECORDINGS_DIR;
  else process.env.FLYBROWSER_RECORDINGS_DIR = before;
  await pages.close();
  rmSync(folder, { recursive: true, force: true });
});

const seconds = (count: number) => new Promise((resolve) => setTimeout(resolve, count * 1000));

test("a tab without a stream is recorded; streams come and go, the recording goes on, in one file", async () => {
  const browser = await FlyBrowser.launch({ viewport: { width: 640, height: 360 } });
  try {
    await browser.goto(pages.url("pattern.html"));
    const path = join(folder, "alone.mp4");
    const started = await browser.startRecording({ path });
    expect(started).toMatchObject({ status: "recording", file_path: path });
    await expect(browser.startRecording()).rejects.toMatchObject({ code: "recording_already_active" });
    const first = browser.beginTask("Before anybody saw it");
    expect(await browser.getStreamStatus()).toMatchObject({ active: false, error: "No active stream" });
    await seconds(2);
    browser.endTask(first.task_id);
    await expect(browser.startStream({ quality: "medium" })).rejects.toMatchObject({
      code: "unsupported_combination",
      message: expect.stringContaining("high"),
    });
    const stream = await browser.startStream();
    const { status } = await browser.getStreamStatus();
    expect(status?.recording).toMatchObject({ recording_id: started.recording_id, status: "recording" });
    expect(status?.tasks).toEqual([]);
    await seconds(2);
    expect(await browser.stopStream()).toMatchObject({ success: true, stream_id: stream.stream_id });
    expect(await browser.stopStream()).toMatchObject({ success: false });
    expect(await browser.getStreamStatus()).toMatchObject({ active: false });
    await browser.task("Afterwards", () => seconds(2));
    const stopped = await browser.stopRecording();
    expect(stopped).toMatchObject({ status: "finished", file_path: path, error: null });
    expect(stopped.chapters.map(({ title }) => title)).toEqual(["Before anybody saw it", "Afterwards"]);
    await expect(browser.stopRecording()).rejects.toMatchObject({ code: "no_active_recording" });
    const watched = await watchPattern(path, 20);
    expect(stopped.duration_seconds).toBeGreaterThan(5);
    const numbers = watched.frames.map(({ time }) => time);
    expect(numbers.at(-1) as number).toBeGreaterThan((numbers[0] as number) + 5_000);
    // One encoding all the way: neither the stream's coming nor its going left a hole.
    const gaps = numbers.slice(1).map((time, index) => time - (numbers[index] as number));
    expect(Math.max(...gaps)).toBeLessThan(1_500); // a busy machine leaves holes too
    // The tab is free again: the other order.
    await browser.startStream({ quality: "medium" });
    const other = await browser.startRecording({ path: join(folder, "other.mp4") });
    await browser.stopStream();
    await seconds(1.5);
    const ended = await browser.stopRecording();
    expect(ended).toMatchObject({ status: "finished", recording_id: other.recording_id });
    expect(ended.duration_seconds).toBeGreaterThan(1);
  } finally {
    await browser.close();
  }
});
