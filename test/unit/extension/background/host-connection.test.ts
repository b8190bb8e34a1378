// The connection to hosts that die: the next one is started at once, and more and more slowly where none lives for long. One that is sent
// media and says nothing is examined by the next one.
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { HostConnection } from "../../../../extension/background/host-connection.ts";
import { PROTOCOL_VERSION } from "../../../../protocol/version.ts";

const HELLO = {
  ...{ protocol_version: PROTOCOL_VERSION, host_version: "1", session_id: "x", pid: 1, port: 4321 },
  ...{ ffmpeg: null, log_file: "l" },
};
/** What a host says of itself. */
let said = HELLO;
/** When a host was started, ms. */
const starts: number[] = [];
/** When a connection was ended from here. */
const disconnected: number[] = [];
/** What the next one says when it is asked to end one that was stopped. */
let frozen: "host" | "bridge" | null = null;
/** What it was told of, each time that a host was lost. */
const lost: boolean[] = [];
/** What each that was started was asked for, in the order of their starts. */
const asked: string[][] = [];
/** Ends the host that runs. */
let die: () => void = () => {};

function connectNative() {
  starts.push(performance.now());
  const methods: string[] = [];
  asked.push(methods);
  const closed: (() => void)[] = [];
  const heard: ((message: unknown) => void)[] = [];
  die = () => {
    for (const listener of closed) listener();
  };
  return {
    onDisconnect: { addListener: (listener: () => void) => closed.push(listener) },
    onMessage: { addListener: (listener: (message: unknown) => void) => heard.push(listener) },
    postMessage: ({ id, kind, method }: { id: number; kind: string; method: string }) => {
      if (kind === "event") return; // it says nothing to them
      methods.push(method);
      const result = method === "endFrozen" ? { ended: frozen } : said;
      setTimeout(() => {
        for (const hear of heard) hear({ kind: "response", id, result });
      }, 10);
    },
    disconnect: () => disconnected.push(performance.now()),
  };
}

vi.mock("webextension-polyfill", () => ({
  default: { runtime: { connectNative: () => connectNative(), getManifest: () => ({ version: "1" }) } },
}));

let connection: HostConnection;
beforeEach(() => {
  vi.useFakeTimers();
  for (const method of ["warn", "info"] as const) vi.spyOn(console, method).mockImplementation(() => {});
  vi.stubGlobal("chrome", { runtime: {} });
  vi.stubGlobal("navigator", { userAgent: "test" });
  said = HELLO;
  starts.length = 0;
  disconnected.length = 0;
  frozen = null;
  lost.length = 0;
  asked.length = 0;
  connection = new HostConnection({
    handlers: {} as never,
    listeners: {} as never,
    preferredPort: () => null,
    continues: () => null,
    resumes: () => [],
    streams: () => [],
    onLost: (lives) => {
      lost.push(lives);
      void connection.stayConnected(() => true);
    },
    onChange: () => {},
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it("backs off from hosts that are killed again and again, and comes back", async () => {
  await Promise.all([connection.connect(), vi.advanceTimersByTimeAsync(20)]);
  for (let second = 0; second < 60; second++) {
    await vi.advanceTimersByTimeAsync(1_000);
    if (connection.info) die();
  }
  const pauses = starts.slice(1).map((at, index) => at - (starts[index] ?? 0));
  expect(starts.length).toBeLessThan(20);
  expect(Math.max(...pauses)).toBeLessThan(7_000);
  await vi.advanceTimersByTimeAsync(6_000);
  expect(connection.info).not.toBeNull();
});

it("says why it refuses a host, and not that it has closed the connection itself", async () => {
  said = { ...HELLO, protocol_version: PROTOCOL_VERSION + 1 };
  const refused = expect(connection.connect()).rejects.toMatchObject({ code: "version_mismatch" });
  await vi.advanceTimersByTimeAsync(20);
  await refused;
  expect(connection.error).toMatchObject({ code: "version_mismatch" });
});

it("starts the next one at once where the last one had lived", async () => {
  await Promise.all([connection.connect(), vi.advanceTimersByTimeAsync(20_000)]);
  die();
  const waiting = connection.arrives(5_000);
  await vi.advanceTimersByTimeAsync(20);
  await waiting;
  expect(connection.info).toMatchObject({ port: 4321 });
});

it("asks a host that had no FFmpeg again, in the same connection, until it has one", async () => {
  await Promise.all([connection.connect(), vi.advanceTimersByTimeAsync(20)]);
  const [still] = await Promise.all([connection.connect(), vi.advanceTimersByTimeAsync(20)]);
  expect(still.ffmpeg).toBeNull();
  said = { ...HELLO, ffmpeg: { path: "/usr/bin/ffmpeg", version: "7.1" } } as never;
  const [found] = await Promise.all([connection.connect(), vi.advanceTimersByTimeAsync(20)]);
  expect(found.ffmpeg).toMatchObject({ version: "7.1" });
  expect(connection.info).toBe(found);
  expect(await connection.connect()).toBe(found);
  expect(starts.length).toBe(1);
});

/** Media are sent for so many ms. */
async function sendFor(ms: number): Promise<void> {
  for (let at = 0; at < ms; at += 100) {
    connection.emit("chunk", { stream_id: "s", run: 0, sent_at: at, data: "" });
    await vi.advanceTimersByTimeAsync(100);
  }
}

it("replaces a host that was stopped, within 1.25 s of silence, by the one that has examined it", async () => {
  await Promise.all([connection.connect(), vi.advanceTimersByTimeAsync(20)]);
  frozen = "host";
  await vi.advanceTimersByTimeAsync(5_000); // nothing is sent to it: it need not say anything
  expect(starts.length).toBe(1);
  await sendFor(1_300);
  expect([starts.length, disconnected.length]).toEqual([2, 1]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(connection.info).not.toBeNull();
  expect(starts.length).toBe(2); // the one that has examined it is the next one
  expect(lost).toEqual([false]);
});

it.each(["before", "after"])(
  "goes on with the host behind a bridge that was stopped, by the one that has examined it, if Chrome tells of its end %s the answer",
  async (when) => {
    await Promise.all([connection.connect(), vi.advanceTimersByTimeAsync(20)]);
    await vi.advanceTimersByTimeAsync(20_000);
    frozen = "bridge";
    const bridgeDies = die;
    while (starts.length === 1) {
      connection.emit("chunk", { stream_id: "s", run: 0, sent_at: 0, data: "" });
      await vi.advanceTimersByTimeAsync(5);
    }
    if (when === "before") bridgeDies();
    await vi.advanceTimersByTimeAsync(20);
    if (when === "after") bridgeDies();
    await vi.advanceTimersByTimeAsync(500);
    expect(connection.info).not.toBeNull();
    expect(asked).toEqual([["hello"], ["endFrozen", "hello"]]);
    expect(lost).toEqual([true]);
  },
);

it("leaves a host alone that is only busy, and examines it more and more seldom", async () => {
  await Promise.all([connection.connect(), vi.advanceTimersByTimeAsync(20)]);
  const { info } = connection;
  await sendFor(30_000);
  expect(starts.length - 1).toBe(5); // after 1, 2, 4, 8 and 8 s more
  expect(disconnected.length).toBe(5);
  expect(connection.info).toBe(info);
});
