// When the status of a stream is told: every second, at once when it is another, and the end too.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { StatusReports } from "../../../../native-host/stream/status-reports.ts";
import type { StreamInfo } from "../../../../protocol/results.ts";

let status: Pick<StreamInfo, "state" | "health"> | null;
let told: unknown[];
let reports: StatusReports;

beforeEach(() => {
  vi.useFakeTimers();
  status = { state: "active", health: "healthy" };
  told = [];
  reports = new StatusReports(
    () => status as StreamInfo | null,
    (info) => told.push(info),
  );
});
afterEach(() => {
  reports.close();
  vi.useRealTimers();
});

test("every second, until they are closed", () => {
  vi.advanceTimersByTime(3_000);
  expect(told).toHaveLength(3);
  reports.close();
  vi.advanceTimersByTime(3_000);
  expect(told).toHaveLength(3);
});

test("at once when state or health is another than was told, and not twice", () => {
  reports.changed();
  reports.changed();
  expect(told).toEqual([{ state: "active", health: "healthy" }]);
  status = { state: "recovering", health: "degraded" };
  reports.changed();
  status = { state: "recovering", health: "unhealthy" };
  reports.changed();
  expect(told).toHaveLength(3);
});

test("nothing where nobody sees the stream", () => {
  status = null;
  reports.changed();
  vi.advanceTimersByTime(2_000);
  expect(told).toEqual([]);
});

test("the end also when they are closed already", () => {
  reports.close();
  status = { state: "stopped", health: "healthy" };
  reports.changed();
  expect(told).toEqual([status]);
});
