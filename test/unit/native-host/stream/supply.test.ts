// The runs of one stream: what is asked for when one fails, what is counted, and that nothing is asked for after the end.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Figures } from "../../../../native-host/stream/figures.ts";
import { MediaFeed } from "../../../../native-host/stream/media-feed.ts";
import type { Run, RunOptions } from "../../../../native-host/stream/run.ts";
import { Supply } from "../../../../native-host/stream/supply.ts";
import { FlyBrowserError } from "../../../../protocol/errors.ts";
import type { RunOpening } from "../../../../protocol/native-messages.ts";
import { parseStartStreamOptions } from "../../../../protocol/options.ts";

/** A run without FFmpeg, and what it was started with. */
interface Started {
  readonly options: RunOptions;
  readonly kill: (because?: string | null) => Promise<void>;
}

const FAILED = new FlyBrowserError("ffmpeg_failed", { reason: "it was shot" });

let runs: Started[];
let asked: [string, boolean][];
let heard: string[];
let flows: boolean;
let feed: MediaFeed;
let figures: Figures;
let supply: Supply;

function startRun(options: RunOptions): Run {
  const kill = vi.fn(async (because: string | null = null) => {
    if (because !== null) options.onFailed(new FlyBrowserError("ffmpeg_failed", { reason: because }));
  });
  runs.push({ options, kill });
  const { run: number } = options.opening;
  const fake = { number, pid: 1000 + number, behind: 0, buffer_health: 100, finished: Promise.resolve(), kill };
  return { ...fake, write: () => {}, finish: async () => {} } as unknown as Run;
}

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  [runs, asked, heard, flows] = [[], [], [], true];
  feed = new MediaFeed();
  figures = new Figures(feed, () => 0, Date.now());
  supply = new Supply({
    identity: { stream_id: "s", view_token: "t", started_at: 1_000_000, published_at: null, generation: 0 },
    options: parseStartStreamOptions({}),
    ...{ ffmpeg_path: "ffmpeg", fps_mode: true, cores: 4, feed, startRun },
    encoders: { choose: async () => [], next: async () => null, known: () => [] } as never,
    events: { chunkAccepted: () => {}, runNeeded: (reason, orderly) => asked.push([reason, orderly]) },
    figures: () => figures,
    flows: () => flows,
    onChange: () => heard.push("change"),
    onRecovering: (error) => heard.push(`recovering: ${error.message}`),
    onFailed: (error) => heard.push(`failed: ${error.message}`),
  });
});
afterEach(async () => {
  await supply.kill();
  vi.useRealTimers();
});

/** Opens a run and sends what suffices to decide how it is made. */
function open(run: number, change: Partial<RunOpening> = {}): void {
  supply.openRun({
    ...{ stream_id: "s", run, captured_at: Date.now() + 500, mime_type: "video/x-matroska;codecs=avc1,opus" },
    ...{ width: 1280, height: 720, has_audio: true, ...change },
  });
  for (let chunk = 0; chunk < 10; chunk++) {
    supply.write(run, Buffer.alloc(10_000));
    vi.advanceTimersByTime(100);
  }
}

const counted = () => {
  const reading = { state: "active", trouble: null, output: null, ...supply.reading } as const;
  const { ffmpeg_restarts, capture_restarts } = figures.read(Date.now(), reading).recovery_metrics;
  return { ffmpeg_restarts, capture_restarts };
};

test("a run is started on the stream's clock, once it is known how", () => {
  expect([supply.plan, supply.has_audio, supply.reading.buffer_health]).toEqual([null, null, null]);
  open(0);
  expect(runs).toHaveLength(1);
  expect(runs[0]?.options.plan).toMatchObject({ offset: 0.5, video: { kind: "copy" } });
  expect(supply).toMatchObject({ has_audio: true, ffmpeg_pids: [1000], awaits_run: false });
  expect(supply.reading).toMatchObject({ buffer_health: 100, ignored_bytes: 0, cap_broken: false });
  expect(heard).toContain("change");
});

test("after a failure a fresh run is asked for, until it comes", () => {
  open(0);
  runs[0]?.options.onFailed(FAILED);
  expect(supply.awaits_run).toBe(true);
  expect(heard.at(-1)).toBe(`recovering: ${FAILED.message}`);
  expect(asked).toEqual([]);
  vi.advanceTimersByTime(1_000);
  expect(asked).toEqual([[FAILED.message, false]]);
  vi.advanceTimersByTime(6_000);
  expect(asked).toHaveLength(2);
  open(1);
  expect(supply.awaits_run).toBe(false);
  vi.advanceTimersByTime(30_000);
  expect(asked).toHaveLength(2);
  expect(counted()).toEqual({ ffmpeg_restarts: 1, capture_restarts: 0 });
});

test("a run that nobody asked for is a restart of the capture; the first one isn't", () => {
  open(0);
  expect(counted().capture_restarts).toBe(0);
  open(1);
  expect(counted()).toEqual({ ffmpeg_restarts: 0, capture_restarts: 1 });
});

test("a failure of a run that is over already is nothing", () => {
  open(0);
  open(1);
  runs[0]?.options.onFailed(FAILED);
  expect(supply.awaits_run).toBe(false);
  expect(heard.filter((word) => word !== "change")).toEqual([]);
});

test("a run that takes media and gives none is ended, and a fresh one asked for", () => {
  open(0);
  const kill = runs[0]?.kill;
  for (let chunk = 0; chunk < 150; chunk++) {
    supply.write(0, Buffer.alloc(10_000));
    vi.advanceTimersByTime(100);
  }
  expect(kill).toHaveBeenCalledWith("it takes media but gives none");
  expect(asked.at(-1)?.[0]).toMatch(/it takes media but gives none/);
});

test("it gives up after too many tries, sooner where there never was a picture", () => {
  flows = false;
  open(0);
  runs[0]?.options.onFailed(FAILED);
  vi.advanceTimersByTime(60_000);
  expect(heard.at(-1)).toBe(`failed: ${FAILED.message}`);
  expect(asked).toHaveLength(3);
});

test("once it is stopped it takes no fresh run and asks for none", () => {
  open(0);
  runs[0]?.options.onFailed(FAILED);
  supply.stop();
  vi.advanceTimersByTime(30_000);
  expect(asked).toEqual([]);
  open(1);
  expect(runs).toHaveLength(1);
});

test.each(["stop", "finish", "kill"] as const)("a run that fails after %s is not asked for again", async (end) => {
  open(0);
  const ended = supply[end]();
  runs[0]?.options.onFailed(FAILED);
  await ended;
  vi.advanceTimersByTime(30_000);
  expect([asked, supply.awaits_run]).toEqual([[], false]);
});
