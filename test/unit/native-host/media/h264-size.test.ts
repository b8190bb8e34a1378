// The size in a sequence parameter set, as MediaRecorder writes it in front of a keyframe.
import { expect, test } from "vitest";
import { sizeInBand } from "../../../../native-host/media/h264-size.ts";

/** x264, baseline, 320×180. */
const SPS = Buffer.from("6742c00d8c8d40a0cfcf00f08846a0", "hex");
const AVCC = Buffer.from("0142c00dff", "hex");
const unit = (bytes: Uint8Array): Buffer => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
};
const SEI = unit(Buffer.from([6, 5, 1, 0, 0x80]));
const IDR = unit(Buffer.from([0x65, 1, 2, 3]));

test("the size of a keyframe's own parameter set", () => {
  expect(sizeInBand(Buffer.concat([SEI, unit(SPS), IDR]), AVCC)).toEqual({ width: 320, height: 180 });
});

test.each([
  ["there is none", Buffer.concat([SEI, IDR])],
  ["it is cut off", unit(SPS).subarray(0, 10)],
  ["it can't be read", unit(Buffer.from([0x67]))],
  ["a length leads out of the sample", Buffer.from("ffffffff67", "hex")],
  ["the sample is empty", Buffer.alloc(0)],
])("no size where %s", (_why, sample) => {
  expect(sizeInBand(sample, AVCC)).toBeNull();
});
