// What becomes of media files that were recorded, by real FFmpeg: joined pieces, gaps, chapters, WebM, half fragments; and
// disks that are full.
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { finishRecording } from "../../native-host/sinks/recording/finish.ts";
import type { LookAtDisk } from "../../native-host/sinks/recording/free-space.ts";
import { mediaFileName } from "../../native-host/sinks/recording/media-files.ts";
import type { RecordableStream } from "../../native-host/sinks/recording/recording.ts";
import { Recordings } from "../../native-host/sinks/recording/recordings.ts";
import { type RecordingJournal, writeJournal } from "../../protocol/node/recording-files.ts";
import type { Task } from "../../protocol/results.ts";
import { recordableStream, writeRun } from "../fixtures/recording/stream.ts";
import { until } from "./harness/processes.ts";
import { frameSizes, frameTimes, probeFile } from "./harness/recorded.ts";
import {
  endAfterOneTick,
  makePiece,
  makeSizedPiece,
  pieceBytes,
  type RecordedMediaOptions,
} from "./harness/recorded-media.ts";
import { watch } from "./harness/watch.ts";

let root: string;
let media: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "flybrowser-finish-"));
  media = join(root, "media");
  mkdirSync(media);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const STARTED = Date.parse("2026-01-31T10:00:00Z");

function journal(change: Partial<RecordingJournal> = {}): RecordingJournal {
  return {
    ...{ version: 1, recording_id: "recording_1", stream_id: "s", status: "finishing", format: "mp4", pid: 1 },
    ...{ file_path: join(root, "file.mp4"), title: "A = b; #1", url: "https://example.com/?a=1", tasks: [] },
    ...{ started_at: new Date(STARTED).toISOString(), duration_seconds: 1, size_bytes: 1, chapters: [] },
    ...{ progress: null, error: null, stream_started_at: STARTED, attempts: 1 },
    ...change,
  };
}

async function finish(pieces: readonly RecordedMediaOptions[], change: Partial<RecordingJournal> = {}) {
  for (const [piece, options] of pieces.entries()) await makePiece(media, { piece, ...options });
  const progress: number[] = [];
  const file = await finishRecording({
    folder: media,
    journal: journal(change),
    ffmpeg_path: "ffmpeg",
    onProgress: (share) => progress.push(share),
    signal: new AbortController().signal,
  });
  const probed = await probeFile(file.file_path);
  expect(Math.abs(Number(probed.format.duration) - file.duration_seconds)).toBeLessThan(0.011); // in hundredths
  expect(Math.abs(Number(probed.format.start_time))).toBeLessThan(0.03); // AAC begins with its priming
  expect(Number(video(probed)?.start_time)).toBe(0);
  expect((await frameTimes(file.file_path)).at(-1)?.duration).toBeGreaterThan(0.02);
  return { file, progress, seen: await watch(file.file_path), probed };
}

/** Flashes of the file, as whole seconds since the first. */
function expectTimes({ flashes, beeps }: Awaited<ReturnType<typeof watch>>, expected: readonly number[]): void {
  for (const at of expected) {
    const near = (times: readonly number[]) => Math.min(...times.map((time) => Math.abs(time - at)));
    expect(near(flashes), `flash at ${at}: ${flashes}`).toBeLessThan(0.05);
    expect(near(beeps), `beep at ${at}: ${beeps}`).toBeLessThan(0.04);
  }
}

const video = ({ streams }: Awaited<ReturnType<typeof probeFile>>) =>
  streams.find(({ codec_type }) => codec_type === "video");
const HIGH = [
  "-c:v",
  "libx264",
  "-profile:v",
  "high",
  "-preset",
  "veryfast",
  "-g",
  "30",
  "-video_track_timescale",
  "90000",
];

const VP9 = ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-g", "30", "-b:v", "500k"];

describe("a file", () => {
  test("begins at 0 wherever the recording began on the stream's clock", async () => {
    const { file, seen, probed } = await finish([{ start: 3600, duration: 3 }]);
    expect(file.duration_seconds).toBeCloseTo(3, 1);
    expect(Number(probed.format.duration)).toBeCloseTo(3, 1);
    expect(seen.frames).toBe(90);
    expectTimes(seen, [1, 2]);
    expect(probed.format.tags).toMatchObject({ title: "A = b; #1", comment: "https://example.com/?a=1" });
    expect(probed.format.tags?.date).toBe("2026-01-31");
  });

  test.each([
    ["each with a time of its own", "+0.002*mod(N\\,2)/TB"],
    ["all with the same", ""],
  ])("shows its last picture until the sound ends, no picture for a tick; frames of its end: %s", async (_, jitter) => {
    // Pages that stand still give no frames for a while, and two frames may come at the same time.
    const select = "select=not(between(mod(n\\,30)\\,10\\,14))*lt(n\\,86)";
    const uneven = ["-vf", `${select},setpts=PTS-eq(mod(N\\,25)\\,20)*0.0333/TB${jitter}`, "-fps_mode", "passthrough"];
    await makePiece(media, { duration: 3, video: [...uneven, ...HIGH] });
    endAfterOneTick(media);
    const { file, probed } = await finish([]);
    const frames = await frameTimes(file.file_path);
    expect(frames).toHaveLength(71);
    expect(Math.min(...frames.map(({ duration }) => duration))).toBeGreaterThan(0.003);
    const { time = 0, duration = 0 } = frames.at(-1) ?? {};
    expect(Math.abs(time + duration - file.duration_seconds)).toBeLessThan(0.03);
    expect(duration).toBeGreaterThan(0.04); // and not by the frame rate that FFmpeg guesses
    const [count = 0, of = 1] = (video(probed)?.avg_frame_rate ?? "").split("/").map(Number);
    expect(count / of).toBeCloseTo(71 / 3, 0);
  });

  test.each([
    ["mp4", 30, HIGH],
    ["webm", 25, VP9],
  ] as const)("has evenly spaced frames if that was asked for: %s, %i a second", async (format, frame_rate, codec) => {
    const uneven = ["-vf", "select=not(between(mod(n\\,30)\\,10\\,17))", "-fps_mode", "passthrough"];
    const pieces = [
      { start: 5, duration: 2, video: [...uneven, ...codec] },
      { start: 7.5, duration: 1, size: "160x90", video: codec },
    ];
    const { seen, file, probed } = await finish(pieces, {
      format,
      frame_rate,
      file_path: join(root, `even.${format}`),
    });
    expect(video(probed)).toMatchObject({ r_frame_rate: `${frame_rate}/1`, width: 320, height: 180 });
    const frames = await frameTimes(file.file_path);
    expect(Math.abs(frames.length - 3.5 * frame_rate)).toBeLessThanOrEqual(2);
    for (const [index, { time }] of frames.entries()) expect(Math.abs(time - index / frame_rate)).toBeLessThan(0.001);
    expectTimes(seen, [1, 2.5]);
  });

  test("joins runs of another encoder and time base, sound and picture in step, the gap kept", async () => {
    const { file, seen } = await finish([
      { start: 10, duration: 2.5 },
      { start: 14, duration: 2.5, video: HIGH },
      { start: 16.5, duration: 2.5 },
    ]);
    expect(Math.abs(file.duration_seconds - 9)).toBeLessThan(0.1); // the sound is encoded anew, in whole frames
    expect(seen.complaints.filter((line) => !line.startsWith("[null"))).toEqual([]);
    expect(seen.frames).toBe(225);
    expect(seen.longest_gap).toBeCloseTo(1.5, 1);
    expectTimes(seen, [1, 2, 5, 6, 7.5, 8.5]);
  });

  test("gets the size that lasted longest in all, not that of the longest piece", async () => {
    const { file, probed } = await finish([
      { duration: 1.5 },
      { start: 1.5, duration: 2, size: "160x90" },
      { start: 3.5, duration: 1.5 },
    ]);
    expect(video(probed)).toMatchObject({ width: 320, height: 180 });
    expect(await frameSizes(file.file_path)).toEqual(["320x180"]);
  });

  test("gets the size that lasted longest", async () => {
    const { seen, probed } = await finish([
      { duration: 1.5, size: "160x90" },
      { start: 1.5, duration: 3.5 },
    ]);
    expect(video(probed)).toMatchObject({ width: 320, height: 180 });
    expect(seen.last_frame).toBeCloseTo(5, 0);
    expectTimes(seen, [1, 2.5, 3.5, 4.5]);
  });

  test("has one size, whatever sizes came in band, with every frame in its time", async () => {
    await makePiece(media, { duration: 3, start: 5 });
    await makeSizedPiece(media, ["320x180", "90x180", "320x180"]);
    const { seen, probed } = await finish([]);
    expect(video(probed)).toMatchObject({ width: 320, height: 180 });
    expect(await frameSizes(join(root, "file.mp4"))).toEqual(["320x180"]);
    expect(seen.frames).toBe(90);
    expect(seen.longest_gap).toBeLessThan(0.1);
  });

  test("joins H.265", async () => {
    const hevc = ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:keyint=30"];
    const { seen, probed } = await finish([
      { duration: 2, video: hevc },
      { start: 2, duration: 2, video: [...hevc.slice(0, -1), "log-level=none:keyint=30:ref=2"] },
    ]);
    expect(video(probed)).toMatchObject({ codec_name: "hevc" });
    expect(seen.frames).toBe(120);
    expectTimes(seen, [1, 3]);
  });

  test("is WebM with Opus for VP9", async () => {
    const path = join(root, "file.webm");
    const { file, seen, probed } = await finish([{ start: 5, duration: 3, video: VP9 }], {
      format: "webm",
      file_path: path,
    });
    expect(file.file_path).toBe(path);
    expect(probed.streams.map(({ codec_name }) => codec_name).sort()).toEqual(["opus", "vp9"]);
    expectTimes(seen, [1, 2]);
  });

  test.each([
    ["VP9", "webm", VP9],
    ["H.265", "mp4", ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:keyint=30"]],
  ] as const)("of %s has one size too, that which lasted longest in all", async (_codec, format, video_options) => {
    const path = join(root, `sized.${format}`);
    const piece = { duration: 1.5, video: video_options };
    const pieces = [piece, { ...piece, start: 1.5, duration: 2, size: "160x90" }, { ...piece, start: 3.5 }];
    const { seen, probed } = await finish(pieces, { format, file_path: path });
    expect(video(probed)).toMatchObject({ width: 320, height: 180 });
    expect(await frameSizes(path)).toEqual(["320x180"]);
    expectTimes(seen, [1, 2.5, 3.5, 4.5]);
  });

  test("needs no sound", async () => {
    const { seen, probed } = await finish([{ duration: 2, audio: false }]);
    expect(probed.streams.filter(({ codec_type }) => codec_type === "audio")).toEqual([]);
    expect(seen.frames).toBe(60);
  });

  test("has tasks as chapters", async () => {
    const at = (seconds: number) => new Date(STARTED + (20 + seconds) * 1000).toISOString();
    const base = { detail: null, parent_id: null, state: "done" } as const;
    const tasks: Task[] = [
      { ...base, task_id: "1", name: "before", started_at: at(-9), ended_at: at(-8) },
      { ...base, task_id: "2", name: "log in; pay", started_at: at(0.5), ended_at: at(1.5) },
      { ...base, task_id: "3", name: "goes on", started_at: at(2), ended_at: null },
    ];
    const { file, probed } = await finish([{ start: 20, duration: 3 }], { tasks });
    expect(file.chapters).toEqual([
      { title: "log in; pay", start_seconds: 0.5, end_seconds: 1.5 },
      { title: "goes on", start_seconds: 2, end_seconds: expect.closeTo(3, 1) },
    ]);
    expect(probed.chapters.map(({ start_time, tags }) => [Number(start_time), tags?.title])).toEqual([
      [0, "A = b; #1"],
      [0.5, "log in; pay"],
      [2, "goes on"],
    ]);
  });

  test("is made of what is whole where a host died in the middle of a write", async () => {
    await makePiece(media, { duration: 3 });
    const path = join(media, mediaFileName(0, "video"));
    truncateSync(path, statSync(path).size - 1000);
    appendFileSync(join(media, mediaFileName(0, "audio")), Buffer.from("0000ffff6d646174aa", "hex"));
    const { seen, file } = await finish([]);
    expect(seen.complaints).toEqual([]);
    expect(seen.frames).toBeGreaterThan(75);
    expect(file.duration_seconds).toBeGreaterThan(2.5);
  });

  test("comes under another name where its own was taken meanwhile", async () => {
    appendFileSync(join(root, "file.mp4"), "somebody else's");
    const { file } = await finish([{ duration: 1 }]);
    expect(file.file_path).toBe(join(root, "file (2).mp4"));
    expect(readdirSync(root).sort()).toEqual(["file (2).mp4", "file.mp4", "media"]);
  });

  test("that can't be made leaves its media and no half file", async () => {
    await makePiece(media, { duration: 1 });
    const before = readdirSync(media).sort();
    const made = finishRecording({
      ...{ folder: media, journal: journal(), ffmpeg_path: "/bin/false" },
      ...{ onProgress: () => {}, signal: new AbortController().signal },
    });
    await expect(made).rejects.toMatchObject({ code: "recording_failed" });
    expect(readdirSync(media)).toEqual(expect.arrayContaining(before));
    expect(readdirSync(root)).toEqual(["media"]);
  });
});

/** A stream whose media are given by hand. */
async function fakeStream(): Promise<RecordableStream> {
  await makePiece(media, { duration: 3 });
  return recordableStream({ stream_id: "stream_1", identity: { started_at: STARTED } });
}

/** Three seconds in a run of their own. */
function give(stream: RecordableStream, run = 0): void {
  writeRun(stream.media, run, { video: pieceBytes(media, "video"), audio: pieceBytes(media, "audio") }).close();
}

describe("a disk", () => {
  const GB = 1_000_000_000;

  test("with too little space from the start: nothing begins, nothing is left", async () => {
    const stream = await fakeStream();
    const look: LookAtDisk = async () => ({ free: 10_000_000, disk: 1 });
    const home = join(root, "home");
    const recordings = new Recordings({ home, ffmpegPath: async () => "ffmpeg", look });
    const path = join(root, "talk.mp4");
    await expect(recordings.start(stream, { path })).rejects.toMatchObject({ code: "disk_full" });
    expect(existsSync(path)).toBe(false);
    expect(recordings.list()).toEqual([]);
  });

  test("that fills up: the recording ends with what it has and says why, the stream is not touched", async () => {
    const stream = await fakeStream();
    let free = GB;
    const recordings = new Recordings({
      ...{ home: join(root, "home"), ffmpegPath: async () => "ffmpeg" },
      look: async () => ({ free, disk: 1 }),
    });
    const started = await recordings.start(stream, { path: join(root, "talk.mp4") });
    give(stream);
    free = 20_000_000;
    await until("it to end by itself", () => recordings.find(started.recording_id)?.status === "finished");
    const stopped = await recordings.stop("stream_1");
    expect(stopped).toMatchObject({ status: "finished", error: { code: "disk_full" } });
    expect((await watch(stopped.file_path)).frames).toBe(90);
    give(stream, 1); // its media still come
    expect(stream.media.reports).toEqual([]);
  });

  test("that is full in the middle of finishing: the media are kept, and a later start makes the file", async () => {
    const stream = await fakeStream();
    const home = join(root, "home");
    const failing = new Recordings({ home, ffmpegPath: async () => "/bin/false" });
    const { recording_id } = await failing.start(stream, { path: join(root, "talk.mp4") });
    give(stream);
    await expect(failing.stop("stream_1")).rejects.toMatchObject({ code: "recording_failed" });
    const stored = failing.find(recording_id);
    expect(stored).toMatchObject({ status: "failed", error: { code: "recording_failed" } });
    const next = new Recordings({ home, ffmpegPath: async () => "ffmpeg" });
    writeJournal(join(home, recording_id), { ...journal(), ...stored, status: "failed", pid: 2 ** 22 + 1 }, false);
    expect(await next.recover()).toBe(1);
    expect(next.find(recording_id)).toMatchObject({ status: "recovered", error: { code: "recording_failed" } });
    expect((await watch(join(root, "talk.mp4"))).frames).toBe(90);
    expect(await next.recover()).toBe(0);
    expect(dirname(stored?.file_path ?? "")).toBe(root);
  });
});
