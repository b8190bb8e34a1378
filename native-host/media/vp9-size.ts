// The size of the picture that a VP9 keyframe says of itself, in its uncompressed header (VP9 bitstream specification, 6.2): the browser's
// encoder goes on in the same run when its video gets another size.
import type { PictureSize } from "./h264-size.ts";

/** `frame_marker`, 6.2. */
const MARKER = 0b10;
/** `frame_sync_code`, 6.2.1. */
const SYNC = 0x498342;
/** `color_space` of RGB, 6.2.2: only such a profile 1 or 3 has, which no browser makes. */
const RGB = 7;

/** The size that a frame of profile 0 or 2 begins with; `null`: it is no keyframe, or none of these. `sample`: its first bytes. */
export function vp9Size(sample: Uint8Array): PictureSize | null {
  let at = 0;
  const bits = (count: number): number => {
    let value = 0;
    for (let each = 0; each < count; each++, at++) value = value * 2 + (((sample[at >> 3] ?? 0) >> (7 - (at & 7))) & 1);
    return value;
  };
  if (bits(2) !== MARKER) return null;
  const profile = bits(1) + 2 * bits(1);
  if (profile % 2 !== 0) return null;
  const [shows_existing, is_inter] = [bits(1), bits(1)];
  if (shows_existing || is_inter) return null;
  bits(2); // show_frame, error_resilient_mode
  if (bits(24) !== SYNC) return null;
  if (profile === 2) bits(1); // ten_or_twelve_bit
  if (bits(3) === RGB) return null;
  bits(1); // color_range
  const [width, height] = [bits(16) + 1, bits(16) + 1];
  return at <= sample.length * 8 ? { width, height } : null;
}
