// FFmpeg's arguments for encoding the picture: filters, timing, keyframes, colours, tag; the same for the trial of an
// encoder and for the live stream.
import { COLOURS } from "./colours.ts";
import type { Codec, EncoderDefinition, EncodeTarget } from "./encoder-target.ts";

/** The arguments of one encoding, in their two places. */
export interface EncodeArguments {
  /** In front of `-i`. */
  readonly before_input: readonly string[];
  /** Behind `-map`, in front of the muxer's. */
  readonly output: readonly string[];
}

/** Half a millisecond: browsers stamp in ms, and 0.999 is not yet the next second. */
const ROUNDING = 0.0005;

/**
 * A keyframe on the first frame of each interval of media time. The usual `gte(t,n_forced*K)` makes a row of keyframes
 * after a pause, and of a run that begins late on the clock; this looks only at the interval of the last one.
 */
export function keyframeExpression(interval: number): string {
  const seconds = interval / 1000;
  const slot = (time: string) => `floor(${time}/${seconds}+${ROUNDING})`;
  return `expr:if(isnan(prev_forced_t),1,gt(${slot("t")},${slot("prev_forced_t")}))`;
}

/**
 * The whole chain: an even rate (FFmpeg can't know that of live Matroska and says 1000 to the encoder, and x264's and
 * x265's quality targets sink to SSIM 0.8 on a page that gives one frame a second),
 * size (fitted inside, never stretched), square pixels, the encoder's pixel format.
 */
export function filterChain(encoder: EncoderDefinition, target: EncodeTarget): string {
  const { width, height, detail_divisor } = target;
  const even = (pixels: number) => Math.max(2, Math.round(pixels / detail_divisor / 2) * 2);
  // The label of what comes in isn't to be believed.
  const { scale_matrix } = COLOURS[target.matrix];
  const colours = `in_color_matrix=${scale_matrix}:out_color_matrix=${scale_matrix}:out_range=tv`;
  const soften =
    detail_divisor === 1 ? [] : [`scale=${even(width)}:${even(height)}:flags=area`, `scale=${width}:${height}`];
  return [
    `fps=${target.frame_rate}`,
    `scale=${width}:${height}:force_original_aspect_ratio=decrease:force_divisible_by=2:${colours}:flags=bicubic`,
    `pad=${width}:${height}:-1:-1`,
    ...soften,
    "setsar=1",
    encoder.upload,
  ].join(",");
}

/**
 * Parameter sets at each keyframe, as the browser's own H.264 has them: FFmpeg, mpv, VLC and GStreamer read the first init segment of an
 * HLS stream only, and would take the pictures of another size for damaged ones.
 */
export const IN_BAND: Readonly<Record<Codec, readonly string[]>> = {
  h264: ["-bsf:v", "dump_extra=freq=keyframe"],
  h265: ["-bsf:v", "dump_extra=freq=keyframe"],
  vp9: [],
};

/** The arguments with which an encoder makes the target. `fps_mode`: this FFmpeg knows `-fps_mode` (5.1 and newer). */
export function encodeArguments(encoder: EncoderDefinition, target: EncodeTarget, fps_mode: boolean): EncodeArguments {
  const timing = [fps_mode ? "-fps_mode" : "-vsync", "passthrough"];
  // `setts`, which gives the packets their times back, came with FFmpeg 4.4; one that knows `-fps_mode` has it.
  const clock = fps_mode && target.video_bitrate !== null ? (encoder.clock ?? 1) : 1;
  const unit = `1/${target.frame_rate * clock}`;
  const slower = clock === 1 ? "" : `,settb=${unit},setpts=PTS/${clock}`;
  const times = ["pts=PTS", "dts=DTS", "duration=DURATION"].map((each) => `${each}*${clock}`).join(":");
  return {
    before_input: encoder.device,
    output: [
      ...["-vf", `${filterChain(encoder, target)}${slower}`, ...timing],
      ...["-c:v", encoder.name, ...encoder.options(target, clock)],
      ...["-force_key_frames", keyframeExpression(target.keyframe_interval / clock)],
      ...COLOURS[target.matrix].label,
      ...IN_BAND[encoder.codec],
      ...(clock === 1 ? [] : ["-enc_time_base", unit, "-bsf:v", `setts=${times}`]),
      ...(encoder.codec === "h265" ? ["-tag:v", "hvc1"] : []), // Safari and MSE want hvc1
    ],
  };
}
