// What becomes of an engine that fails or stalls, with engines that do nothing.
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { EngineSwitcher } from "../../../player/engine-switcher.ts";
import {
  type EngineEvents,
  type EngineFactory,
  type EngineFailure,
  type PlaybackProtocol,
  UNKNOWN_POSITION,
} from "../../../player/engines/engine.ts";

let created: {
  protocol: PlaybackProtocol;
  events: EngineEvents;
  retry: ReturnType<typeof vi.fn>;
  destroyed: boolean;
}[];

const engine = (protocol: PlaybackProtocol): EngineFactory => ({
  protocol,
  supported: () => true,
  urlOf: ({ hls }) => hls,
  create: (_url, events) => {
    const made = { protocol, events, retry: vi.fn(), destroyed: false };
    created.push(made);
    const destroy = () => {
      made.destroyed = true;
    };
    return { adjustable_rate: true, attach: () => {}, position: () => UNKNOWN_POSITION, retry: made.retry, destroy };
  },
});

function start(): EngineSwitcher {
  const video = { videoWidth: 0, readyState: 0 } as HTMLVideoElement;
  const engines = [engine("ll-hls"), engine("hls")];
  const switcher = new EngineSwitcher({ video, still: {} as HTMLCanvasElement, engines, onStarted: () => {} });
  switcher.start({ hls: "http://h/index.m3u8", dash: null, whep: null, live: null }, ["ll-hls"]);
  return switcher;
}
const fail = (kind: EngineFailure["kind"]) => created.at(-1)?.events.onFailed({ kind, reason: "test" });

beforeEach(() => {
  created = [];
  vi.useFakeTimers();
  vi.stubGlobal("HTMLMediaElement", { HAVE_CURRENT_DATA: 2, HAVE_FUTURE_DATA: 3 });
  vi.spyOn(console, "warn").mockImplementation(() => {});
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

it("retries after a network failure, replaces after a media failure, with longer pauses each time", () => {
  start();
  fail("network");
  vi.advanceTimersByTime(500);
  expect(created[0]?.retry).toHaveBeenCalledTimes(1);
  fail("media");
  vi.advanceTimersByTime(799);
  expect(created.length).toBe(1);
  vi.advanceTimersByTime(201);
  expect(created.map(({ destroyed }) => destroyed)).toEqual([true, false]);
});

it("switches to another protocol for good, until the viewer selects the first one again", () => {
  const switcher = start();
  fail("unsupported");
  expect(switcher.protocol).toBe("hls");
  fail("unsupported");
  expect([switcher.protocol, switcher.started]).toEqual([null, false]);
  expect(switcher.protocols).toEqual(["ll-hls", "hls"]);
  switcher.select("ll-hls");
  expect(switcher.protocol).toBe("ll-hls");
});

it("says so when nothing is left since the codec has no decoder here", () => {
  const switcher = start();
  fail("codec");
  expect([switcher.protocol, switcher.undecodable]).toEqual(["hls", false]);
  fail("codec");
  expect([switcher.protocol, switcher.undecodable]).toEqual([null, true]);
});

it("retries a stalled engine once, then replaces it", () => {
  const switcher = start();
  for (let now = 0; now <= 9_750; now += 250) switcher.tick(true, now);
  expect([created[0]?.retry.mock.calls.length, created.length]).toEqual([1, 1]);
  switcher.tick(true, 10_250);
  expect(created.length).toBe(2);
});

it("ignores an engine that was replaced, and everything once it is closed", () => {
  const switcher = start();
  switcher.select("hls");
  created[0]?.events.onFailed({ kind: "unsupported", reason: "late" });
  expect(switcher.protocol).toBe("hls");
  fail("network");
  switcher.close();
  expect([created.every(({ destroyed }) => destroyed), vi.getTimerCount()]).toEqual([true, 0]);
});

it("plays what there was by HLS once the stream is over, whatever played before, or nothing did", () => {
  const of = (protocol: PlaybackProtocol): EngineFactory => ({
    ...engine(protocol),
    urlOf: (source) => (protocol === "webrtc" ? source.whep : source.hls),
  });
  const video = { videoWidth: 0, readyState: 0 } as HTMLVideoElement;
  const engines = [of("webrtc"), of("ll-hls"), of("hls")];
  const switcher = new EngineSwitcher({ video, still: {} as HTMLCanvasElement, engines, onStarted: () => {} });
  const source = { hls: "http://h/index.m3u8", dash: null, whep: "http://h/whep", live: null };
  switcher.offer(source, ["webrtc"]);
  expect([switcher.started, created.length]).toEqual([false, 0]);
  switcher.replay();
  expect(switcher.protocol).toBe("hls");
  expect(switcher.protocols).not.toContain("webrtc");
});
