import { expect, test } from "vitest";
import { vp9Size } from "../../../../native-host/media/vp9-size.ts";

/** The beginning of a keyframe of profile 0: marker, flags, sync code, color_space 2 and range, then width and height less one. */
function keyframe(width: number, height: number, head = "10000010"): Uint8Array {
  const size = [width - 1, height - 1].map((each) => each.toString(2).padStart(16, "0")).join("");
  const bits = `${head}${(0x498342).toString(2).padStart(24, "0")}0100${size}`.padEnd(80, "0");
  return Uint8Array.from({ length: bits.length / 8 }, (_, index) =>
    Number.parseInt(bits.slice(index * 8, index * 8 + 8), 2),
  );
}

test("a keyframe says its size", () => {
  expect(vp9Size(keyframe(320, 180))).toEqual({ width: 320, height: 180 });
  expect(vp9Size(keyframe(1, 65_536))).toEqual({ width: 1, height: 65_536 });
});

test("other frames, other profiles, and what is cut off say none", () => {
  expect(vp9Size(keyframe(320, 180, "10000110"))).toBeNull(); // inter
  expect(vp9Size(keyframe(320, 180, "10001000"))).toBeNull(); // shows an existing one
  expect(vp9Size(keyframe(320, 180, "10100010"))).toBeNull(); // profile 1
  expect(vp9Size(keyframe(320, 180, "00000010"))).toBeNull();
  expect(vp9Size(keyframe(320, 180).subarray(0, 5))).toBeNull();
  expect(vp9Size(new Uint8Array())).toBeNull();
});
