// Which rungs a source has.
import { expect, test } from "vitest";
import { rungsOf } from "../../../../native-host/ladder/rung-plan.ts";
import type { InitSegment } from "../../../../native-host/media/init-segment.ts";
import { PROFILES, type Quality } from "../../../../protocol/profiles.ts";

test.each<[Quality, number, number, [number, number, number][]]>([
  [
    "high",
    1920,
    1080,
    [
      [960, 540, 1_000_000],
      [480, 270, 300_000],
    ],
  ],
  [
    "medium",
    1280,
    720,
    [
      [960, 540, 500_000],
      [480, 270, 150_000],
    ],
  ],
  [
    "high",
    800,
    500,
    [
      [602, 376, 1_000_000],
      [400, 250, 300_000],
    ],
  ],
  [
    "high",
    540,
    960,
    [
      [304, 540, 1_000_000],
      [152, 270, 300_000],
    ],
  ],
  ["low_bandwidth", 854, 480, [[428, 240, 166_667]]],
  ["high", 320, 120, [[240, 90, 1_000_000]]],
  ["lossless", 1280, 720, []],
])("%s at %ix%i", (quality, width, height, expected) => {
  const rendition = {
    id: "video",
    type: "video",
    group: "video",
    codec: "h264",
    width,
    height,
    bitrate: null,
  } as const;
  const rungs = rungsOf({ rendition, width, height } as InitSegment, PROFILES[quality]);
  expect(rungs.map((rung) => [rung.width, rung.height, rung.bitrate])).toEqual(expected);
  expect(rungs.map(({ id, codec, group }) => `${id} ${codec} ${group}`)).toEqual(
    rungs.map((_, index) => `rung${index + 1} h264 video`),
  );
});

test("another quality has as many rungs as the one that the stream began with: somebody may be reading them", () => {
  const rendition = {
    id: "video",
    type: "video",
    group: "video",
    codec: "h264",
    width: 852,
    height: 480,
    bitrate: null,
  };
  const source = { rendition, width: 852, height: 480 } as InitSegment;
  const ids = (began: Quality) => rungsOf(source, PROFILES.low_bandwidth, PROFILES[began]).map(({ id }) => id);
  expect(ids("low_bandwidth")).toEqual(["rung1"]);
  expect(ids("medium")).toEqual(["rung1", "rung2"]);
});
