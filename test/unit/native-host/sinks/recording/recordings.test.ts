// Which kind of file the video of a stream fits into, by what it is and not by what was asked for; what can't be opened.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { Recordings, recordingFormat } from "../../../../../native-host/sinks/recording/recordings.ts";
import { type RecordingJournal, recordingFolder, writeJournal } from "../../../../../protocol/node/recording-files.ts";
import { recordableStream, writeRun } from "../../../../fixtures/recording/stream.ts";
import { makeRun } from "../../packager/media.ts";

type Codec = "h264" | "h265" | "vp9";

const stream = (codec: Codec) => recordableStream({ source: { url: "u", title: "t", codec } });

describe("before the first media", () => {
  test.each([
    ["h264", "mp4"],
    ["h265", "mp4"],
    ["vp9", "webm"],
  ] as const)("%s goes into %s", (codec, format) => {
    expect(recordingFormat(stream(codec), undefined)).toBe(format);
    expect(recordingFormat(stream(codec), format)).toBe(format);
  });
  test("what doesn't fit is refused, with what to do instead", () => {
    const refusal = (codec: Codec, wanted: "mp4" | "webm") => () => recordingFormat(stream(codec), wanted);
    expect(refusal("h264", "webm")).toThrow(
      /Recording a stream in avc1 as webm is not possible: WebM carries VP9 only/,
    );
    expect(refusal("vp9", "mp4")).toThrow(/many players can't play VP9 in MP4/);
    expect(refusal("vp9", "mp4")).toThrow(
      expect.objectContaining({
        code: "unsupported_combination",
        fix: "Record as webm, or start the stream with codec h264.",
      }),
    );
  });
});

test("with media, they count", async () => {
  const wished = stream("vp9");
  writeRun(wished.media, 0, await makeRun({ seconds: 1, offset: 0 }));
  expect(wished.media.run).not.toBeNull();
  expect(recordingFormat(wished, undefined)).toBe("mp4");
});

test("a recording without its file isn't opened: it isn't made yet, or has been deleted", async () => {
  const home = mkdtempSync(join(tmpdir(), "flybrowser-recordings-"));
  onTestFinished(() => rmSync(home, { recursive: true }));
  const path = join(home, "talk.mp4");
  const journal: Omit<RecordingJournal, "recording_id" | "status"> = {
    ...{ version: 1, stream_id: "s", format: "mp4", pid: process.pid, title: "", url: "", file_path: path },
    ...{ started_at: "2020-01-31T10:00:00.000Z", duration_seconds: 1, size_bytes: 1, chapters: [], progress: null },
    ...{ error: null, stream_started_at: 0, tasks: [], attempts: 0 },
  };
  for (const status of ["finished", "failed"] as const) {
    writeJournal(recordingFolder(home, status), { ...journal, recording_id: status, status }, false);
  }
  const recordings = new Recordings({ home, ffmpegPath: async () => "ffmpeg" });
  await expect(recordings.open("failed", "play")).rejects.toMatchObject({ code: "recording_not_found" });
  await expect(recordings.open("finished", "show")).rejects.toMatchObject({
    code: "recording_file_gone",
    message: `The file of the recording finished is gone: ${path}.`,
  });
});
