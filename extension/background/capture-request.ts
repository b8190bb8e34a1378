// From the options of a stream to what the offscreen document is to capture.
// Never touches Chrome.
import type { CaptureRequest } from "../../protocol/extension-messages.ts";
import type { ResolvedStartStreamOptions } from "../../protocol/options.ts";
import { PROFILES, type Profile } from "../../protocol/profiles.ts";

/** bit/s asked of the recorder where the profile has no cap. */
const UNCAPPED_BITRATE = 50_000_000;

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
    codec: options.codec,
    width: named ? (options.width ?? null) : profile.max_width,
    height: named ? (options.height ?? null) : profile.max_height,
    exact: options.width !== undefined && options.height !== undefined,
    frame_rate: options.frame_rate ?? profile.frame_rate,
    keyframe_interval: profile.keyframe_interval,
    video_bitrate: profile.video_bitrate ?? UNCAPPED_BITRATE,
    audio_bitrate: profile.audio_bitrate,
    audio: options.audio,
  };
}
