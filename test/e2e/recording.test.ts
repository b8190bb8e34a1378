// A tab recorded for real: the file plays in Chromium, sound and picture belong together. By the command:
// test/long/recording-command.test.ts; that it outlives a killed one: test/long/killed-recording.test.ts.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FlyBrowser } from "../../sdk/index.ts";
import { probe, watchPattern } from "./harness/media.ts";
import { type Pages, servePages } from "./harness/pages.ts";
import { beepDelay } from "./harness/sync.ts";

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

/** What the player element says; in the page. */
function playAndSeek(): Promise<{ duration: number; played: number; sought: number; width: number }> {
  const video = document.querySelector("video") as HTMLVideoElement;
  const event = (name: string) => new Promise((resolve) => video.addEventListener(name, resolve, { once: true }));
  video.muted = true;
  const begin = async () => {
    if (video.readyState < 1) await event("loadedmetadata");
    video.currentTime = 0;
    await event("seeked");
    await video.play();
    while (video.currentTime < 1) await event("timeupdate");
    const played = video.currentTime;
    video.pause();
    video.currentTime = video.duration - 1;
    await event("seeked");
    return { duration: video.duration, played, sought: video.currentTime, width: video.videoWidth };
  };
  return begin();
}

test("a recorded tab is a file that plays and seeks, with every picture and its sound", async () => {
  const browser = await FlyBrowser.launch({ viewport: { width: 640, height: 360 } });
  try {
    await browser.goto(pages.url("pattern.html"));
    const stream = await browser.startStream({ quality: "medium" });
    const path = join(folder, "talk.mp4");
    const started = await browser.startRecording({ path });
    expect(started).toMatchObject({ status: "recording", file_path: path, format: "mp4" });
    await seconds(5);
    const stopped = await browser.stopRecording();
    expect(stopped).toMatchObject({ status: "finished", file_path: path, error: null });
    expect(stopped.duration_seconds).toBeGreaterThan(4);
    expect(await browser.getStreamStatus()).toMatchObject({ active: true, stream_id: stream.stream_id });
    await browser.stopStream();
    const streamed = await watchPattern(stream.hls_url ?? "", 20); // for a while an ended stream can still be fetched

    expect((await probe(path)).map(({ codec_name }) => codec_name).sort()).toEqual(["aac", "h264"]);
    const watched = await watchPattern(path, 20);
    expect(watched.frames.length).toBeGreaterThan(0.98 * watched.pictures);
    // However busy this machine is: what was streamed meanwhile is in the file, picture for picture. One that was shown again,
    // since no other had come, may be cut in two by the beginning.
    const pictures = ({ frames }: typeof watched) =>
      frames.map(({ time }) => time).filter((time, index) => time !== frames[index - 1]?.time);
    const times = pictures(watched);
    const [first = 0, last = 0] = [times[0], times.at(-1)];
    const meanwhile = pictures(streamed).filter((time) => time >= first && time <= last);
    expect(meanwhile.length).toBeGreaterThan(30);
    expect(times).toEqual(meanwhile);
    expect(Math.abs(await beepDelay(path, 20, folder))).toBeLessThan(0.1);

    await browser.goto(pathToFileURL(path).href);
    const played = await browser.page.evaluate(playAndSeek);
    expect(played).toMatchObject({ width: 640 });
    expect(Math.abs(played.duration - stopped.duration_seconds)).toBeLessThan(0.3);
    expect(played.sought).toBeCloseTo(played.duration - 1, 1);
  } finally {
    await browser.close();
  }
});
