// What the command takes for recordings, and how it opens one.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openerOf } from "../../../cli/recordings-command.ts";
import { sizeText } from "../../../cli/report.ts";
import { recordingOptions } from "../../../cli/stream-flags.ts";

test("--record", () => {
  expect(recordingOptions({ audio: true })).toBeNull();
  expect(recordingOptions({ audio: true, record: "a/talk.mp4" })).toEqual({ format: "mp4", path: "a/talk.mp4" });
  expect(() => recordingOptions({ audio: true, record: "talk.mov" })).toThrow("ends in .mp4 or .webm");
});

test("a file is opened by what the system has", () => {
  expect(openerOf("/a.mp4", "darwin", {})).toEqual(["open", ["/a.mp4"]]);
  expect(openerOf("C:\\a.mp4", "win32", {})).toEqual(["explorer.exe", ["C:\\a.mp4"]]);
  const folder = mkdtempSync(join(tmpdir(), "flybrowser-players-"));
  expect(openerOf("/a.mp4", "linux", { PATH: folder })).toBeNull();
  for (const name of ["ffplay", "mpv"]) writeFileSync(join(folder, name), "");
  chmodSync(join(folder, "mpv"), 0o755);
  expect(openerOf("/a.mp4", "linux", { PATH: `:/nowhere:${folder}` })).toEqual(["mpv", ["/a.mp4"]]);
  rmSync(folder, { recursive: true });
});

test("sizes", () => {
  expect(sizeText(12_340_000)).toBe("12.3 MB");
  expect(sizeText(2_345_000_000)).toBe("2.35 GB");
});
