// The recorder on a feed of real media: what it writes, where it begins, and what it leaves out.
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { MAX_WAITING } from "../../../../../native-host/sinks/recording/media-writer.ts";
import { Recorder } from "../../../../../native-host/sinks/recording/recorder.ts";
import { scanTrack } from "../../../../../native-host/sinks/recording/track-scan.ts";
import { MediaFeed, type MediaReader } from "../../../../../native-host/stream/media-feed.ts";
import { makeRun, type RunMedia } from "../../packager/media.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "flybrowser-recorder-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function recorder(): Recorder {
  return new Recorder({ folder, onEnd: () => {}, onError: (error) => expect.unreachable(String(error)) });
}

/** A run in pieces as small as pipes give them. */
function feedRun(feed: MediaFeed, number: number, media: RunMedia, tracks = ["video", "audio"] as const): void {
  feed.openRun(number, tracks);
  const size = 10_000;
  const most = Math.max(media.video.length, media.audio.length);
  for (let at = 0; at < most; at += size) {
    for (const kind of tracks) feed.write(number, kind, media[kind].subarray(at, at + size));
  }
}

const scanned = (name: string) => scanTrack(join(folder, name));

test("writes a run down, whole", async () => {
  const feed = new MediaFeed();
  const r = recorder();
  feed.add(r);
  feedRun(feed, 0, await makeRun({ seconds: 3, offset: 10 }));
  await r.close();
  expect(r.recorded.duration_seconds).toBeCloseTo(3, 1);
  expect(await scanned("0000-video.mp4")).toMatchObject({ has_gaps: false });
  const [video, audio] = [await scanned("0000-video.mp4"), await scanned("0000-audio.mp4")];
  expect(video?.start).toBeCloseTo(10_000, -1.5);
  expect(video?.end).toBeCloseTo(13_000, -2);
  expect(Math.abs((audio?.start ?? 0) - 10_000)).toBeLessThan(100);
  expect(video?.whole_bytes).toBe(video?.bytes);
});

test("that comes in the middle gets all since the last keyframe, and its sound", async () => {
  const feed = new MediaFeed();
  feedRun(feed, 0, await makeRun({ seconds: 3, offset: 0 }));
  const r = recorder();
  feed.add(r);
  await r.close();
  const video = await scanned("0000-video.mp4");
  expect(video?.start).toBeCloseTo(2_000, -1.5);
  const audio = await scanned("0000-audio.mp4");
  expect(audio?.start).toBeLessThan(2_030);
  expect(audio?.start).toBeGreaterThan(1_700);
});

test("same init segments go on in the same files, others begin new ones", async () => {
  const feed = new MediaFeed();
  const r = recorder();
  feed.add(r);
  feedRun(feed, 0, await makeRun({ seconds: 1, offset: 0 }));
  feedRun(feed, 1, await makeRun({ seconds: 1, offset: 2 }));
  const silent = await makeRun({ seconds: 1, offset: 4 });
  feed.openRun(2, ["video"]);
  feed.write(2, "video", silent.video);
  feed.end();
  await r.close();
  expect(readdirSync(folder).sort()).toEqual(["0000-audio.mp4", "0000-video.mp4", "0001-video.mp4"]);
  expect(await scanned("0000-video.mp4")).toMatchObject({ has_gaps: true });
  expect(r.recorded.duration_seconds).toBeCloseTo(5, 0);
});

test("a slow disk costs whole groups of pictures, counted", async () => {
  const r = new Recorder({
    folder,
    onEnd: () => {},
    onError: () => {},
    openFile: () => new Promise(() => {}), // never comes
  });
  const init = new Uint8Array(8);
  const header = { start: 0, duration: 100, frames: 3 };
  r.openRun({ run: 0, video: init, audio: init });
  const half = new Uint8Array(MAX_WAITING / 2);
  r.write("video", half, { ...header, keyframe: true });
  r.write("video", half, { ...header, keyframe: false }); // no room
  r.write("audio", new Uint8Array(10), { ...header, keyframe: true });
  r.write("video", new Uint8Array(10), { ...header, keyframe: false });
  r.write("video", new Uint8Array(10), { ...header, keyframe: true }); // a keyframe, but the queue is half full
  expect(r.recorded.dropped_fragments).toBe(4);
  expect(r.recorded.bytes).toBe(half.length + 16);
});

test("a reader that throws harms no other one", async () => {
  const feed = new MediaFeed();
  const write = vi.fn(() => {
    throw new Error("broken");
  });
  const bad: MediaReader = { openRun: () => {}, write };
  const end = vi.fn();
  feed.add(bad);
  feed.add({ openRun: () => {}, write: () => {}, end });
  feedRun(feed, 0, await makeRun({ seconds: 1, offset: 0 }));
  feed.end();
  expect(write.mock.calls.length).toBeGreaterThan(3);
  expect(end).toHaveBeenCalledOnce();
});
