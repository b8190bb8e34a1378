// What the command takes for recordings, and how it shows their size.
import { expect, test } from "vitest";
import { sizeText } from "../../../cli/report.ts";
import { recordingOptions } from "../../../cli/stream-flags.ts";

test("--record", () => {
  expect(recordingOptions({ audio: true })).toBeNull();
  expect(recordingOptions({ audio: true, record: "./talk.mp4" })).toEqual({ format: "mp4", path: "./talk.mp4" });
  expect(() => recordingOptions({ audio: true, record: "talk.mov" })).toThrow("ends in .mp4 or .webm");
});

test("sizes", () => {
  expect(sizeText(12_340_000)).toBe("12.3 MB");
  expect(sizeText(2_345_000_000)).toBe("2.35 GB");
});
