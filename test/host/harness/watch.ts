// Views a stream as players do and measures what came: real FFmpeg and ffprobe over HTTP.
import { execFile } from "node:child_process";
import { paced } from "../../fixtures/pace.ts";

/** What was seen and heard. */
export interface Watched {
  /** Decoded video frames. */
  readonly frames: number;
  /** Media times, s, at which the picture turned white. */
  readonly flashes: number[];
  /** Media times, s, at which a beep began. */
  readonly beeps: number[];
  /** s, of the last frame. */
  readonly last_frame: number;
  /** s, longest time between two frames. */
  readonly longest_gap: number;
  /** Media times, s, of frames after which none came for 0.2 s, the last one among them. */
  readonly ends: number[];
  /** What FFmpeg complained about. */
  readonly complaints: string[];
}

/** Decodes a whole playlist; `args` stand before the input. */
export async function watch(url: string, args: readonly string[] = []): Promise<Watched> {
  const video = ["-map", "0:v:0", "-vf", "scale=16:16,format=gray,showinfo", "-f", "null", "-"];
  const audio = ["-map", "0:a:0?", "-af", "silencedetect=n=-30dB:d=0.3", "-f", "null", "-"];
  const log = await run("ffmpeg", ["-hide_banner", "-nostats", "-copyts", ...args, "-i", url, ...video, ...audio]);
  const frames = [...log.matchAll(/pts_time:\s*([\d.]+).*?mean:\[(\d+)/g)].map(([, at, mean]) => ({
    at: Number(at),
    white: Number(mean) > 200,
  }));
  const flashes = frames.filter(({ white }, index) => white && frames[index - 1]?.white === false).map(({ at }) => at);
  const beeps = [...log.matchAll(/silence_end: ([\d.]+)/g)].map(([, at]) => Number(at));
  const gaps = frames.slice(1).map(({ at }, index) => at - (frames[index]?.at ?? at));
  // Those of FFmpeg's null muxer are about uneven times, which are wanted here.
  const complained = (line: string) => /error|invalid|corrupt|non.monoton/i.test(line) && !line.startsWith("[null");
  const complaints = log.split("\n").filter(complained);
  return {
    frames: frames.length,
    flashes,
    beeps,
    last_frame: frames.at(-1)?.at ?? 0,
    longest_gap: Math.max(0, ...gaps),
    ends: frames.filter((_, index) => (gaps[index] ?? Infinity) > 0.2).map(({ at }) => at),
    complaints,
  };
}

function run(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, args, { timeout: paced(25_000), maxBuffer: 64 * 1024 * 1024 }, (error, _stdout, stderr) => {
      if (error) reject(new Error(`${program}: ${stderr.slice(-2000)}`, { cause: error }));
      else resolve(stderr);
    });
  });
}
