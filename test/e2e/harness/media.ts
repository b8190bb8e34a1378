// Looks at media with ffprobe and ffmpeg: streams, pictures, sound. Never trusts what the product says of them.
import { dirname, join } from "node:path";
import { COLUMNS, type PatternFrame, ROWS, readPattern } from "./pattern.ts";
import { run } from "./run.ts";

const FFMPEG = process.env.FLYBROWSER_FFMPEG ?? "ffmpeg";
/** The ffprobe beside that FFmpeg. */
export const FFPROBE = FFMPEG.includes("/") ? join(dirname(FFMPEG), "ffprobe") : "ffprobe";

/** One stream as ffprobe describes it; more fields than these are there. */
export interface ProbedStream {
  readonly codec_type: string;
  readonly codec_name: string;
  readonly profile?: string;
  readonly width?: number;
  readonly height?: number;
  readonly sample_rate?: string;
}

/** Runs FFmpeg to its end. @throws Error with what it said. */
export async function ffmpeg(args: readonly string[], timeout: number): Promise<{ stdout: Buffer; stderr: string }> {
  const outcome = await run(FFMPEG, ["-hide_banner", "-nostats", ...args], { timeout });
  if (outcome.status !== 0) throw new Error(`ffmpeg ended with ${outcome.status}\n${outcome.stderr.slice(-2000)}`);
  return outcome;
}

/** The streams of a file or an address. */
export async function probe(source: string): Promise<ProbedStream[]> {
  const { stdout, stderr, status } = await run(FFPROBE, ["-v", "error", "-of", "json", "-show_streams", source]);
  if (status !== 0) throw new Error(`ffprobe ended with ${status}\n${stderr.slice(-2000)}`);
  return (JSON.parse(stdout.toString()) as { streams: ProbedStream[] }).streams;
}

/** What the pictures of some seconds say. */
export interface Watched {
  /** Pictures that were decoded. */
  readonly pictures: number;
  /** Those that show the pattern, in their order. */
  readonly frames: readonly PatternFrame[];
  /** Different frames of the page a second, over the time that they span. */
  readonly distinct_rate: number;
}

/** Plays `seconds` of a source as a viewer would, and reads the pattern from each picture, or from FFmpeg's `crop` of it. */
export async function watchPattern(source: string, seconds: number, crop = "iw:ih"): Promise<Watched> {
  const scale = `crop=${crop},scale=${COLUMNS}:${ROWS}:flags=area,format=gray`;
  const output = ["-an", "-vf", scale, "-fps_mode", "passthrough", "-f", "rawvideo", "-"];
  const { stdout } = await ffmpeg(
    ["-v", "error", "-i", source, "-t", String(seconds), ...output],
    (seconds + 30) * 1000,
  );
  const size = COLUMNS * ROWS;
  const pictures = Math.floor(stdout.length / size);
  const read = Array.from({ length: pictures }, (_, index) =>
    readPattern(stdout.subarray(index * size, (index + 1) * size)),
  );
  const frames = read.filter((frame) => frame !== null);
  return { pictures, frames, distinct_rate: distinctRate(frames) };
}

/** Different frames a second, by the page's own clock. */
export function distinctRate(frames: readonly PatternFrame[]): number {
  const times = [...new Set(frames.map(({ time }) => time))].sort((a, b) => a - b);
  const [first, last] = [times[0], times.at(-1)];
  if (first === undefined || last === undefined || first === last) return 0;
  return ((times.length - 1) * 1000) / (last - first);
}

/** The level of the sound of a source over `seconds`, in dB below full scale; digital silence is -91. */
export async function soundLevel(source: string, seconds: number): Promise<{ mean: number; peak: number }> {
  const args = ["-v", "info", "-i", source, "-t", String(seconds), "-vn", "-af", "volumedetect", "-f", "null", "-"];
  const { stderr } = await ffmpeg(args, (seconds + 30) * 1000);
  const level = (name: string): number => {
    const text = new RegExp(`${name}: (-?[\\d.]+) dB`).exec(stderr)?.[1];
    if (text === undefined) throw new Error(`no sound in ${source}\n${stderr.slice(-2000)}`);
    return Number(text);
  };
  return { mean: level("mean_volume"), peak: level("max_volume") };
}

/** Pictures in the first second of a stream, from its oldest segment on. */
export async function picturesOfFirstSecond(hls: string): Promise<number> {
  const what = [
    "-select_streams",
    "v:0",
    "-read_intervals",
    "%+2",
    "-show_entries",
    "packet=pts_time",
    "-of",
    "csv=p=0",
  ];
  const { stdout, stderr, status } = await run(FFPROBE, ["-v", "error", ...what, "-live_start_index", "0", hls]);
  if (status !== 0) throw new Error(`ffprobe ended with ${status}\n${stderr.slice(-2000)}`);
  const times = stdout.toString().split("\n").filter(Boolean).map(Number.parseFloat);
  const first = Math.min(...times);
  return times.filter((time) => time < first + 1).length;
}

/** Saves the newest picture of a stream as PNG. */
export async function savePicture(source: string, path: string): Promise<void> {
  await ffmpeg(["-v", "error", "-live_start_index", "-1", "-i", source, "-frames:v", "1", "-y", path], 30_000);
}

/** Structural similarity of the brightness of two pictures of the same size; 1: equal. */
export async function similarity(one: string, other: string): Promise<number> {
  const { stderr } = await ffmpeg(
    ["-i", one, "-i", other, "-lavfi", "[0]format=gray[a];[1]format=gray[b];[a][b]ssim", "-f", "null", "-"],
    30_000,
  );
  return Number(/SSIM Y:([\d.]+)/.exec(stderr)?.[1]);
}
