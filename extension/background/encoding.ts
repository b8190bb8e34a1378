// How a tab is encoded: what its options ask the recorder for, and what a stream may still choose of a tab that is encoded
// already. A tab is encoded once, as whoever came first has asked.
import { FlyBrowserError } from "../../protocol/errors.ts";
import type { CaptureRequest } from "../../protocol/extension-messages.ts";
import {
  parseStartRecordingOptions,
  parseStartStreamOptions,
  type ResolvedStartStreamOptions,
} from "../../protocol/options.ts";
import { PROFILES, type Profile, type Quality } from "../../protocol/profiles.ts";
import { paceOf } from "../../protocol/quality-change.ts";
import { sentence } from "../../protocol/sentence.ts";

/** Least and most that video to be encoded again is recorded with: its own loss must not be seen, bit/s. */
const SOURCE_BITRATE = { least: 8_000_000, most: 50_000_000 } as const;
/** bit/s that "no cap" stands for where a figure is needed. */
const UNCAPPED = 100_000_000;
/** Options that the encoding depends on. */
const ENCODING = ["quality", "codec", "width", "height", "frame_rate", "audio"] as const;

/**
 * What to record. Copied video is asked for at 0.9 of its cap, since OpenH264 keeps its average, not its peaks; H.265,
 * which is always encoded again, at four times its cap. An exact size is recorded as it may be copied: were it recorded
 * with more, a copy of it would break the cap.
 */
function recorderFor(options: ResolvedStartStreamOptions): Pick<CaptureRequest, "recorder" | "recorder_bitrate"> {
  const cap = PROFILES[options.quality].video_bitrate;
  if (cap === null) return { recorder: "vp9_quantizer", recorder_bitrate: UNCAPPED };
  const source = Math.min(SOURCE_BITRATE.most, Math.max(SOURCE_BITRATE.least, 4 * cap));
  return {
    recorder: options.codec === "vp9" ? "vp9" : "h264",
    recorder_bitrate: options.codec === "h265" ? source : Math.round(cap * 0.9),
  };
}

/** The capture that fits `options`: the size the caller named, else the profile's box. */
export function captureRequest(
  capture: Pick<CaptureRequest, "stream_id" | "media_stream_id" | "first_run" | "private" | "muted">,
  options: ResolvedStartStreamOptions,
): CaptureRequest {
  const profile: Profile = PROFILES[options.quality];
  const named = options.width !== undefined || options.height !== undefined;
  return {
    ...capture,
    ...recorderFor(options),
    width: named ? (options.width ?? null) : profile.max_width,
    height: named ? (options.height ?? null) : profile.max_height,
    exact: options.width !== undefined && options.height !== undefined,
    frame_rate: options.frame_rate ?? profile.frame_rate,
    quality: options.quality,
    keyframe_interval: paceOf(options).keyframe_interval,
    video_bitrate: profile.video_bitrate ?? UNCAPPED,
    audio_bitrate: profile.audio_bitrate,
    audio: options.audio,
    muted_tab: options.muted_tab,
    eager: paceOf(options).eager,
    follows: options.follow === "active",
  };
}

/**
 * The options of a stream of a tab that is encoded as `running` says: what the caller leaves out (`input` is what was
 * given, `asked` the same with defaults) is as it runs.
 * @throws FlyBrowserError `unsupported_combination` where the caller asks for another encoding
 */
export function joinOptions(
  running: ResolvedStartStreamOptions,
  asked: ResolvedStartStreamOptions,
  input: unknown,
): ResolvedStartStreamOptions {
  const given = (input ?? {}) as Readonly<Record<string, unknown>>;
  const other = ENCODING.find((name) => given[name] !== undefined && asked[name] !== running[name]);
  if (other !== undefined) {
    const now = running[other] === undefined ? sentence("combination.own_size") : String(running[other]);
    throw new FlyBrowserError("unsupported_combination", {
      what: sentence("combination.recorded_tab", { option: other, value: String(asked[other]) }),
      reason: sentence("combination.encoded_once", { option: other, value: now }),
      instead: sentence("instead.leave_out", { option: other }),
    });
  }
  const { protocol, rtmp_url, rtmp_key, destinations, renditions, share, follow, muted_tab } = asked;
  return {
    ...encodingOf(running),
    ...{ protocol, destinations, renditions, follow },
    ...(given.muted_tab === undefined ? {} : { muted_tab }),
    ...(share === undefined ? {} : { share }),
    ...(rtmp_url === undefined ? {} : { rtmp_url }),
    ...(rtmp_key === undefined ? {} : { rtmp_key }),
  };
}

/** Options without where the stream goes: what is left of them when nobody sees it any more. */
export function encodingOf(options: ResolvedStartStreamOptions): ResolvedStartStreamOptions {
  const { rtmp_url: _, rtmp_key: _k, share: _s, ...encoding } = options;
  return { ...encoding, protocol: "hls", destinations: [], renditions: "auto", follow: "page" };
}

/**
 * How a tab is encoded for a recording alone.
 * @throws FlyBrowserError `invalid_option`, `unknown_option`
 */
export function recordingEncoding(input: unknown, quality: Quality | undefined): ResolvedStartStreamOptions {
  const { format } = parseStartRecordingOptions(input);
  const codec = format === "webm" ? "vp9" : "h264";
  return parseStartStreamOptions({ codec, ...(quality === undefined ? {} : { quality }) });
}
