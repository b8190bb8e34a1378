// The connection to hosts that die: the next one is started at once, and more and more slowly where none lives for long.
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
/** Ends the host that runs. */
let die: () => void = () => {};

function connectNative() {
  starts.push(performance.now());
  const closed: (() => void)[] = [];
  const heard: ((message: unknown) => void)[] = [];
  die = () => {
    for (const listener of closed) listener();
  };
  return {
    onDisconnect: { addListener: (listener: () => void) => closed.push(listener) },
    onMessage: { addListener: (listener: (message: unknown) => void) => heard.push(listener) },
    postMessage: ({ id }: { id: number }) => {
      setTimeout(() => {
        for (const hear of heard) hear({ kind: "response", id, result: said });
      }, 10);
    },
    disconnect: () => {},
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
  connection = new HostConnection({
    handlers: {} as never,
    listeners: {} as never,
    preferredPort: () => null,
    continues: () => null,
    resumes: () => [],
    streams: () => [],
    onLost: () => void connection.stayConnected(() => true),
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
