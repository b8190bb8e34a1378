// The arguments of FFmpeg for one run of a stream. They hold no secret: another user can list the arguments of a process.
import { FlyBrowserError } from "../../protocol/errors.ts";
import type { ColourMatrix } from "../../protocol/native-messages.ts";
import { sentence } from "../../protocol/sentence.ts";
import type { Rendition } from "../media/rendition.ts";
import { copiedColours } from "./colours.ts";
import { encodeArguments } from "./encoder-arguments.ts";
import { encoderNamed } from "./encoder-table.ts";
import type { Codec, EncodeTarget } from "./encoder-target.ts";

/** How a video rendition is made: the browser's H.264 or VP9 as it is, or by an encoder. */
export type VideoPlan =
  | { readonly kind: "copy"; readonly codec: Codec; readonly matrix: ColourMatrix }
  | { readonly kind: "encode"; readonly encoder: string; readonly target: EncodeTarget };

/** How an audio rendition is made. */
export interface AudioPlan {
  readonly kind: "aac";
  /** bit/s */
  readonly bitrate: number;
}

/** The browser's Opus as it is. */
export interface OpusPlan {
  readonly kind: "opus";
}

/** A rendition, and how it is made. */
export interface RenditionPlan {
  readonly rendition: Rendition;
  readonly make: VideoPlan | AudioPlan | OpusPlan;
}

/** What one FFmpeg is to make of one run. */
export interface RunPlan {
  /** In the order of its outputs. */
  readonly renditions: readonly RenditionPlan[];
  /** Time of the run's timestamp 0 on the stream's clock, s. */
  readonly offset: number;
  /** ms by which the sound's timestamps are later than those of the pictures that it belongs to. */
  readonly sound_late: number;
  /** ms. A fragment of audio ends at the first frame past it; one of video earlier. */
  readonly fragment_duration: number;
  /** This FFmpeg knows `-fps_mode` (5.1 and newer). */
  readonly fps_mode: boolean;
}

/** The file descriptor on which FFmpeg writes the fragmented MP4 of the rendition at that place of the plan: 1, 3, 4, … */
export function outputDescriptor(index: number): number {
  return index === 0 ? 1 : index + 2;
}

/**
 * Live Matroska on stdin. Chrome's header has no H.264 configuration: probing goes on until the first keyframe, which
 * may come behind the first sound, and ends there. Less (`-probesize 32`) gives an empty avcC when the sound is first,
 * and no browser plays that. The frame rate need not be found out: first fragment after 0.3 s instead of 1.25 s.
 * `-fflags nobuffer` must stay out: it throws away what was read while probing, and with it the first keyframe and the
 * second that hangs on it. `-copyts` keeps timestamps as captured: otherwise the earliest packet, of whichever track,
 * would become 0. H.264 is probed for seven frames, to know of B frames that the browser never makes: at one frame a second
 * the limit ends that, and still leaves a late first keyframe its time.
 */
const INPUT = ["-copyts", "-fpsprobesize", "0", "-analyzeduration", "2000000", "-f", "matroska", "-i", "pipe:0"];

/**
 * Units of the picture's timestamps a second. The same for each run of a stream, copied or encoded: FFmpeg as a player
 * reads only the first init segment, and would play what follows 4 % too fast where it says 16000 and the next one 15360.
 */
const TIMESCALE = 90_000;

/**
 * ms. A fragment of video ends at the first frame past it, and at each keyframe: every frame at 30 a second. The packager makes
 * parts of them, which must not be too long: a frame that comes late is then the first of the next part. Measured against 150 ms
 * in a copied 720p30: 0.3 % of a core more in the host, no difference in FFmpeg, 1 % more bytes.
 */
const VIDEO_FRAGMENT = 30;

/** Frame threads would hold frames back: slices decode at once. */
const DECODER = ["-thread_type", "slice"];

/** ms. A fragment ends with each packet of Opus, which has 20 of them, give or take the 1 of Matroska's times. */
const OPUS_FRAGMENT = 10;

/** Arguments in front of the input, and those of a video rendition. */
function video(plan: VideoPlan, fps_mode: boolean): { before_input: readonly string[]; output: readonly string[] } {
  if (plan.kind === "copy") {
    return { before_input: [], output: ["-map", "0:v:0", "-c:v", "copy", ...copiedColours(plan.codec, plan.matrix)] };
  }
  const encoder = encoderNamed(plan.encoder);
  if (!encoder)
    throw new FlyBrowserError("internal", { reason: sentence("encoder.unknown", { encoder: plan.encoder }) });
  const { before_input, output } = encodeArguments(encoder, plan.target, fps_mode);
  return { before_input: [...before_input, ...DECODER], output: ["-map", "0:v:0", ...output] };
}

/**
 * Keeps the audio on the video's clock over hours: `aresample` fills or trims a gap of 100 ms or more at once, and takes a
 * smaller one away by stretching, 48 samples a second at most (a thousandth, which nobody hears). Clocks of sound cards are off by
 * up to a ten-thousandth, 360 ms an hour. Below 5 ms it is the coarseness of timestamps. `flags=res`: the stretcher is there from
 * the start.
 */
function audio({ bitrate }: AudioPlan): string[] {
  const resample = "aresample=48000:async=48:min_comp=0.005:min_hard_comp=0.1:flags=res";
  // The coder that is the default takes twice the CPU, and its error is no smaller (docs/decisions/encoders.md).
  const encoder = ["-c:a", "aac", "-aac_coder", "fast", "-b:a", String(bitrate), "-ac", "2", "-threads", "1"];
  return ["-map", "0:a:0", "-af", resample, ...encoder];
}

/**
 * Fragmented MP4 on a pipe. `frag_discont` without edit list writes the timestamps as they are, AAC's priming
 * in front of them; without it each rendition would begin at 0, and they would drift apart by that much.
 */
function fragments(
  { offset: origin, sound_late, fragment_duration }: RunPlan,
  { rendition, make }: RenditionPlan,
  fd: number,
): string[] {
  const offset = rendition.type === "audio" ? origin - sound_late / 1000 : origin;
  const most = rendition.type === "video" ? VIDEO_FRAGMENT : make.kind === "opus" ? OPUS_FRAGMENT : fragment_duration;
  const duration = Math.min(most, fragment_duration);
  return [
    ...(rendition.type === "video" ? ["-video_track_timescale", String(TIMESCALE)] : []),
    ...["-output_ts_offset", offset.toFixed(6), "-avoid_negative_ts", "disabled", "-use_editlist", "0"],
    ...["-movflags", "empty_moov+default_base_moof+frag_keyframe+frag_discont"],
    ...["-frag_duration", String(duration * 1000), "-flush_packets", "1", "-f", "mp4", `pipe:${fd}`],
  ];
}

function output(make: RenditionPlan["make"], fps_mode: boolean): ReturnType<typeof video> {
  if (make.kind === "opus") return { before_input: [], output: ["-map", "0:a:0", "-c:a", "copy"] };
  return make.kind === "aac" ? { before_input: [], output: audio(make) } : video(make, fps_mode);
}

/** FFmpeg's arguments for a plan. stderr is for warnings only: a full pipe would stop FFmpeg. */
export function ffmpegArguments(plan: RunPlan): string[] {
  const before_input: string[] = [];
  const outputs = plan.renditions.flatMap((each, index) => {
    const made = output(each.make, plan.fps_mode);
    before_input.push(...made.before_input);
    return [...made.output, ...fragments(plan, each, outputDescriptor(index))];
  });
  const quiet = ["-hide_banner", "-nostats", "-loglevel", "warning", "-filter_threads", "1"];
  return [...quiet, ...before_input, ...INPUT, ...outputs];
}
