// The recorder on a stream of real media: what it writes, where it begins, and what it leaves out.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FanOut } from "../../../../../native-host/media/fan-out.ts";
import { FragmentReader } from "../../../../../native-host/media/fragment-reader.ts";
import type { MediaUnit } from "../../../../../native-host/media/unit.ts";
import { RECORDER_SINK, Recorder, type RecorderOptions } from "../../../../../native-host/sinks/recording/recorder.ts";
import { scanTrack } from "../../../../../native-host/sinks/recording/track-scan.ts";
import { RENDITIONS, writeRun } from "../../../../fixtures/recording/stream.ts";
import { makeRun } from "../../packager/media.ts";

let folder: string;
let media: FanOut;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "flybrowser-recorder-"));
  media = new FanOut();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function record(change: Partial<RecorderOptions> = {}, limits = RECORDER_SINK.limits) {
  const onError = (error: unknown) => expect.unreachable(String(error));
  const recorder = new Recorder({ folder, onEnd: () => {}, onError, ...change });
  return { recorder, attachment: media.attach(recorder, { ...RECORDER_SINK, ...(limits ? { limits } : {}) }) };
}

const scanned = (name: string) => scanTrack(join(folder, name));

/** A disk that takes nothing before it is let. */
function slowDisk() {
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const openFile = (path: string) => held.then(() => open(path, "a"));
  return { openFile, letGo: () => letGo() };
}

test("writes a run down, whole", async () => {
  const { recorder, attachment } = record();
  writeRun(media, 0, await makeRun({ seconds: 3, offset: 10 }));
  await attachment.finish();
  expect(recorder.recorded.duration_seconds).toBeCloseTo(3, 1);
  expect(await scanned("0000-video.mp4")).toMatchObject({ has_gaps: false });
  const [video, audio] = [await scanned("0000-video.mp4"), await scanned("0000-audio.mp4")];
  expect(video?.start).toBeCloseTo(10_000, -1.5);
  expect(video?.end).toBeCloseTo(13_000, -2);
  expect(Math.abs((audio?.start ?? 0) - 10_000)).toBeLessThan(100);
  expect(video?.whole_bytes).toBe(video?.bytes);
  expect(recorder.recorded.bytes).toBe((video?.bytes ?? 0) + (audio?.bytes ?? 0));
});

test("that comes in the middle gets all since the last keyframe, and its sound", async () => {
  writeRun(media, 0, await makeRun({ seconds: 3, offset: 0 }));
  await record().attachment.finish();
  const video = await scanned("0000-video.mp4");
  expect(video?.start).toBeCloseTo(2_000, -1.5);
  const audio = await scanned("0000-audio.mp4");
  expect(audio?.start).toBeLessThan(2_030);
  expect(audio?.start).toBeGreaterThan(1_700);
});

test("same init segments go on in the same files, others begin new ones", async () => {
  const onEnd = vi.fn();
  const { recorder } = record({ onEnd });
  writeRun(media, 0, await makeRun({ seconds: 1, offset: 0 })).close();
  writeRun(media, 1, await makeRun({ seconds: 1, offset: 2 })).close();
  const { video } = await makeRun({ seconds: 1, offset: 4 });
  writeRun(media, 2, { video });
  media.end();
  await vi.waitFor(() => expect(onEnd).toHaveBeenCalledOnce());
  expect(readdirSync(folder).sort()).toEqual(["0000-audio.mp4", "0000-video.mp4", "0001-video.mp4"]);
  expect(await scanned("0000-video.mp4")).toMatchObject({ has_gaps: true });
  expect(recorder.recorded.duration_seconds).toBeCloseTo(5, 0);
});

test("goes on after what a host before has recorded", async () => {
  const before = { pieces: 2, bytes: 1_000, first_media_time: 4_000 };
  const { recorder, attachment } = record({ before });
  expect(recorder.recorded).toEqual({ duration_seconds: 0, bytes: 1_000, first_media_time: 4_000 });
  writeRun(media, 0, await makeRun({ seconds: 1, offset: 10 }));
  await attachment.finish();
  expect(readdirSync(folder).sort()).toEqual(["0002-audio.mp4", "0002-video.mp4"]);
  expect(recorder.recorded.duration_seconds).toBeCloseTo(7, 1);
});

test("a run is written from its first keyframe on, also where the fan-out has lost it", async () => {
  const units: MediaUnit[] = [];
  const run = await makeRun({ seconds: 2, offset: 0 });
  media.attach({ name: "list", openRun: () => {}, write: (unit) => void units.push(unit) });
  writeRun(media, 0, run);
  const init = media.run?.inits ?? [];
  const recorder = new Recorder({ folder, onEnd: () => {}, onError: () => {} });
  recorder.openRun({ run: 0, inits: init });
  for (const unit of units.slice(1)) await recorder.write(unit);
  await recorder.close();
  expect((await scanned("0000-video.mp4"))?.start).toBeCloseTo(1_000, -1.5);
});

test("a slow disk costs whole groups of pictures, counted; what waits at the end is written", async () => {
  const { openFile, letGo } = slowDisk();
  const run = await makeRun({ seconds: 6, offset: 0, keyframes: 15 });
  const { recorder, attachment } = record(
    { openFile, batch: { ms: 20, bytes: 10_000 } },
    { bytes: run.video.length / 4, span: 60_000 },
  );
  const half = Math.floor(run.video.length / 2);
  const assembler = writeRun(media, 0, { video: run.video.subarray(0, half), audio: run.audio });
  const { dropped_units, dropped_frames } = attachment.report;
  expect(dropped_units).toBeGreaterThan(2);
  expect(dropped_frames).toBeGreaterThan(15);
  letGo();
  for (let at = half; at < run.video.length; at += 10_000) {
    await vi.waitFor(() => expect(attachment.report.queued_bytes).toBe(0), { interval: 1 });
    assembler.write("video", run.video.subarray(at, at + 10_000));
  }
  await attachment.finish();

  const written: MediaUnit[] = [];
  const { video: rendition } = RENDITIONS;
  const reader = new FragmentReader({ rendition, run: 0, onInit: () => {}, onUnit: (unit) => written.push(unit) });
  reader.write(readFileSync(join(folder, "0000-video.mp4")));
  const behindHoles = written.filter((unit, index) => unit.dts - (written[index - 1]?.end ?? unit.dts) > 60);
  expect(behindHoles.length).toBeGreaterThan(0);
  expect(behindHoles.every(({ keyframe }) => keyframe)).toBe(true);
  expect(written.at(-1)?.end).toBeCloseTo(6_000, -2);
  expect(recorder.recorded.duration_seconds).toBeCloseTo(6, 1);
});

test("a disk that takes no more is told once; the recorder isn't tried again", async () => {
  const full = Object.assign(new Error("no space"), { code: "ENOSPC" });
  const onError = vi.fn();
  const { attachment } = record({ onError, openFile: () => Promise.reject(full) });
  writeRun(media, 0, await makeRun({ seconds: 1, offset: 0 }));
  await attachment.finish();
  expect(onError).toHaveBeenCalledExactlyOnceWith(full);
  expect(attachment.report).toMatchObject({ failures: 0, detached: false, dropped_units: 0 });
});
