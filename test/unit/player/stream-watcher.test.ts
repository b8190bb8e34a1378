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

const answers = { known: true };
const events = { onMessage: vi.fn(), onTask: vi.fn(), onUnreachable: vi.fn(), onGone: vi.fn() };

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("EventSource", SilentSource);
  vi.stubGlobal("fetch", async () => (answers.known ? Response.json(STATE) : new Response(null, { status: 404 })));
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.clearAllMocks();
});

test("a stream that never was there is gone at once", async () => {
  answers.known = false;
  new StreamWatcher(BASE, events).ask();
  await vi.advanceTimersByTimeAsync(0);
  expect(events.onGone).toHaveBeenCalledOnce();
});

test("a stream that comes back with another host is not gone", async () => {
  answers.known = true;
  const watcher = new StreamWatcher(BASE, events);
  watcher.ask();
  await vi.advanceTimersByTimeAsync(0);
  answers.known = false;
  SilentSource.last?.onerror();
  await vi.advanceTimersByTimeAsync(3_000);
  expect(events.onUnreachable).toHaveBeenCalled();
  answers.known = true;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(events.onMessage).toHaveBeenCalledTimes(2);
  expect(events.onGone).not.toHaveBeenCalled();
  watcher.close();
});

test("a stream that stays away is gone, once", async () => {
  answers.known = true;
  new StreamWatcher(BASE, events).ask();
  await vi.advanceTimersByTimeAsync(0);
  answers.known = false;
  SilentSource.last?.onerror();
  await vi.advanceTimersByTimeAsync(30_000);
  expect(events.onGone).toHaveBeenCalledOnce();
});
