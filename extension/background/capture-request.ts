// From the options of a stream to what the offscreen document is to capture.
// Never touches Chrome.
import type { CaptureRequest } from "../../protocol/extension-messages.ts";
import type { ResolvedStartStreamOptions } from "../../protocol/options.ts";
import { PROFILES, type Profile } from "../../protocol/profiles.ts";

/** Least and most that a picture to be encoded again is recorded with: its own loss must not be seen, bit/s. */
const SOURCE_BITRATE = { least: 8_000_000, most: 50_000_000 } as const;
/** bit/s that "no cap" stands for where a figure is needed. */
const UNCAPPED = 100_000_000;

/**
 * What to record. Copied video is asked for at 0.9 of its cap, since OpenH264 keeps its average, not its peaks; H.265,
 * which is always encoded again, at four times its cap. An exact size is recorded as it may be copied: were it recorded
 * with more, a copy of it would break the cap.
 */
export function recorderWish(
  options: ResolvedStartStreamOptions,
): Pick<CaptureRequest, "recorder" | "recorder_bitrate"> {
  const cap = PROFILES[options.quality].video_bitrate;
  if (cap === null) return { recorder: "vp9_quantizer", recorder_bitrate: UNCAPPED };
  const source = Math.min(SOURCE_BITRATE.most, Math.max(SOURCE_BITRATE.least, 4 * cap));
  return {
    recorder: options.codec === "vp9" ? "vp9" : "h264",
    recorder_bitrate: options.codec === "h265" ? source : Math.round(cap * 0.9),
  };
}

/** Gives the capture that fits `options`: the size the caller named, else the profile's box. */
export function captureRequest(
  stream_id: string,
  media_stream_id: string,
  options: ResolvedStartStreamOptions,
): CaptureRequest {
  const profile: Profile = PROFILES[options.quality];
  const named = options.width !== undefined || options.height !== undefined;
  return {
    stream_id,
    media_stream_id,
    ...recorderWish(options),
    width: named ? (options.width ?? null) : profile.max_width,
    height: named ? (options.height ?? null) : profile.max_height,
    exact: options.width !== undefined && options.height !== undefined,
    frame_rate: options.frame_rate ?? profile.frame_rate,
    keyframe_interval: profile.keyframe_interval,
    video_bitrate: profile.video_bitrate ?? UNCAPPED,
    audio_bitrate: profile.audio_bitrate,
    audio: options.audio,
  };
}
