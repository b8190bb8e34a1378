// What the command takes for recordings, and how it shows their size.
import { expect, test } from "vitest";
import { choose } from "../../../cli/recordings-command.ts";
import { sizeText } from "../../../cli/report.ts";
import { recordingOptions } from "../../../cli/stream-flags.ts";
import type { StoredRecording } from "../../../protocol/node/recording-files.ts";

test("--record", () => {
  expect(recordingOptions({ audio: true })).toBeNull();
  expect(recordingOptions({ audio: true, record: "./talk.mp4" })).toEqual({ format: "mp4", path: "./talk.mp4" });
  expect(() => recordingOptions({ audio: true, record: "talk.mov" })).toThrow("ends in .mp4 or .webm");
});

test("sizes", () => {
  expect(sizeText(12_340_000)).toBe("12.3 MB");
  expect(sizeText(2_345_000_000)).toBe("2.35 GB");
});

test("the one that is meant: by its id, its beginning, or the newest", () => {
  const of = (...ids: string[]) => ids.map((recording_id) => ({ journal: { recording_id } }) as StoredRecording);
  const all = of("recording_b2", "recording_a", "recording_ab");
  expect(choose(all, "recording_b")).toBe(all[0]);
  expect(choose(all, "recording_a")).toBe(all[1]);
  expect(choose(all, undefined)).toBe(all[0]);
  expect(() => choose(all, "c")).toThrow("There is no recording c.");
  expect(() => choose([], undefined)).toThrow("There is no recording yet.");
  expect(() => choose(all, "recording_")).toThrow(
    'Option <recording_id>: "recording_" is not allowed. Allowed: recording_b2, recording_a, recording_ab.',
  );
});
