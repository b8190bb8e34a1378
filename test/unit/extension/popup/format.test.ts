import { describe, expect, it } from "vitest";
import * as format from "../../../../extension/popup/format.ts";
import { QUALITIES } from "../../../../protocol/profiles.ts";
import { sentence } from "../../../../protocol/sentence.ts";

describe("the popup's words", () => {
  it.each([
    [500_000, "500 kbit/s"],
    [999_600, "1 Mbit/s"],
    [1_500_000, "1.5 Mbit/s"],
    [3_000_000, "3 Mbit/s"],
    [50_000_000, "50 Mbit/s"],
    [null, format.UNKNOWN],
  ])("bitrate %s", (bits, words) => expect(format.bitrate(bits)).toBe(words));

  it.each([
    [0, "0:00"],
    [7.9, "0:07"],
    [725, "12:05"],
    [3723, "1:02:03"],
    [-1, "0:00"],
  ])("duration %s", (seconds, words) => expect(format.duration(seconds)).toBe(words));

  it("says what each quality gives", () => {
    expect(format.videoOf("high")).toBe("up to 1920×1080, 30 fps");
    expect(format.videoOf("lossless")).toBe("the tab's own size, 30 fps");
    expect(format.capOf("lossless")).toBe("no cap");
    expect(new Set(QUALITIES.map((quality) => format.QUALITY_WORDS[quality].name)).size).toBe(9);
  });

  it("finds the commands in an advice", () => {
    expect(format.splitAdvice("Run `flybrowser install`, then try again.")).toEqual([
      { text: "Run ", command: false },
      { text: "flybrowser install", command: true },
      { text: ", then try again.", command: false },
    ]);
  });

  it("counts viewers and frames", () => {
    expect([0, 1, 2].map(format.viewers)).toEqual(["0 viewers", "1 viewer", "2 viewers"]);
    expect(format.frameRate(29.97)).toBe("30 fps");
    expect(format.frameRate(null)).toBe(format.UNKNOWN);
  });
});

it("says nothing of a page that is silent, as most are, and of all else", () => {
  const [silent, low] = [sentence("health.silent"), sentence("health.page_crashed")];
  expect(format.worthSaying([silent, low, "from FFmpeg"])).toEqual([low, "from FFmpeg"]);
});
