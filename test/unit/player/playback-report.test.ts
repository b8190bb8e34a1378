// A player reports when it starts, every ten seconds, and when it stalls or goes on, with the sums so far.
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { PlaybackReports } from "../../../native-host/http/playback-reports.ts";
import { type PlaybackMoment, PlaybackReport } from "../../../player/playback-report.ts";

const bodies: string[] = [];
const stats = { latency: 740.4, dropped_frames: 2 };
const moment = (phase: PlaybackMoment["phase"], since: number): PlaybackMoment => ({
  ...{ phase, since, protocol: "ll-hls", stats },
});

beforeEach(() => {
  bodies.length = 0;
  vi.useFakeTimers();
  vi.stubGlobal("fetch", async (_url: string, { body }: { body: string }) => {
    bodies.push(body);
    return new Response(null, { status: 204 });
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it("tells the start, the latency and the stalls in the form that the host reads", async () => {
  const report = new PlaybackReport(new URL("http://127.0.0.1/s/one/token/cmcd"), 1_000);
  report.update(moment("connecting", 1_000), 1_500);
  report.update(moment("reconnecting", 1_000), 14_000); // no stall: nothing has played yet
  report.update(moment("live", 15_000), 15_000);
  expect(bodies[2]).toContain("msd=14000");
  report.update(moment("reconnecting", 20_000), 22_000);
  report.update(moment("reconnecting", 20_000), 24_000);
  report.update(moment("live", 25_000), 25_000);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(bodies.map((body) => /sta=(\w)/.exec(body)?.[1])).toEqual(["s", "r", "p", "r", "p", "p"]);
  report.leave();
  report.leave();
  report.close();
  await vi.advanceTimersByTimeAsync(20_000);
  expect(bodies).toHaveLength(7);
  const host = new PlaybackReports(() => 0);
  for (const body of bodies) expect(host.take(body)).toBe(true);
  expect(host.summary()).toEqual({
    ...{ players: 0, rebuffering: 0, latency_ms: null, latency_p95_ms: null },
    ...{ rebuffers: 1, rebuffering_ms: 5_000, dropped_frames: 2 },
  });
});

it("leaves out what can't be sent", async () => {
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("Failed to fetch")));
  const report = new PlaybackReport(new URL("http://127.0.0.1/s/one/token/cmcd"), 0);
  report.update(moment("live", 0), 0);
  await vi.advanceTimersByTimeAsync(30_000);
  vi.stubGlobal("fetch", async (_url: string, { body }: { body: string }) => {
    bodies.push(body);
    return new Response(null, { status: 204 });
  });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(bodies).toHaveLength(1);
  report.close();
});
