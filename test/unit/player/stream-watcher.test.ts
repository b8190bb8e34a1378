import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { StreamWatcher } from "../../../player/stream-watcher.ts";

const BASE = new URL("http://127.0.0.1:1/s/stream_1/token/");
const STATE = {
  state: "active",
  stream_id: "stream_1",
  protocol: "hls",
  quality: "high",
  width: 2,
  height: 2,
  frame_rate: 30,
  started_at: "2026-01-01T00:00:00.000Z",
  has_audio: true,
  codec: "h264",
  viewing: ["hls"],
  urls: { hls: "index.m3u8", dash: null, whep: null },
};

/** An event stream that never says anything; broken by the test. */
class SilentSource {
  static last: SilentSource | null = null;
  onerror: () => void = () => {};
  constructor() {
    SilentSource.last = this;
  }
  addEventListener(): void {}
  close(): void {}
}

const responses = { known: true };
const events = { onState: vi.fn(), onTask: vi.fn(), onUnreachable: vi.fn(), onGone: vi.fn() };

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("EventSource", SilentSource);
  vi.stubGlobal("fetch", async () => (responses.known ? Response.json(STATE) : new Response(null, { status: 404 })));
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.clearAllMocks();
});

test("a stream that never was there is gone at once", async () => {
  responses.known = false;
  new StreamWatcher(BASE, events).refresh();
  await vi.advanceTimersByTimeAsync(0);
  expect(events.onGone).toHaveBeenCalledOnce();
});

test("a stream that comes back with another host is not gone", async () => {
  responses.known = true;
  const watcher = new StreamWatcher(BASE, events);
  watcher.refresh();
  await vi.advanceTimersByTimeAsync(0);
  responses.known = false;
  SilentSource.last?.onerror();
  await vi.advanceTimersByTimeAsync(3_000);
  expect(events.onUnreachable).toHaveBeenCalled();
  responses.known = true;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(events.onState).toHaveBeenCalledTimes(2);
  expect(events.onGone).not.toHaveBeenCalled();
  watcher.close();
});

test("a stream that is over isn't listened to", async () => {
  responses.known = true;
  SilentSource.last = null;
  const watcher: StreamWatcher = new StreamWatcher(BASE, { ...events, onState: () => watcher.close() });
  watcher.refresh();
  await vi.advanceTimersByTimeAsync(0);
  expect(SilentSource.last).toBeNull();
  expect(vi.getTimerCount()).toBe(0);
});

test("a stream that stays away is gone, once", async () => {
  responses.known = true;
  new StreamWatcher(BASE, events).refresh();
  await vi.advanceTimersByTimeAsync(0);
  responses.known = false;
  SilentSource.last?.onerror();
  await vi.advanceTimersByTimeAsync(30_000);
  expect(events.onGone).toHaveBeenCalledOnce();
});
