// The arguments of FFmpeg for one run of a stream: a pure function from a plan. Never starts anything, and
// never carries a secret: another user can list the arguments of a process.

import { FlyBrowserError } from "../../protocol/errors.ts";
import { encodeArguments } from "./encoder-arguments.ts";
import { encoderNamed } from "./encoder-table.ts";
import type { EncodeTarget } from "./encoder-target.ts";

/** How the picture is made. */
export type VideoPlan =
  | { readonly kind: "copy" }
  | { readonly kind: "encode"; readonly encoder: string; readonly target: EncodeTarget };

/** How the sound is made. */
export interface AudioPlan {
  readonly encoder: "aac";
  /** bit/s */
  readonly bitrate: number;
}

/** What one FFmpeg is to make of one run. */
export interface RunPlan {
  readonly video: VideoPlan;
  /** `null`: no sound. */
  readonly audio: AudioPlan | null;
  /** Time of the run's timestamp 0 on the stream's clock, s. */
  readonly offset: number;
  /** ms. A fragment ends at the first frame past it, and at each keyframe. */
  readonly fragment_duration: number;
  /** This FFmpeg knows `-fps_mode` (5.1 and newer). */
  readonly fps_mode: boolean;
}

/** File descriptors on which FFmpeg writes its fragmented MP4s. */
export const VIDEO_FD = 1;
export const AUDIO_FD = 3;

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

/** Frame threads would hold frames back: slices decode at once. */
const DECODER = ["-thread_type", "slice"];

/** Arguments in front of the input, and those of the picture. */
function video({ video: plan, fps_mode }: RunPlan): { before_input: readonly string[]; output: readonly string[] } {
  if (plan.kind === "copy") return { before_input: [], output: ["-map", "0:v:0", "-c:v", "copy"] };
  const encoder = encoderNamed(plan.encoder);
  if (!encoder) throw new FlyBrowserError("internal", { reason: `there is no encoder ${plan.encoder}` });
  const { before_input, output } = encodeArguments(encoder, plan.target, fps_mode);
  return { before_input: [...before_input, ...DECODER], output: ["-map", "0:v:0", ...output] };
}

/**
 * Keeps the sound on the picture's clock over hours: `aresample` fills or trims a gap of 100 ms or more at once, and takes a
 * smaller one away by stretching, 48 samples a second at most (a thousandth, which nobody hears). Clocks of sound are off by up to
 * a ten-thousandth, 360 ms an hour. Below 5 ms it is the coarseness of timestamps. `flags=res`: the stretcher is there from the start.
 */
function audio(plan: AudioPlan): string[] {
  const resample = "aresample=48000:async=48:min_comp=0.005:min_hard_comp=0.1:flags=res";
  return ["-map", "0:a:0", "-af", resample, "-c:a", "aac", "-b:a", String(plan.bitrate), "-ac", "2", "-threads", "1"];
}

/**
 * Fragmented MP4 on a pipe. `frag_discont` without edit list writes the timestamps as they are, AAC's priming
 * in front of them; without it each track would begin at 0, and the two would drift apart by that much.
 */
function fragments(plan: RunPlan, fd: number): string[] {
  return [
    ...(fd === VIDEO_FD ? ["-video_track_timescale", String(TIMESCALE)] : []),
    ...["-output_ts_offset", plan.offset.toFixed(6), "-avoid_negative_ts", "disabled", "-use_editlist", "0"],
    ...[
      "-movflags",
      "empty_moov+default_base_moof+frag_keyframe+frag_discont",
      "-frag_duration",
      String(plan.fragment_duration * 1000),
    ],
    ...["-flush_packets", "1", "-f", "mp4", `pipe:${fd}`],
  ];
}

/** FFmpeg's arguments for a plan. stderr is for warnings only: a full pipe would stop FFmpeg. */
export function ffmpegArguments(plan: RunPlan): string[] {
  const { before_input, output } = video(plan);
  return [
    ...["-hide_banner", "-nostats", "-loglevel", "warning", "-filter_threads", "1", ...before_input, ...INPUT],
    ...[...output, ...fragments(plan, VIDEO_FD)],
    ...(plan.audio ? [...audio(plan.audio), ...fragments(plan, AUDIO_FD)] : []),
  ];
}
