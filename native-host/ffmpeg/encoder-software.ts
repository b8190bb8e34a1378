// The software encoders and their options, chosen by measurement (docs/decisions/encoders.md).
import { type EncoderDefinition, type EncodeTarget, rateBudget } from "./encoder-target.ts";

/** Frames between keyframes if nothing forced them: never, the forced ones come first. */
const NO_OWN_KEYFRAMES = "9999";

/** px a second that each core has to carry. */
function load(target: EncodeTarget): number {
  return (target.width * target.height * target.frame_rate) / Math.max(1, target.cores);
}

/** Slowest preset that leaves a browser its room: 0.3 core for 720p30, 0.75 for 1080p60 on two cores. */
function x264Preset(target: EncodeTarget): string {
  if (load(target) <= 16e6) return "veryfast";
  return load(target) <= 65e6 ? "superfast" : "ultrafast";
}

function x264(target: EncodeTarget): string[] {
  // aq-mode 3 halves the bits of text on a light page; sliced threads and no look-ahead come with zerolatency
  const preset = target.video_bitrate === null ? "ultrafast" : x264Preset(target); // without a cap bits cost nothing
  const common = ["-preset", preset, "-tune", "zerolatency", "-aq-mode", "3", "-sc_threshold", "0"];
  const structure = ["-bf", "0", "-g", NO_OWN_KEYFRAMES, "-forced-idr", "1", "-x264-params", "open-gop=0:scenecut=0"];
  if (target.video_bitrate === null) return [...common, "-qp", "8", ...structure]; // PSNR-Y 61 dB on text
  const { maxrate, bufsize, fullness } = rateBudget(target.video_bitrate, target.takes_over);
  const rate = ["-maxrate", maxrate, "-bufsize", bufsize, "-rc_init_occupancy", Math.floor(bufsize * fullness)];
  return [...common, "-crf", "23", ...rate.map(String), ...structure];
}

function openh264(target: EncodeTarget): string[] {
  // it has no buffer model and overshoots on noise: hence the last resort. Frame skipping is its only brake
  const { maxrate } = rateBudget(target.video_bitrate ?? 50_000_000);
  const rate = [
    "-rc_mode",
    "bitrate",
    "-allow_skip_frames",
    "1",
    "-b:v",
    String(Math.floor(maxrate * 0.9)),
    "-maxrate",
    String(maxrate),
  ];
  return [...rate, "-profile:v", "constrained_baseline", "-g", NO_OWN_KEYFRAMES];
}

/** ultrafast, with small blocks and adaptive quantization back: without them text falls to SSIM 0.78. */
const X265_PARAMS = "aq-mode=1:aq-strength=1:min-cu-size=8:ctu=32:psy-rd=0";

function x265(target: EncodeTarget): string[] {
  const structure = "log-level=error:keyint=-1:scenecut=0:open-gop=0:bframes=0:rc-lookahead=0:repeat-headers=0:info=0";
  const common = ["-preset", "ultrafast", "-tune", "zerolatency", "-forced-idr", "1", "-bf", "0"];
  if (target.video_bitrate === null) return [...common, "-x265-params", `${structure}:${X265_PARAMS}:qp=8`];
  const { maxrate, bufsize, fullness } = rateBudget(target.video_bitrate, target.takes_over);
  const rate = ["-crf", "26", "-maxrate", String(maxrate), "-bufsize", String(bufsize)];
  return [...common, ...rate, "-x265-params", `${structure}:${X265_PARAMS}:vbv-init=${fullness}`];
}

/**
 * What libvpx gives a keyframe is (16 + max(32, 2 frame rate - 16)) / 16 frames' worth (vp9_calc_iframe_target_size_one_pass_cbr): an eighth of a
 * second, at any rate. With its clock four times slower that is half a second, of the same bits.
 */
const VPX_CLOCK = 4;

function vpx(target: EncodeTarget, clock = 1): string[] {
  const tiles = target.width >= 1920 ? 2 : target.width >= 512 ? 1 : 0;
  const speed = ["-deadline", "realtime", "-cpu-used", "8", "-row-mt", "1", "-tile-columns", String(tiles)];
  const threads = ["-threads", String(Math.min(8, Math.max(1, target.cores)))];
  const structure = ["-lag-in-frames", "0", "-auto-alt-ref", "0", "-g", NO_OWN_KEYFRAMES];
  const common = [...speed, ...threads, ...structure];
  if (target.video_bitrate === null) return [...common, "-lossless", "1"];
  const { maxrate, bufsize } = rateBudget(target.video_bitrate);
  const rate = ["-b:v", clock * maxrate, "-minrate", clock * maxrate, "-maxrate", clock * maxrate, "-bufsize", bufsize];
  // screen tuning, a ceiling on keyframes and dropped frames are what holds the cap on text and on noise
  const brakes = [
    "-undershoot-pct",
    "50",
    "-overshoot-pct",
    "20",
    "-max-intra-rate",
    String(clock > 1 ? 3000 : 600),
    "-qmin",
    "4",
    "-qmax",
    "63",
  ];
  return [
    ...common,
    ...rate.map(String),
    ...brakes,
    "-aq-mode",
    "3",
    "-tune-content",
    "screen",
    "-drop-threshold",
    "30",
  ];
}

const everywhere = {
  kind: "software",
  platforms: null,
  device: [],
  upload: "format=yuv420p",
} as const;

/** Software encoders, the better ones first. */
export const SOFTWARE_ENCODERS: readonly EncoderDefinition[] = [
  { ...everywhere, name: "libx264", codec: "h264", options: x264 },
  { ...everywhere, name: "libopenh264", codec: "h264", options: openh264 },
  { ...everywhere, name: "libx265", codec: "h265", options: x265 },
  { ...everywhere, name: "libvpx-vp9", codec: "vp9", clock: VPX_CLOCK, options: vpx },
];
