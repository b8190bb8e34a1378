import { beforeEach, expect, it } from "vitest";
import { CapturedTabs } from "../../../../extension/background/captured-tabs.ts";
import { newRecord, type StreamRecord } from "../../../../extension/background/stream-record.ts";
import { FlyBrowserError } from "../../../../protocol/errors.ts";
import { parseStartStreamOptions } from "../../../../protocol/options.ts";
import type { StreamInfo } from "../../../../protocol/results.ts";

const OPTIONS = parseStartStreamOptions({});
const IDENTITY = { stream_id: "s1", view_token: "t".repeat(22), started_at: 1, published_at: 1, generation: 0 };
const INFO = { stream_id: "s1" } as StreamInfo;

let kept: StreamRecord[];
let told: number[];
let captured: CapturedTabs;

/** What is known now, with a copy that the next service worker would find. */
function knowing(): CapturedTabs {
  const store = {
    load: async () => kept,
    save: async (records: readonly StreamRecord[]) => {
      kept = structuredClone([...records]);
    },
  };
  return new CapturedTabs(store, (tab_id) => told.push(tab_id));
}

/** A tab that is captured, as a stream or for a recording alone. */
function add(tab_id: number, stream: boolean): StreamRecord {
  const record = newRecord(tab_id, OPTIONS, stream);
  captured.add(record);
  return record;
}

beforeEach(() => {
  kept = [];
  told = [];
  captured = knowing();
});

it("knows a captured tab by itself and, once the host has opened it, by its id; each change is told and kept", async () => {
  const record = add(1, true);
  expect([captured.recordOf(1), captured.recordById("s1"), captured.captureOf(1)]).toEqual([record, null, null]);
  record.identity = IDENTITY;
  record.stream = "live";
  captured.move(record, "live");
  expect(captured.recordById("s1")).toBe(record);
  expect(told).toEqual([1, 1]);
  const successor = knowing();
  expect(await successor.restore()).toMatchObject([{ phase: "live", identity: IDENTITY }]);
  expect([successor.tabs, successor.view(1).phase, told]).toEqual([[1], "live", [1, 1]]);
  captured.forget(record);
  expect([captured.tabs, kept, record.phase]).toEqual([[], [], "idle"]);
});

it("refuses a phase that can't follow", () => {
  const record = add(1, true);
  expect(() => captured.move(record, "recovering")).toThrow("starting to recovering");
});

it("forgets no later capture of the same tab", () => {
  const first = add(1, true);
  const second = add(1, true);
  captured.forget(first);
  expect(captured.recordOf(1)).toBe(second);
});

it("a tab that is only recorded has no stream to look at, and its status is nobody's", () => {
  const record = add(1, false);
  record.identity = IDENTITY;
  captured.statusArrived("s1", INFO);
  expect(captured.view(1)).toEqual({ phase: "idle", info: null, error: null });
  expect([captured.streamOf(1), captured.captureOf(1), captured.isSeen("s1")]).toEqual([null, "s1", false]);
  record.stream = "live";
  captured.statusArrived("s1", INFO);
  expect(captured.view(1).info).toBe(INFO);
  expect([captured.streamOf(1), captured.isSeen("s1")]).toEqual(["s1", true]);
  captured.move(record, "stopping");
  expect(captured.isSeen("s1")).toBe(false);
});

it("keeps the last error of a tab, captured or not", () => {
  captured.setError(7, new FlyBrowserError("tab_not_invoked"));
  expect([captured.view(7).error?.code, told]).toEqual(["tab_not_invoked", [7]]);
  captured.noteError(7, null);
  expect([captured.view(7).error, told]).toEqual([null, [7]]);
});

it("prefers the port under which something is live", () => {
  add(1, true);
  expect(captured.preferredPort()).toBeNull();
  add(2, true).host_port = 4321;
  expect(captured.preferredPort()).toBe(4321);
});
