// Where a captured picture ends in black that Chrome has filled up with, and what may be cut off.
import { expect, test } from "vitest";
import { captureRequest } from "../../../../extension/background/encoding.ts";
import { boxOfShape, cuttable } from "../../../../extension/offscreen/capture-size.ts";
import { isPadded } from "../../../../extension/offscreen/padding.ts";
import { parseStartStreamOptions } from "../../../../protocol/options.ts";

const CAPTURE = { stream_id: "s", media_stream_id: "m", first_run: 1, private: false, muted: false };
const captureRequestFor = (options: object) => captureRequest(CAPTURE, parseStartStreamOptions(options));

/** Five rows of a strip along the right edge. */
const strip = (...row: number[]) => new Uint8Array(Array.from({ length: 5 }, () => row).flat());
const outer = (index: number) => index % 4 >= 2;

test("two black columns beside what isn't black are padding", () => {
  expect(isPadded(strip(235, 235, 16, 16), outer)).toBe(true);
  expect(isPadded(strip(16, 40, 16, 16), outer)).toBe(true);
});

test("a page that goes on to the edge has none, however dark it is", () => {
  expect(isPadded(strip(235, 235, 235, 235), outer)).toBe(false);
  expect(isPadded(strip(235, 235, 16, 18), outer)).toBe(false);
  const oneLight = strip(16, 16, 16, 16);
  oneLight[2] = 90;
  expect(isPadded(oneLight, outer)).toBe(false);
});

test("of a page that is black there it can't be told", () => {
  expect(isPadded(strip(16, 16, 16, 16), outer)).toBeNull();
});

test("a side keeps the length that was asked for", () => {
  expect(cuttable(captureRequestFor({}))).toEqual({ right: true, bottom: true });
  expect(cuttable(captureRequestFor({ quality: "lossless" }))).toEqual({ right: true, bottom: true });
  expect(cuttable(captureRequestFor({ width: 640 }))).toEqual({ right: false, bottom: true });
  expect(cuttable(captureRequestFor({ height: 480 }))).toEqual({ right: true, bottom: false });
  expect(cuttable(captureRequestFor({ width: 640, height: 480 }))).toEqual({ right: false, bottom: false });
});

test.each([
  ["the box's own shape", [1920, 1080], [1280, 720, 1], [1920, 1080]],
  ["another one", [1920, 1080], [900, 700, 1], [1386, 1078]],
  ["upright", [1920, 1080], [390, 844, 1], [390, 844]],
  ["upright, with more pixels than it has points", [1920, 1080], [393, 851, 3], [499, 1080]],
  ["without a common divisor", [1920, 1080], [1283, 721, 1], [1283, 721]],
  ["larger than the box", [854, 480], [1280, 720, 1], [854, 480]],
] as const)("a box in the shape of a headless screen: %s", (_, [width, height], screen, wanted) => {
  const [screenWidth, screenHeight, pixel_ratio] = screen;
  const box = boxOfShape({ width, height }, { width: screenWidth, height: screenHeight, pixel_ratio });
  expect([box.width, box.height]).toEqual(wanted);
});
