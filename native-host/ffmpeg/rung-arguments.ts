// The arguments of the FFmpeg that makes one rung of the ladder out of the source's fragments: every frame at its own time, a
// keyframe wherever the source has one, so that all renditions can be cut at the same places.
import { COLOURS } from "./colours.ts";
import { IN_BAND } from "./encoder-arguments.ts";
import type { EncoderDefinition, EncodeTarget } from "./encoder-target.ts";

/** What a rung is to be. */
export interface RungTarget
  extends Pick<EncodeTarget, "width" | "height" | "frame_rate" | "keyframe_interval" | "cores"> {
  readonly encoder: EncoderDefinition;
  /** Cap, bit/s. */
  readonly bitrate: number;
}

/** Units of the picture's timestamps a second, as of the source (ffmpeg/arguments.ts). */
const TIMESCALE = 90_000;
/** s of the cap that the encoder's buffer holds: with the 0.92 of its rate a single second stays below 1.25 caps. */
const BUFFER = 0.35;

/**
 * Fragmented MP4 on stdin. Its header says all of the codec, so there is nothing to probe; `low_delay` and slices, or the decoder
 * would hold frames back.
 */
const INPUT = [
  ...["-copyts", "-fpsprobesize", "0", "-probesize", "65536", "-thread_type", "slice", "-flags", "low_delay"],
  ...["-f", "mp4", "-i", "pipe:0"],
];

/** FFmpeg's arguments; the rung comes out of stdout. `fps_mode`: this FFmpeg knows `-fps_mode` (5.1 and newer). */
export function rungArguments(target: RungTarget, fps_mode: boolean): string[] {
  const { encoder, width, height, bitrate } = target;
  // The source's own label says of which matrix it is.
  const picture = [
    `scale=${width}:${height}:flags=bicubic:out_color_matrix=bt709:out_range=tv`,
    ...["setsar=1", encoder.upload],
  ].join(",");
  const options = encoder.options({ ...target, video_bitrate: bitrate, detail_divisor: 1, matrix: "bt709" });
  return [
    ...["-hide_banner", "-nostats", "-loglevel", "warning", "-filter_threads", "1", ...INPUT],
    ...["-map", "0:v:0", "-vf", picture, fps_mode ? "-fps_mode" : "-vsync", "passthrough"],
    // By default times are rounded to the frame rate that FFmpeg takes the input to have.
    ...["-enc_time_base", `1:${TIMESCALE}`, "-c:v", encoder.name, ...options],
    ...["-bufsize", String(Math.floor(bitrate * BUFFER)), "-force_key_frames", "source", ...COLOURS.bt709.label],
    ...IN_BAND[encoder.codec],
    ...(encoder.codec === "h265" ? ["-tag:v", "hvc1"] : []),
    ...["-video_track_timescale", String(TIMESCALE), "-avoid_negative_ts", "disabled", "-use_editlist", "0"],
    ...["-movflags", "empty_moov+default_base_moof+frag_every_frame+frag_discont"],
    ...["-flush_packets", "1", "-f", "mp4", "pipe:1"],
  ];
}
