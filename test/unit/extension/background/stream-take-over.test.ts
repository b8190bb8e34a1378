import { beforeEach, expect, it } from "vitest";
import { newRecord, type StreamRecord } from "../../../../extension/background/stream-record.ts";
import { leftBehind } from "../../../../extension/background/stream-take-over.ts";
import { parseStartStreamOptions } from "../../../../protocol/options.ts";
import { FakeParts } from "./fake-parts.ts";

const OPTIONS = parseStartStreamOptions({ protocol: "dash" });

let fake: FakeParts;

/** What the last service worker has kept of a tab that is still captured, by default of a live stream. */
function left(tab_id: number, change: Partial<StreamRecord>): StreamRecord {
  const stream_id = `s${tab_id}`;
  const identity = { stream_id, view_token: "t".repeat(22), started_at: 1, published_at: 1, generation: 0 };
  const record = { ...newRecord(tab_id, OPTIONS, true), phase: "live", stream: "live", identity, ...change } as const;
  fake.captures.push(stream_id);
  fake.stored.push(record);
  return record;
}

/** The tabs of what is to be recovered, and of what is to be let go of. */
async function judged(): Promise<number[][]> {
  const { wanted, over } = await leftBehind(fake.parts);
  return [wanted, over].map((records) => records.map(({ tab }) => tab.tab_id));
}

beforeEach(() => {
  fake = new FakeParts();
});

it("asks nobody where nothing was left", async () => {
  expect(await judged()).toEqual([[], []]);
  expect(fake.calls).toEqual([]);
});

it("goes on with what is captured and wanted, and lets go of the rest", async () => {
  left(1, {});
  left(2, { phase: "recovering" });
  left(3, { stream: "none", recorded: true, recording_id: "r" });
  left(4, { phase: "starting", stream: "starting" });
  left(5, { phase: "stopping" });
  left(6, { stream: "none" });
  left(7, { identity: null });
  expect(await judged()).toEqual([
    [1, 2, 3],
    [4, 5, 6, 7],
  ]);
});

it("lets go of what is no longer captured", async () => {
  left(1, {});
  left(2, {});
  fake.captures = ["s2"];
  expect(await judged()).toEqual([[2], [1]]);
});

it("what was about to begin or to end beside a recording is lost with the worker", async () => {
  const stream = left(1, { stream: "starting", recorded: true, recording_id: "r" });
  const recording = left(2, { stream: "none", recorded: true });
  expect(await judged()).toEqual([[1], [2]]);
  expect(stream).toMatchObject({ stream: "none", identity: { published_at: null }, options: { protocol: "hls" } });
  expect(recording.recorded).toBe(false);
});
