// When the engine connects again and when it gives up, with a connection that this test plays.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { EngineFailure } from "../../../player/engines/engine.ts";
import type { ConnectionEvents } from "../../../player/engines/webrtc-connection.ts";
import { webRtcEngine } from "../../../player/engines/webrtc-engine.ts";
import { WhepError } from "../../../player/engines/whep-client.ts";

interface FakeConnection {
  events: ConnectionEvents;
  closed: boolean;
  frames: number;
  /** Left out: the browser doesn't tell. */
  decoded: number | undefined;
  bytes: number;
}

const fake = vi.hoisted(() => ({ made: [] as FakeConnection[] }));

vi.mock("../../../player/engines/webrtc-connection.ts", () => ({
  WebRtcConnection: class {
    readonly stream = {};
    closed = false;
    frames = 0;
    bytes = 0;
    decoded: number | undefined;
    readonly events: ConnectionEvents;

    constructor(_url: string, events: ConnectionEvents) {
      this.events = events;
      fake.made.push(this);
    }

    async stats() {
      const entry = { type: "inbound-rtp", kind: "video", timestamp: performance.now() };
      return new Map([
        ["1", { ...entry, framesReceived: this.frames, framesDecoded: this.decoded, bytesReceived: this.bytes }],
      ]);
    }

    close() {
      this.closed = true;
    }
  },
}));

let failures: EngineFailure[];
let shown: ((now: number, metadata: object) => void) | null;
const video = {
  srcObject: null as unknown,
  requestVideoFrameCallback: (callback: (now: number, metadata: object) => void) => {
    shown = callback;
    return 1;
  },
  cancelVideoFrameCallback: () => {
    shown = null;
  },
};

function engine() {
  const made = webRtcEngine.create("http://h/whep", { onFailed: (failure) => failures.push(failure) });
  made.attach(video as unknown as HTMLVideoElement);
  return made;
}

const latest = (): FakeConnection => fake.made.at(-1) as FakeConnection;
const kinds = () => failures.map(({ kind }) => kind);

/** Lets frames come for `ms`. */
async function receive(ms: number): Promise<void> {
  for (let at = 0; at < ms; at += 500) {
    latest().frames += 15;
    latest().bytes += 62_500;
    await vi.advanceTimersByTimeAsync(500);
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("addEventListener", () => {});
  vi.stubGlobal("removeEventListener", () => {});
  fake.made.length = 0;
  failures = [];
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("the WebRTC engine", () => {
  it.each([503, 422, 405])("gives the protocol up when the host responds with %i", (status) => {
    engine();
    latest().events.onLost(new WhepError(status, "no"));
    expect(kinds()).toEqual(["unsupported"]);
  });

  it("tries again later when the host can't be reached", () => {
    const made = engine();
    latest().events.onLost(new WhepError(null, "no network"));
    expect(kinds()).toEqual(["network"]);
    made.retry();
    expect(fake.made.length).toBe(2);
  });

  it("waits for the player's word when there is no such stream", () => {
    engine();
    latest().events.onLost(new WhepError(404, "gone"));
    expect(kinds()).toEqual([]);
  });

  it("gives up when no frame comes within 3 s of the answer, or the connection fails before", async () => {
    engine();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(kinds()).toEqual([]); // there is no SDP answer yet
    latest().events.onAnswered();
    await vi.advanceTimersByTimeAsync(2_500);
    expect(kinds()).toEqual([]);
    await vi.advanceTimersByTimeAsync(1_500);
    expect(kinds()).toEqual(["unsupported"]);
    engine();
    latest().events.onLost("the connection failed");
    expect(kinds()).toEqual(["unsupported", "unsupported"]);
  });

  it("gives up when what it receives is never decoded", async () => {
    engine();
    latest().decoded = 0;
    latest().events.onAnswered();
    await receive(4_000);
    expect(kinds()).toEqual(["unsupported"]);
  });

  it("connects again after a loss, and gives up only when that bears no fruit twice", async () => {
    const made = engine();
    latest().events.onAnswered();
    await receive(2_000);
    latest().events.onLost("the connection was lost");
    expect(kinds()).toEqual(["network"]);
    made.retry();
    latest().events.onLost("the connection failed");
    expect(kinds()).toEqual(["network", "network"]);
    made.retry();
    latest().events.onLost("the connection failed");
    expect(kinds()).toEqual(["network", "network", "unsupported"]);
    expect(fake.made.every(({ closed }) => closed)).toBe(true);
  });

  it("leaves a connection alone that works, and makes a silent one anew", async () => {
    const made = engine();
    latest().events.onAnswered();
    await receive(1_000);
    made.retry();
    expect(fake.made.length).toBe(1);
    await vi.advanceTimersByTimeAsync(3_000);
    made.retry();
    expect(fake.made.length).toBe(2);
    expect(fake.made[0]?.closed).toBe(true);
  });

  it("asks for nothing more once the stream is over", () => {
    const made = engine();
    made.finish?.();
    latest().events.onLost("the connection was closed");
    made.retry();
    expect(kinds()).toEqual([]);
    expect(fake.made.length).toBe(1);
  });

  it("tells the latency, only as long as frames come, and the bitrate", async () => {
    const made = engine();
    latest().events.onAnswered();
    expect(made.position()).toMatchObject({ latency: null, bitrate: null, live_edge: null });
    shown?.(0, { captureTime: 1_000, expectedDisplayTime: 1_070 });
    await receive(1_500);
    expect(made.position().latency).toBeCloseTo(70);
    expect(made.position().bitrate).toBeCloseTo(1_000_000, -4);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(made.position().latency).toBeNull();
    shown?.(0, { expectedDisplayTime: 1_070 }); // before the first report of the sender
    expect(made.position().latency).toBeNull();
  });

  it("lets everything go", () => {
    const made = engine();
    expect(video.srcObject).not.toBeNull();
    made.destroy();
    expect([video.srcObject, latest().closed, shown]).toEqual([null, true, null]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
