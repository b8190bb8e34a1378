import fc from "fast-check";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { DashRefresh } from "../../../player/engines/dash-refresh.ts";
import { type DashWindow, dateAt, isUndecodable, readWindow } from "../../../player/engines/dash-window.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const windowOf = (last_start: number, live = true): DashWindow => ({
  live,
  dates: [{ from: 0, zero: 0 }],
  oldest: 0,
  last_start,
  last_end: last_start + 1.05,
  newest: last_start + 0.3,
  target: 1.1,
});

it("asks in the middle of the next segment by the delay that was seen, and again soon until that is there", () => {
  const ask = vi.fn();
  const refresh = new DashRefresh(ask);
  refresh.loaded(windowOf(9), 9.3);
  refresh.loaded(windowOf(10), 10.3);
  vi.advanceTimersByTime(1_450);
  expect(ask).not.toHaveBeenCalled();
  vi.advanceTimersByTime(60);
  expect(ask).toHaveBeenCalledTimes(1);
  refresh.loaded(windowOf(10), 11.82);
  vi.advanceTimersByTime(130);
  expect(ask).toHaveBeenCalledTimes(2);
  refresh.loaded(windowOf(11), 11.95);
  vi.advanceTimersByTime(500);
  expect(ask).toHaveBeenCalledTimes(2);
  refresh.close();
  vi.advanceTimersByTime(5_000);
  expect(ask).toHaveBeenCalledTimes(2);
});

it("asks more rarely while the stream stands still, and never after its end", () => {
  const ask = vi.fn();
  const refresh = new DashRefresh(() => {
    ask();
    refresh.loaded(windowOf(10), 12);
  });
  refresh.loaded(windowOf(10), 10.3);
  vi.advanceTimersByTime(10_000);
  const hurried = ask.mock.calls.length;
  expect(hurried).toBeLessThan(40);
  vi.advanceTimersByTime(10_000);
  expect(ask.mock.calls.length - hurried).toBeGreaterThanOrEqual(15);
  expect(ask.mock.calls.length - hurried).toBeLessThanOrEqual(21);
  refresh.loaded(windowOf(10, false), 12);
  const asked = ask.mock.calls.length;
  vi.advanceTimersByTime(10_000);
  expect(ask).toHaveBeenCalledTimes(asked);
});

it("reads the window of an MPD across its Periods, and nothing from another kind of MPD", () => {
  const period = (start: number, S: object | object[]) => ({
    start,
    AdaptationSet: [
      {
        Representation: {
          SegmentTemplate: { timescale: 1000, presentationTimeOffset: start * 1000, SegmentTimeline: { S } },
        },
      },
    ],
  });
  const manifest = {
    type: "dynamic",
    availabilityStartTime: new Date(5_000),
    publishTime: new Date(15_600),
    ServiceDescription: { Latency: { target: 1100 } },
    Period: [
      period(2, [
        { t: 2000, d: 1000, r: 2 },
        { t: 6000, d: 900 },
      ]),
      // The last two are listed before they begin.
      period(9, { t: 9100, d: 1000, r: 3 }),
    ],
  };
  expect(readWindow(manifest)).toEqual({
    live: true,
    dates: [
      { from: 2, zero: 5_000 },
      { from: 9, zero: 5_000 },
    ],
    oldest: 2,
    last_start: 10.1,
    last_end: 11.1,
    newest: 10.6,
    target: 1.1,
  });
  expect(readWindow({ ...manifest, ServiceDescription: undefined })?.target).toBeNull();
  expect(readWindow({ type: "static", Period: [] })).toBeNull();
});

it("knows of each moment what the host's clock showed then, however often that was set", () => {
  const started_at = 1_900_000_000_000;
  /** A run: s since the one before began, and ms by which the host's clock is ahead then. */
  const run = fc.record({ after: fc.integer({ min: 1, max: 500 }), ahead: fc.integer({ min: -1e9, max: 1e9 }) });
  const timescale = 12_800;
  const references = (start: number, ahead: number) => {
    const reference = (ms: number) => ({
      wallClockTime: new Date(started_at + start * 1000 + ms),
      presentationTime: start * timescale,
    });
    return ahead === 0 ? reference(0) : [reference(0), reference(ahead)];
  };
  fc.assert(
    fc.property(fc.array(run, { minLength: 1, maxLength: 8 }), fc.boolean(), (runs, live) => {
      let start = 0;
      const told = runs.map(({ after, ahead }) => {
        start += after;
        return { start, ahead };
      });
      const Period = told.map(({ start, ahead }) => ({
        start,
        AdaptationSet: {
          Representation: {
            ProducerReferenceTime: live || ahead !== 0 ? references(start, ahead) : undefined,
            SegmentTemplate: {
              timescale,
              presentationTimeOffset: start * timescale,
              SegmentTimeline: { S: { t: start * timescale, d: timescale } },
            },
          },
        },
      }));
      const availabilityStartTime = new Date(started_at);
      const publishTime = new Date(started_at + (start + 1) * 1000);
      const window = readWindow({ type: live ? "dynamic" : "static", availabilityStartTime, publishTime, Period });
      for (const { start, ahead } of told)
        expect(window && dateAt(window, start + 0.5)).toBe(started_at + (start + 0.5) * 1000 + ahead);
    }),
  );
});

it("sees that nothing of the video can be decoded, whatever the audio is", () => {
  const set = (mimeType: string, ...codecs: string[]) => ({
    mimeType,
    Representation: codecs.map((each) => ({ codecs: each })),
  });
  const mpd = (...AdaptationSet: unknown[]) => ({ Period: { AdaptationSet } });
  const isSupported = (type: string) => !type.includes("hvc1");
  const audio = set("audio/mp4", "mp4a.40.2");
  expect(isUndecodable(mpd(set("video/mp4", "hvc1.1.6.L93.90"), audio), isSupported)).toBe(true);
  expect(isUndecodable(mpd(set("video/mp4", "hvc1.1.6.L93.90", "avc1.42c01f"), audio), isSupported)).toBe(false);
  expect(isUndecodable(mpd(audio), isSupported)).toBe(false);
  expect(isUndecodable(null, isSupported)).toBe(false);
});
