// Another quality for a live stream: what changes in its options, what stays, what is refused.
import { expect, test } from "vitest";
import { parseQuality, parseStartStreamOptions } from "../../../protocol/options.ts";
import { changedQuality, paceOf } from "../../../protocol/quality-change.ts";

const SIZE = { width: 1280, height: 720 };

test("keyframes and parts keep to the quality that it began with, however often it changes", () => {
  const begun = parseStartStreamOptions({ quality: "medium" });
  const low = changedQuality(begun, "low_bandwidth", SIZE);
  expect(low).toMatchObject({ quality: "low_bandwidth", began_as: "medium" });
  expect(paceOf(low).keyframe_interval).toBe(1000);
  const high = changedQuality(low, "high", SIZE);
  expect(high).toMatchObject({ quality: "high", began_as: "medium" });
  expect(changedQuality(high, "medium", SIZE)).toEqual(begun);
  expect(changedQuality(begun, "medium", SIZE)).toBe(begun);
});

test("what its caller has named stays", () => {
  const options = parseStartStreamOptions({ quality: "high", width: 640, frame_rate: 10 });
  expect(changedQuality(options, "studio", SIZE)).toMatchObject({ quality: "studio", width: 640, frame_rate: 10 });
  expect(changedQuality(options, "studio", SIZE)).not.toHaveProperty("height");
});

test("where it goes by RTMP its size is held, and no longer than that", () => {
  const destinations = [{ url: "rtmp://host/app" }];
  const low = changedQuality(parseStartStreamOptions({ quality: "medium", destinations }), "low_bandwidth", SIZE);
  expect(low).toMatchObject({ ...SIZE, size_held: true });
  expect(changedQuality(low, "high", SIZE)).toMatchObject({ ...SIZE, size_held: true });
  const alone = changedQuality({ ...low, destinations: [] }, "high", SIZE);
  expect(alone).not.toHaveProperty("width");
  expect(alone).not.toHaveProperty("size_held");
  const srt = parseStartStreamOptions({ destinations: [{ url: "srt://host:9000" }] });
  expect(changedQuality(srt, "medium", SIZE)).not.toHaveProperty("width");
  const unknown = parseStartStreamOptions({ destinations });
  expect(changedQuality(unknown, "medium", { width: 0, height: 0 })).not.toHaveProperty("width");
  expect(changedQuality(unknown, "medium", null)).not.toHaveProperty("width");
});

test("into lossless and out of it is one clear error", () => {
  const refusal = (from: string, to: string) => {
    try {
      changedQuality(parseStartStreamOptions({ quality: from }), parseQuality(to), SIZE);
    } catch (thrown) {
      return (thrown as Error).message;
    }
    return null;
  };
  expect(refusal("high", "lossless")).toMatch(/from high to lossless.*lossless has a recorder of its own/);
  expect(refusal("lossless", "high")).toMatch(/from lossless to high.*lossless has a recorder of its own/);
  expect(refusal("lossless", "lossless")).toBeNull();
  expect(() => parseQuality("best")).toThrow(expect.objectContaining({ code: "invalid_option" }));
});

test("a caller can't name what is for the inside", () => {
  for (const option of ["began_as", "size_held"])
    expect(() => parseStartStreamOptions({ [option]: "high" })).toThrow(
      expect.objectContaining({ code: "unknown_option" }),
    );
});
