// The hardware encoders and their options, from FFmpeg's documentation: each is tried before it is trusted, with
// exactly these options.
import { type Codec, type EncoderDefinition, type EncodeTarget, rateBudget } from "./encoder-target.ts";

const NO_OWN_KEYFRAMES = "9999";
/** bit/s where there is no cap: more than a page ever needs, and what every chip accepts. */
const UNCAPPED = 100_000_000;

/** Average, ceiling and buffer: hardware has no quality target under a ceiling that all of them know. */
function capped(target: EncodeTarget): string[] {
  const { maxrate, bufsize } = rateBudget(target.video_bitrate ?? UNCAPPED);
  return ["-b:v", String(Math.floor(maxrate * 0.9)), "-maxrate", String(maxrate), "-bufsize", String(bufsize)];
}

function nvenc(target: EncodeTarget): string[] {
  const lossless = ["-preset", "p4", "-tune", "lossless"];
  const live = ["-preset", "p4", "-tune", "ll", "-rc", "vbr", ...capped(target), "-spatial-aq", "1"];
  const structure = ["-bf", "0", "-g", NO_OWN_KEYFRAMES, "-no-scenecut", "1", "-forced-idr", "1"];
  return [...(target.video_bitrate === null ? lossless : live), ...structure, "-rc-lookahead", "0", "-delay", "0"];
}

function qsv(target: EncodeTarget): string[] {
  const structure = ["-bf", "0", "-g", NO_OWN_KEYFRAMES, "-forced_idr", "1", "-async_depth", "1"];
  if (target.video_bitrate === null) return ["-preset", "veryfast", "-global_quality", "8", ...structure];
  return ["-preset", "veryfast", ...capped(target), ...structure];
}

function vp9Qsv(target: EncodeTarget): string[] {
  return ["-preset", "veryfast", ...capped(target), "-bf", "0", "-g", NO_OWN_KEYFRAMES, "-async_depth", "1"];
}

function vaapi(target: EncodeTarget): string[] {
  const structure = ["-bf", "0", "-g", NO_OWN_KEYFRAMES, "-async_depth", "1"];
  if (target.video_bitrate === null) return ["-rc_mode", "CQP", "-qp", "8", ...structure];
  return ["-rc_mode", "VBR", ...capped(target), ...structure];
}

function videotoolbox(target: EncodeTarget): string[] {
  return ["-realtime", "1", "-allow_sw", "0", ...capped(target), "-bf", "0", "-g", NO_OWN_KEYFRAMES];
}

function amf(target: EncodeTarget): string[] {
  const rate = ["-rc", "vbr_latency", ...capped(target), "-enforce_hrd", "1"];
  return ["-usage", "lowlatency", "-quality", "speed", ...rate, "-bf", "0", "-g", NO_OWN_KEYFRAMES];
}

/** `-bf` is unknown to AMF's HEVC encoder, which has no B frames. */
function amfHevc(target: EncodeTarget): string[] {
  const rate = ["-rc", "vbr_latency", ...capped(target), "-enforce_hrd", "1"];
  return ["-usage", "lowlatency", "-quality", "speed", ...rate, "-g", NO_OWN_KEYFRAMES];
}

type Family = Omit<EncoderDefinition, "name" | "codec" | "options">;
const frames = { kind: "hardware", device: [], upload: "format=nv12" } as const;
const PC: readonly NodeJS.Platform[] = ["linux", "win32"];

const NVENC: Family = { ...frames, platforms: PC, upload: "format=yuv420p" };
const QSV: Family = { ...frames, platforms: PC };
const VAAPI: Family = {
  kind: "hardware",
  platforms: ["linux"],
  device: ["-init_hw_device", "vaapi=gpu:/dev/dri/renderD128", "-filter_hw_device", "gpu"],
  upload: "format=nv12,hwupload",
};
const VIDEOTOOLBOX: Family = { ...frames, platforms: ["darwin"] };
const AMF: Family = { ...frames, platforms: PC };

function entry(name: string, codec: Codec, family: Family, options: EncoderDefinition["options"]): EncoderDefinition {
  return { ...family, name, codec, options };
}

/** Hardware encoders in the order in which they are tried. */
export const HARDWARE_ENCODERS: readonly EncoderDefinition[] = [
  entry("h264_nvenc", "h264", NVENC, nvenc),
  entry("h264_qsv", "h264", QSV, qsv),
  entry("h264_vaapi", "h264", VAAPI, vaapi),
  entry("h264_videotoolbox", "h264", VIDEOTOOLBOX, videotoolbox),
  entry("h264_amf", "h264", AMF, amf),
  entry("hevc_nvenc", "h265", NVENC, nvenc),
  entry("hevc_qsv", "h265", QSV, qsv),
  entry("hevc_vaapi", "h265", VAAPI, vaapi),
  entry("hevc_videotoolbox", "h265", VIDEOTOOLBOX, videotoolbox),
  entry("hevc_amf", "h265", AMF, amfHevc),
  entry("vp9_qsv", "vp9", QSV, vp9Qsv),
  entry("vp9_vaapi", "vp9", VAAPI, vaapi),
];
