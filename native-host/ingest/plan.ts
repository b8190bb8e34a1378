// Decides how a stream's video and audio are made, from what is asked, what the browser sends and which encoders work.
import { FlyBrowserError } from "../../protocol/errors.ts";
import type { ColourMatrix } from "../../protocol/native-messages.ts";
import type { ResolvedStartStreamOptions } from "../../protocol/options.ts";
import { leastPartDuration } from "../../protocol/part-duration.ts";
import { PROFILES, type Profile } from "../../protocol/profiles.ts";
import { paceOf } from "../../protocol/quality-change.ts";
import { type Sentence, sentence } from "../../protocol/sentence.ts";
import type { AudioPlan, RunPlan, VideoPlan } from "../ffmpeg/arguments.ts";
import type { Codec, EncodeTarget } from "../ffmpeg/encoder-target.ts";
import type { EncoderChoice, EncoderVerdict } from "../ffmpeg/encoders.ts";

/** A size, px. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** What the browser sends. */
export interface Publisher extends Size {
  /** As MediaRecorder says it, e.g. `video/x-matroska;codecs=avc1,opus`. */
  readonly mime_type: string;
  readonly has_audio: boolean;
  readonly matrix: ColourMatrix;
}

/** What a plan is made from. */
export interface PlanRequest {
  readonly options: ResolvedStartStreamOptions;
  readonly publisher: Publisher;
  /** Verdicts on the encoders of the wanted codec, best first. */
  readonly verdicts: readonly EncoderVerdict[];
  /** Cores of this machine. */
  readonly cores: number;
  /** The browser's own encoder breaks the cap: bitrate of what it sends, in caps; `null`: it doesn't. */
  readonly overshoot: number | null;
}

/** How one stream is made. */
export interface StreamPlan extends Size {
  readonly codec: Codec;
  readonly frame_rate: number;
  /** ms */
  readonly keyframe_interval: number;
  /** Cap, bit/s; `null`: none. */
  readonly video_bitrate: number | null;
  readonly video: VideoPlan;
  readonly audio: AudioPlan | null;
  /** Its sound is also given on as the browser encoded it, for who gets media as they come: AAC costs 60 ms. */
  readonly live_audio: boolean;
  /** ms; least length of a part. */
  readonly part_duration: number;
  /** ms; least length of a fragment of sound from FFmpeg. */
  readonly fragment_duration: number;
  /** The cap is broken and there is no encoder that could hold it: the stream goes on, and its health says so. */
  readonly cap_broken: boolean;
}

const MIN_PIXELS = 16;
/** Detail is halved where what comes is that many times too much, for VP9: its coarsest keyframes of noise are 2 Mbit. */
const VP9_SOFTEN_FROM = 8;
/** px by which a side that was computed here may differ from what Chrome computed. */
const ROUNDING = 2;

function even(pixels: number): number {
  return Math.max(MIN_PIXELS, Math.round(pixels / 2) * 2);
}

/** The codec in a MIME type of MediaRecorder; `null`: none of the contract's. */
export function publishedCodec(mime_type: string): Codec | null {
  const codecs = /codecs="?([^"]*)/i.exec(mime_type)?.[1]?.toLowerCase() ?? "";
  if (/\b(avc[13]|h264)/.test(codecs)) return "h264";
  if (/\b(hvc1|hev1|hevc|h265)/.test(codecs)) return "h265";
  return /\b(vp9|vp09)/.test(codecs) ? "vp9" : null;
}

/** The size of a stream: what is asked, else the other side from the tab's shape, else the tab fitted into the box. */
export function streamSize(
  asked: { width?: number | undefined; height?: number | undefined },
  profile: Profile,
  tab: Size,
): Size {
  const { width, height } = asked;
  if (width !== undefined && height !== undefined) return { width, height };
  if (width !== undefined) return { width, height: even((width * tab.height) / tab.width) };
  if (height !== undefined) return { width: even((height * tab.width) / tab.height), height };
  const scale = Math.min(
    1,
    (profile.max_width ?? tab.width) / tab.width,
    (profile.max_height ?? tab.height) / tab.height,
  );
  return { width: even(tab.width * scale), height: even(tab.height * scale) };
}

/** Whether the browser's video can be taken as it is: asked sides exact, computed ones within rounding, all even. */
function fits(asked: { width?: number | undefined; height?: number | undefined }, wanted: Size, sent: Size): boolean {
  const side = (name: keyof Size) => {
    const exact = asked[name] !== undefined;
    return sent[name] % 2 === 0 && Math.abs(sent[name] - wanted[name]) <= (exact ? 0 : ROUNDING);
  };
  return side("width") && side("height");
}

/** ms; least length of a fragment of sound where it is to be there soon: each AAC frame is longer. */
const EAGER_FRAGMENT = 20;

/** ms; least length of a part. */
export function partDuration(options: ResolvedStartStreamOptions): number {
  return leastPartDuration(options.frame_rate ?? paceOf(options).frame_rate);
}

const NAMES = { h264: "H.264", h265: "H.265", vp9: "VP9" } as const satisfies Record<Codec, string>;
const LIBRARIES = { h264: "libx264", h265: "libx265", vp9: "libvpx-vp9" } as const satisfies Record<Codec, string>;

/** Why a stream can't be encoded: what is wrong with each encoder. */
function noneWorks(codec: Codec, verdicts: readonly EncoderVerdict[]): Sentence {
  const known = verdicts.map(({ encoder, reason }) => sentence("encoder.verdict", { encoder, reason }));
  const reasons = known.length > 0 ? known : sentence("encoder.none");
  return sentence("encoder.none_works", { codec: NAMES[codec], reasons });
}

function noEncoder(request: PlanRequest): FlyBrowserError {
  const { codec } = request.options;
  const library = LIBRARIES[codec];
  return new FlyBrowserError("unsupported_combination", {
    what: sentence("combination.size", { codec }),
    reason: noneWorks(codec, request.verdicts),
    instead: codec === "h264" ? sentence("instead.own_size", { library }) : sentence("instead.h264", { library }),
  });
}

/** Whether the host must encode whatever the tab's size is: the browser's recorder has no H.265, and no lossless H.264. */
export function mustEncode({ codec, quality }: ResolvedStartStreamOptions): boolean {
  return codec === "h265" || (codec === "h264" && PROFILES[quality].video_bitrate === null);
}

/**
 * Fails where an encoder is needed and none works: asked before anything is captured.
 * @throws FlyBrowserError `unsupported_combination` naming what works; `ffmpeg_failed`
 */
export async function assertSupported(options: ResolvedStartStreamOptions, encoders: EncoderChoice): Promise<void> {
  const { protocol, codec, quality } = options;
  if (!mustEncode(options) || (await encoders.choose(codec))) return;
  const library = LIBRARIES[codec];
  throw new FlyBrowserError("unsupported_combination", {
    what: sentence("combination.stream", { protocol, codec, quality }),
    reason: noneWorks(codec, encoders.known(codec)),
    instead: codec === "h264" ? sentence("instead.high", { library }) : sentence("instead.h264", { library }),
  });
}

/**
 * How to make a stream.
 * @throws FlyBrowserError `unsupported_combination`: the video must be encoded and no encoder works
 */
export function planStream(request: PlanRequest): StreamPlan {
  const { options, publisher, verdicts, overshoot } = request;
  const profile: Profile = PROFILES[options.quality];
  const wanted = streamSize(options, profile, publisher);
  const copyable = publishedCodec(publisher.mime_type) === options.codec && fits(options, wanted, publisher);
  const encoder = verdicts.find(({ works }) => works)?.encoder;
  const broken = overshoot !== null && profile.video_bitrate !== null;
  const copy = copyable && (!broken || encoder === undefined);
  if (!copy && encoder === undefined) throw noEncoder(request);
  const size: Size = copyable ? { width: publisher.width, height: publisher.height } : wanted;
  const frame_rate = options.frame_rate ?? profile.frame_rate;
  const { keyframe_interval, eager } = paceOf(options);
  const { video_bitrate } = profile;
  const soften = options.codec === "vp9" && overshoot !== null && overshoot >= VP9_SOFTEN_FROM;
  const { matrix } = publisher;
  const target: EncodeTarget = {
    ...size,
    matrix,
    frame_rate,
    keyframe_interval,
    video_bitrate,
    cores: request.cores,
    detail_divisor: soften ? 2 : 1,
    takes_over: broken,
  };
  return {
    ...size,
    codec: options.codec,
    frame_rate,
    keyframe_interval,
    video_bitrate,
    video:
      copy || encoder === undefined
        ? { kind: "copy", codec: options.codec, matrix }
        : { kind: "encode", encoder, target },
    audio: options.audio && publisher.has_audio ? { kind: "aac", bitrate: profile.audio_bitrate } : null,
    live_audio: eager && options.audio && publisher.has_audio && /\bopus\b/.test(publisher.mime_type),
    part_duration: partDuration(options),
    fragment_duration: eager ? EAGER_FRAGMENT : partDuration(options),
    cap_broken: copy && broken,
  };
}

/**
 * FFmpeg's part of a plan, for one run. `offset`: time of the run's timestamp 0 on the stream's clock, s. `sound_late`: ms by which its
 * sound is stamped too late.
 */
export function runPlan(plan: StreamPlan, offset: number, fps_mode: boolean, sound_late = 0): RunPlan {
  const { codec, width, height, video_bitrate, audio, live_audio, video, fragment_duration } = plan;
  const source = { id: "video", type: "video", group: "video", codec, width, height, bitrate: video_bitrate } as const;
  const none = { width: null, height: null } as const;
  return {
    renditions: [
      { rendition: source, make: video },
      ...(audio
        ? [
            {
              rendition: { id: "audio", type: "audio", group: "audio", codec: "aac", ...none, bitrate: audio.bitrate },
              make: audio,
            } as const,
          ]
        : []),
      ...(live_audio
        ? [
            {
              rendition: { id: "opus", type: "audio", group: "audio", codec: "opus", ...none, bitrate: null },
              make: { kind: "opus" },
            } as const,
          ]
        : []),
    ],
    offset,
    sound_late,
    fragment_duration,
    fps_mode,
  };
}
