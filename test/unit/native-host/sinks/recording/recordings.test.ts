// Which kind of file the video of a stream fits into, by what it is and not by what was asked for.
import { describe, expect, test } from "vitest";
import { recordingFormat } from "../../../../../native-host/sinks/recording/recordings.ts";
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
