// What startRecording takes, and what its errors say.
import { expect, test } from "vitest";
import { parseStartRecordingOptions } from "../../../protocol/options.ts";

test.each([
  [undefined, {}],
  [{}, {}],
  [{ format: "webm" }, { format: "webm" }],
  [{ path: "/a/b.MP4" }, { format: "mp4", path: "/a/b.MP4" }],
  [{ frame_rate: 29.97 }, { frame_rate: 29.97 }],
  [{ path: "talk.webm" }, { format: "webm", path: "talk.webm" }],
  [
    { path: "C:\\films\\a.mp4", format: "mp4" },
    { path: "C:\\films\\a.mp4", format: "mp4" },
  ],
])("%o", (input, output) => {
  expect(parseStartRecordingOptions(input)).toEqual(output);
});

test.each([
  [{ format: "avi" }, "invalid_option", 'Option format: "avi" is not allowed. Allowed: mp4, webm.'],
  [{ path: "/a/b.avi" }, "invalid_option", "the path of a file that ends in .mp4 or .webm"],
  [{ path: "/a/.mp4" }, "invalid_option", "ends in .mp4 or .webm"],
  [{ path: "/a/b.mp4", format: "webm" }, "invalid_option", "Allowed: mp4, because the path ends in .mp4."],
  [{ file: "a" }, "unknown_option", "Unknown option file. Known options: format, path, offer, frame_rate."],
  [{ frame_rate: 0 }, "invalid_option", "Option frame_rate: 0 is not allowed. Allowed: a number from 1 to 60."],
  [{ frame_rate: "constant" }, "invalid_option", "a number from 1 to 60"],
  ["a.mp4", "invalid_option", "Option options"],
])("%o is refused", (input, code, message) => {
  const parse = () => parseStartRecordingOptions(input);
  expect(parse).toThrow(message);
  expect(parse).toThrow(expect.objectContaining({ code }));
});
