// A sink's place on a stream: it is taken off with what waits for it, or without, and harms no other one.
import { beforeEach, expect, test, vi } from "vitest";
import { FanOut } from "../../../../native-host/media/fan-out.ts";
import type { MediaSink } from "../../../../native-host/media/sink.ts";
import { writeRun } from "../../../fixtures/recording/stream.ts";
import { makeRun } from "../packager/media.ts";

const media = await makeRun({ seconds: 1, offset: 0 });
let fanOut: FanOut;
beforeEach(() => {
  fanOut = new FanOut();
});

/** One that is busy with each unit until it is let go on. */
function busySink() {
  const write = vi.fn(() => new Promise<void>((resolve) => waiting.push(resolve)));
  const waiting: (() => void)[] = [];
  const sink = { name: "busy", openRun: vi.fn(), write, closeRun: vi.fn(), end: vi.fn() } satisfies MediaSink;
  return { sink, goOn: () => waiting.shift()?.() };
}

test("finished, it takes all that waits, then its end, and nothing that comes after", async () => {
  const all = vi.fn();
  fanOut.attach({ name: "all", openRun: () => {}, write: all });
  const { sink, goOn } = busySink();
  const attachment = fanOut.attach(sink);
  const run = writeRun(fanOut, 0, media);
  const before = all.mock.calls.length;
  const finished = vi.fn();
  void attachment.finish().then(finished);
  run.close();
  writeRun(fanOut, 1, media);
  for (let written = 1; written <= before; written++) {
    await vi.waitFor(() => expect(sink.write).toHaveBeenCalledTimes(written));
    expect([sink.end.mock.calls.length, finished.mock.calls.length]).toEqual([0, 0]);
    goOn();
  }
  await vi.waitFor(() => expect(finished).toHaveBeenCalledOnce());
  await attachment.finish();
  expect(sink.write).toHaveBeenCalledTimes(before);
  expect([sink.openRun.mock.calls.length, sink.closeRun.mock.calls.length]).toEqual([1, 0]);
  expect(sink.end).toHaveBeenCalledOnce();
  expect(fanOut.reports.map(({ name }) => name)).toEqual(["all"]);
});

test("finished after the stream has ended, it isn't told that twice", async () => {
  let ended = () => {};
  const end = vi.fn(() => new Promise<void>((resolve) => (ended = resolve)));
  const attachment = fanOut.attach({ name: "slow", openRun: () => {}, write: () => {}, end });
  fanOut.end();
  const finished = vi.fn();
  void attachment.finish().then(finished);
  await Promise.resolve();
  expect(finished).not.toHaveBeenCalled();
  ended();
  await vi.waitFor(() => expect(finished).toHaveBeenCalledOnce());
  expect(end).toHaveBeenCalledOnce();
});

test("finished while it fails, it is let go of, and not tried again", async () => {
  vi.useFakeTimers();
  const { sink } = busySink();
  sink.write.mockRejectedValue(new Error("broken"));
  const attachment = fanOut.attach(sink);
  writeRun(fanOut, 0, media);
  await attachment.finish();
  await vi.runAllTimersAsync();
  vi.useRealTimers();
  expect(sink.openRun).toHaveBeenCalledOnce();
  expect(attachment.report).toMatchObject({ failures: 1, detached: false });
});

test("closed, it is told nothing more at once", async () => {
  const { sink, goOn } = busySink();
  const attachment = fanOut.attach(sink);
  writeRun(fanOut, 0, media);
  attachment.close();
  goOn();
  await Promise.resolve();
  expect(sink.write).toHaveBeenCalledOnce();
  expect(sink.end).not.toHaveBeenCalled();
  expect(fanOut.reports).toEqual([]);
});

test("one that throws harms no other one", () => {
  const broken = vi.fn(() => {
    throw new Error("broken");
  });
  const [write, end] = [vi.fn(), vi.fn()];
  fanOut.attach({ name: "broken", openRun: () => {}, write: broken });
  fanOut.attach({ name: "whole", openRun: () => {}, write, end });
  writeRun(fanOut, 0, media);
  fanOut.end();
  expect(broken).toHaveBeenCalledOnce();
  expect(write.mock.calls.length).toBeGreaterThan(10);
  expect(end).toHaveBeenCalledOnce();
});
