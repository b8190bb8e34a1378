// The runs of one stream: what is asked for when one fails, what is counted, and that nothing is asked for after the end.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { EncoderVerdict } from "../../../../native-host/ffmpeg/encoders.ts";
import { Ingest } from "../../../../native-host/ingest/ingest.ts";
import type { IngestRun, IngestRunOptions } from "../../../../native-host/ingest/run.ts";
import { FanOut } from "../../../../native-host/media/fan-out.ts";
import { originNow, StreamClock } from "../../../../native-host/media/stream-clock.ts";
import { FlyBrowserError } from "../../../../protocol/errors.ts";
import type { RunOpening } from "../../../../protocol/native-messages.ts";
import { parseStartStreamOptions } from "../../../../protocol/options.ts";
import { changedQuality } from "../../../../protocol/quality-change.ts";
import { sentence } from "../../../../protocol/sentence.ts";

/** A run without FFmpeg, and what it was started with. */
interface Started {
  readonly options: IngestRunOptions;
  readonly kill: (because?: string | null) => Promise<void>;
}

const FAILED = new FlyBrowserError("ffmpeg_failed", { reason: "it was shot" });

let runs: Started[];
let asked: [string, boolean][];
let heard: string[];
let playable: boolean;
let unasked: number;
let keeps: boolean;
let verdicts: EncoderVerdict[];
let accepted: Record<number, number>;
let choose: () => Promise<unknown>;
let ingest: Ingest;

function startRun(options: IngestRunOptions): IngestRun {
  const kill = vi.fn(async (because: string | null = null) => {
    if (because !== null) options.onFailed(new FlyBrowserError("ffmpeg_failed", { reason: because }));
  });
  runs.push({ options, kill });
  const { run: number } = options.opening;
  const fake = {
    number,
    pid: 1000 + number,
    behind: 0,
    gave_for: 0,
    buffer_health: 100,
    finished: Promise.resolve(),
    kill,
    frozen: async () => false,
  };
  const write = (bytes: Buffer) => options.onAccepted(bytes.length);
  return { ...fake, write, finish: async () => {} } as unknown as IngestRun;
}

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  [runs, asked, heard, playable, unasked] = [[], [], [], true, 0];
  [keeps, verdicts] = [false, []];
  const begun = performance.now();
  [accepted, choose] = [{}, async () => []];
  ingest = new Ingest({
    ...{ stream_id: "s", clock: new StreamClock(originNow()) },
    options: parseStartStreamOptions({}),
    ...{ ffmpeg_path: "ffmpeg", fps_mode: true, cores: 4, media: new FanOut(), startRun },
    encoders: { choose: () => choose(), next: async () => null, known: () => verdicts } as never,
    keepsSize: () => keeps,
    silence: () => performance.now() - begun,
    playable: () => playable,
    events: {
      accepted: (run, bytes) => {
        accepted[run] = (accepted[run] ?? 0) + bytes;
      },
      runNeeded: (reason, orderly) => asked.push([reason, orderly]),
      opened: (byItself) => {
        if (byItself) unasked++;
      },
      changed: ({ quality }) => heard.push(`changed: ${quality}`),
      planned: () => heard.push("planned"),
      produced: () => {},
      recovering: (error) => heard.push(`recovering: ${error.message}`),
      failed: (error) => heard.push(`failed: ${error.message}`),
    },
  });
});
afterEach(async () => {
  await ingest.kill();
  vi.useRealTimers();
});

function opening(run: number): RunOpening {
  return {
    ...{ stream_id: "s", run, captured_at: 500, sent_at: 0, clock: 1, mime_type: "video/x-matroska;codecs=avc1,opus" },
    ...{ width: 1280, height: 720, has_audio: true, matrix: "bt709", sound_late: 0 },
  };
}

/** Opens a run and sends what suffices to decide how it is made. */
function open(run: number, change: Partial<RunOpening> = {}): void {
  ingest.openRun({ ...opening(run), ...change });
  for (let chunk = 0; chunk < 10; chunk++) {
    ingest.write(run, Buffer.alloc(10_000), performance.now());
    vi.advanceTimersByTime(100);
  }
}

test("a run is started on the stream's clock, once it is known how", () => {
  expect([ingest.plan, ingest.has_audio, ingest.buffer_health]).toEqual([null, null, null]);
  open(0);
  expect(runs).toHaveLength(1);
  expect(runs[0]?.options.plan).toMatchObject({
    offset: 0.5,
    renditions: [
      { rendition: { id: "video", type: "video", codec: "h264", width: 1280, height: 720 }, make: { kind: "copy" } },
      { rendition: { id: "audio", type: "audio", codec: "aac" }, make: { kind: "aac" } },
    ],
  });
  expect(ingest).toMatchObject({ has_audio: true, ffmpeg_pids: [1000], awaits_run: false });
  expect(ingest).toMatchObject({ buffer_health: 100, ignored_bytes: 0, plan: { cap_broken: false } });
  expect(heard).toEqual(["planned"]);
});

test("after a failure a fresh run is asked for, until it comes", () => {
  open(0);
  runs[0]?.options.onFailed(FAILED);
  expect(ingest.awaits_run).toBe(true);
  expect(heard.at(-1)).toBe(`recovering: ${FAILED.message}`);
  expect(asked).toEqual([]);
  vi.advanceTimersByTime(1_000);
  expect(asked).toEqual([[FAILED.message, false]]);
  vi.advanceTimersByTime(6_000);
  expect(asked).toHaveLength(2);
  open(1);
  expect(ingest.awaits_run).toBe(false);
  vi.advanceTimersByTime(30_000);
  expect(asked).toHaveLength(2);
  expect(unasked).toBe(0);
});

test("a run that nobody asked for is a restart of the capture; the first one isn't", () => {
  open(0);
  expect(unasked).toBe(0);
  open(1);
  expect(unasked).toBe(1);
});

test("another quality: the run that was captured so has its cap and its sound at once, and is no restart", () => {
  open(0);
  const low = changedQuality(parseStartStreamOptions({}), "low_bandwidth", null);
  ingest.expect(low);
  open(1); // of the quality before: a restart for other reasons
  expect([unasked, ingest.options.quality]).toEqual([1, "high"]);
  ingest.openRun({ ...opening(2), quality: "low_bandwidth", width: 852, height: 480 });
  ingest.write(2, Buffer.alloc(100), performance.now());
  expect([unasked, ingest.options]).toEqual([1, low]);
  expect(ingest.plan).toMatchObject({ video_bitrate: 500_000, keyframe_interval: 1000, frame_rate: 15, width: 852 });
  expect(ingest.plan).toMatchObject({ audio: { bitrate: 48_000 }, part_duration: 150, video: { kind: "copy" } });
  expect(heard.slice(-2)).toEqual(["changed: low_bandwidth", "planned"]);
  ingest.openRun({ ...opening(3), quality: "studio" }); // that nobody has announced
  expect(ingest.options.quality).toBe("low_bandwidth");
});

test("a failure of a run that is over already is nothing", () => {
  open(0);
  open(1);
  runs[0]?.options.onFailed(FAILED);
  expect(ingest.awaits_run).toBe(false);
  expect(heard.filter((word) => word !== "planned")).toEqual([]);
});

test("a run that takes media and gives none is ended, and a fresh one asked for", () => {
  open(0);
  const kill = runs[0]?.kill;
  for (let chunk = 0; chunk < 150; chunk++) {
    ingest.write(0, Buffer.alloc(10_000), 0);
    vi.advanceTimersByTime(100);
  }
  expect(kill).toHaveBeenCalledWith(sentence("stream.no_output"));
  expect(asked.at(-1)?.[0]).toMatch(/it takes media but gives none/);
});

test("it gives up after too many tries, sooner where there never was a picture", () => {
  playable = false;
  open(0);
  runs[0]?.options.onFailed(FAILED);
  vi.advanceTimersByTime(60_000);
  expect(heard.at(-1)).toBe(`failed: ${FAILED.message}`);
  expect(asked).toHaveLength(3);
});

test("once it is stopped it takes no fresh run and asks for none", () => {
  open(0);
  runs[0]?.options.onFailed(FAILED);
  ingest.stop();
  vi.advanceTimersByTime(30_000);
  expect(asked).toEqual([]);
  open(1);
  expect(runs).toHaveLength(1);
});

test.each(["stop", "finish", "kill"] as const)("a run that fails after %s is not asked for again", async (end) => {
  open(0);
  const ended = ingest[end]();
  runs[0]?.options.onFailed(FAILED);
  await ended;
  vi.advanceTimersByTime(30_000);
  expect([asked, ingest.awaits_run]).toEqual([[], false]);
});

const MIB = 1024 * 1024;

test("what is held back to be judged is acknowledged at once, and only once", () => {
  ingest.openRun(opening(0));
  ingest.write(0, Buffer.alloc(10_000), performance.now());
  vi.advanceTimersByTime(500);
  expect([accepted, heard]).toEqual([{ 0: 10_000 }, []]);
  open(1);
  vi.advanceTimersByTime(500);
  expect([accepted, heard]).toEqual([{ 0: 10_000, 1: 100_000 }, ["planned"]]);
  expect(runs[0]?.kill).toHaveBeenCalledOnce(); // its FFmpeg had begun
  expect(ingest.ignored_bytes).toBe(10_000);
});

test("more than can be held is thrown away, acknowledged and counted, and a fresh run is asked for once it is known how", async () => {
  let chosen = (_: unknown) => {};
  choose = () =>
    new Promise((resolve) => {
      chosen = resolve;
    });
  ingest.openRun(opening(0));
  for (let chunk = 0; chunk < 20; chunk++) ingest.write(0, Buffer.alloc(MIB), performance.now()); // noise: the host must encode
  expect([accepted, ingest.ignored_bytes, runs.length, asked]).toEqual([{ 0: 20 * MIB }, 20 * MIB, 1, []]);
  expect(runs[0]?.kill).toHaveBeenCalledOnce();
  chosen([]);
  await vi.advanceTimersByTimeAsync(0);
  ingest.write(0, Buffer.alloc(MIB), performance.now());
  vi.advanceTimersByTime(200);
  expect(asked).toHaveLength(1);
  open(1);
  expect([runs.length, unasked]).toEqual([2, 0]);
});

test("FFmpeg begins while the opening is judged, and nothing of it comes out before", async () => {
  ingest.openRun(opening(0));
  ingest.write(0, Buffer.alloc(10_000), performance.now());
  const released = vi.fn();
  void runs[0]?.options.after.then(released);
  await vi.advanceTimersByTimeAsync(50);
  expect([runs.length, heard, released.mock.calls.length]).toEqual([1, [], 0]);
  for (let chunk = 0; chunk < 10; chunk++) ingest.write(0, Buffer.alloc(1_000), performance.now() + chunk);
  await vi.advanceTimersByTimeAsync(100);
  ingest.write(0, Buffer.alloc(1_000), performance.now());
  await vi.advanceTimersByTimeAsync(0);
  expect([runs.length, heard, released.mock.calls.length]).toEqual([1, ["planned"], 1]); // calm: known early
  expect(runs[0]?.kill).not.toHaveBeenCalled();
  expect(ingest.ffmpeg_pids).toEqual([1000]);
});

test("one that dies while the opening is judged is begun again, and counts as no failure", () => {
  ingest.openRun(opening(0));
  ingest.write(0, Buffer.alloc(10_000), performance.now());
  runs[0]?.options.onFailed(FAILED);
  vi.advanceTimersByTime(500);
  for (let chunk = 0; chunk < 5; chunk++) {
    vi.advanceTimersByTime(100);
    ingest.write(0, Buffer.alloc(1_000), performance.now());
  }
  expect([runs.length, heard, asked]).toEqual([2, ["planned"], []]);
});

test("what comes for a run that is over, or is lost with its FFmpeg, is acknowledged and counted", () => {
  open(0);
  runs[0]?.options.onLost(5_000);
  runs[0]?.options.onFailed(FAILED);
  ingest.write(0, Buffer.alloc(10_000), performance.now());
  vi.advanceTimersByTime(500);
  expect([accepted, ingest.ignored_bytes]).toEqual([{ 0: 115_000 }, 15_000]);
});

test("where the size is to stay, a tab of another one is encoded into it; back at that size the browser's video is taken again", async () => {
  const made = () => runs.at(-1)?.options.plan.renditions[0];
  verdicts = [{ encoder: "libx264", codec: "h264", kind: "software", works: true, reason: sentence("encoder.none") }];
  open(0);
  keeps = true;
  open(1, { width: 800, height: 600 });
  await vi.advanceTimersByTimeAsync(0); // the encoders are tried
  ingest.write(1, Buffer.alloc(10), performance.now());
  const target = { width: 1280, height: 720 };
  expect(made()).toMatchObject({ rendition: target, make: { kind: "encode", encoder: "libx264", target } });
  open(2);
  expect(made()).toMatchObject({ rendition: target, make: { kind: "copy" } });
  keeps = false;
  open(3, { width: 800, height: 600 });
  expect(made()).toMatchObject({ rendition: { width: 800, height: 600 }, make: { kind: "copy" } });
});

test("where no encoder works the size changes all the same", async () => {
  open(0);
  keeps = true;
  open(1, { width: 800, height: 600 });
  await vi.advanceTimersByTimeAsync(0);
  ingest.write(1, Buffer.alloc(10), performance.now());
  expect(runs.at(-1)?.options.plan.renditions[0]).toMatchObject({ rendition: { width: 800 }, make: { kind: "copy" } });
});
