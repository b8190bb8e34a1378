// The size of the picture that an H.264 sample says of itself, in a sequence parameter set: MediaRecorder goes on in the same run when
// its video gets another size.
import h264 from "mux.js/lib/codecs/h264.js";

/** `nal_unit_type` of a sequence parameter set, H.264 7.4.1. */
const SPS = 7;

/** px */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** Reads a sequence parameter set; `null`: it can't be read. */
function readSps(unit: Uint8Array): PictureSize | null {
  let size: PictureSize | null = null;
  try {
    const stream = new h264.H264Stream();
    stream.on("data", ({ config }) => {
      if (config) size = { width: config.width, height: config.height };
    });
    const data = Uint8Array.from([0, 0, 0, 1, ...unit]);
    stream.push({ type: "video", trackId: 1, pts: 0, dts: 0, data });
    stream.flush();
  } catch {
    // Not one that a decoder could read either.
  }
  return size;
}

/**
 * The size that a sample begins with; `null`: it says none. `sample`: its first bytes, NAL units with their length before them
 * (ISO 14496-15, 5.3.3); `avcc`: the AVCDecoderConfigurationRecord of its track.
 */
export function sizeInBand(sample: Uint8Array, avcc: Uint8Array): PictureSize | null {
  const lengthBytes = ((avcc[4] ?? 3) & 3) + 1;
  for (let at = 0; at + lengthBytes < sample.length; ) {
    const length = sample.subarray(at, at + lengthBytes).reduce((sum, byte) => sum * 256 + byte, 0);
    const unit = sample.subarray(at + lengthBytes, at + lengthBytes + length);
    if (unit.length === length && ((unit[0] ?? 0) & 0x1f) === SPS) return readSps(unit);
    at += lengthBytes + length;
  }
  return null;
}
