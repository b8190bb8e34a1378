// What FFmpeg is told for a clip. Pure.
import type { Stretch } from "./clip-window.ts";

const QUIET = ["-hide_banner", "-nostdin", "-nostats", "-loglevel", "warning", "-y"];
const seconds = (ms: number): string => (ms / 1000).toFixed(6);

/**
 * Encodes what a group of pictures shows from `from` on, so that the file begins there in every player: Firefox and VLC show what an
 * edit list leaves out. Times stay on the stream's clock; `timescale`: that of what follows.
 */
export function headArguments(input: string, from: number, timescale: number, output: string): string[] {
  return [
    ...[...QUIET, "-copyts", "-i", input, "-an", "-vf", `trim=start=${seconds(from)}`, "-fps_mode", "passthrough"],
    ...["-c:v", "libx264", "-preset", "veryfast", "-crf", "18", "-bf", "0", "-g", "9999", "-enc_time_base", "-1"],
    ...["-video_track_timescale", String(timescale), "-avoid_negative_ts", "disabled", "-use_editlist", "0"],
    ...["-movflags", "+empty_moov+default_base_moof+frag_keyframe+frag_discont", "-f", "mp4", output],
  ];
}

/** Cuts a file to its first `duration` ms, without encoding anything; sound of before its first picture is left out. */
export function cutArguments(input: string, duration: number, output: string): string[] {
  return [
    ...[...QUIET, "-i", input, "-t", seconds(duration), "-map", "0:v:0", "-map", "0:a:0?", "-c", "copy"],
    ...["-copypriorss:a", "0", "-map_metadata", "0", "-map_chapters", "-1"],
    ...["-movflags", "+faststart", "-f", "mp4", output],
  ];
}

/** How a GIF is made, best first: the first one that is small enough is taken. */
export const GIF_FORMS = [
  { width: 640, frame_rate: 12, colours: 256 },
  { width: 640, frame_rate: 8, colours: 128 },
  { width: 480, frame_rate: 8, colours: 64 },
  { width: 320, frame_rate: 5, colours: 32 },
  { width: 160, frame_rate: 4, colours: 16 },
] as const;

/** Makes a GIF of a file, with a palette of its own. */
export function gifArguments(input: string, form: (typeof GIF_FORMS)[number], output: string): string[] {
  const { width, frame_rate, colours } = form;
  const frames = `fps=${frame_rate},scale=min(${width}\\,iw):-2:flags=lanczos`;
  const palette = `palettegen=max_colors=${colours}:stats_mode=diff`;
  const graph = `${frames},split[a][b];[a]${palette}[p];[b][p]paletteuse=dither=bayer:bayer_scale=5:diff_mode=rectangle`;
  return [...QUIET, "-i", input, "-filter_complex", graph, "-an", "-loop", "0", "-f", "gif", output];
}

/** Takes the last picture before the end of a stretch. Times of `input` are on the stream's clock. */
export function pictureArguments(input: string, { to }: Stretch, output: string): string[] {
  const last = ["-vf", `trim=end=${seconds(to + 0.5)}`, "-fps_mode", "passthrough", "-update", "1"];
  return [...QUIET, "-copyts", "-i", input, "-an", ...last, "-c:v", "png", "-f", "image2", output];
}
