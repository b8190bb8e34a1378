// Makes an hour of what a browser sends, faster than real time: H.264 and Opus in Matroska, a white flash and a beep together at
// each mark. Frames are unevenly spaced, as from a page, and the sound's clock is off by as much as those of sound cards are.
import { spawn } from "node:child_process";

/** Share by which the clock of the sound is off: its samples come that much slower than its timestamps say. */
const CLOCK_OFF = 1.0001;
/** s between two marks, by the timestamps. */
export const MARK_EVERY = CLOCK_OFF;
const LENGTH_OF_MARK = 0.2;
/** bit/s, filled up where the video needs less: the size of the file is that of a real one. */
const BITRATE = 1_000_000;

/**
 * Makes the file. `seconds`: its length.
 * @throws Error with what FFmpeg said
 */
export async function makeHour(path: string, seconds: number): Promise<void> {
  const mark = `lt(mod(t,1),${LENGTH_OF_MARK})`;
  // A quarter of the frames is missing, at random, and every minute the page stands still for 5 s; the first frame of a mark stays.
  const uneven = "lt(mod(t,1),0.034)+gt(random(0),0.25)*gt(mod(t,60),5)";
  const video = [
    `testsrc2=size=320x180:rate=30:duration=${seconds}`,
    `drawbox=color=white:t=fill:enable='${mark}'`,
    `select='${uneven}'`,
    `setpts=PTS*${CLOCK_OFF}`,
    "format=yuv420p",
  ];
  const sound = `aevalsrc='0.5*sin(2*PI*1000*t)*${mark}':s=48000:d=${seconds},asetpts=PTS*${CLOCK_OFF}`;
  const filled = "nal-hrd=cbr:filler=1";
  const x264 = ["-c:v", "libx264", "-profile:v", "baseline", "-preset", "ultrafast", "-tune", "zerolatency"];
  const rate = String(BITRATE);
  await ffmpeg([
    ...["-y", "-loglevel", "error", "-f", "lavfi", "-i", video.join(","), "-f", "lavfi", "-i", sound],
    ...[...x264, "-x264-params", filled, "-b:v", rate, "-maxrate", rate, "-bufsize", rate, "-vsync", "passthrough"],
    ...["-force_key_frames", "expr:gte(t,n_forced)", "-c:a", "libopus", "-b:a", "64k"],
    ...["-f", "matroska", "-live", "1", "-cluster_time_limit", "100", path],
  ]);
}

/** Where flashes and beeps begin, s. */
export interface Marks {
  readonly flashes: number[];
  readonly beeps: number[];
}

/** Samples that are judged at once: 4 ms at 48 kHz. */
const JUDGED = 192;
const LOUD = -30;

/** Finds the marks of a file by decoding all of it. FFmpeg prints times with six digits: they are read in ms and in samples. */
export async function findMarks(path: string): Promise<Marks> {
  const flashes: number[] = [];
  const beeps: number[] = [];
  const level = "astats=metadata=1:reset=1:measure_perchannel=none:measure_overall=RMS_level";
  const print = "ametadata=mode=print:key=lavfi.astats.Overall.RMS_level";
  const sound = `aresample=48000,asettb=1/48000,asetnsamples=n=${JUDGED}:p=0,${level},${print}`;
  const video = "settb=1/1000,scale=16:16,format=gray,showinfo";
  let [white, at, quiet] = [true, 0, 0];
  await ffmpeg(["-copyts", "-i", path, "-map", "0:v:0", "-vf", video, "-f", "null", "-"], (line) => {
    const frame = /pts:\s*(\d+).*?mean:\[(\d+)/.exec(line);
    if (!frame) return;
    const now = Number(frame[2]) > 200;
    if (now && !white) flashes.push(Number(frame[1]) / 1000);
    white = now;
  });
  await ffmpeg(["-copyts", "-i", path, "-map", "0:a:0", "-af", sound, "-f", "null", "-"], (line) => {
    const time = /\bframe:\d+\s+pts:(\d+)/.exec(line)?.[1];
    if (time !== undefined) at = Number(time) / 48_000;
    const rms = /RMS_level=(\S+)/.exec(line)?.[1];
    if (rms === undefined) return;
    const loud = Number(rms) > LOUD; // "-inf" is no number, and not loud
    if (loud && quiet * JUDGED > 0.3 * 48_000) beeps.push(at);
    quiet = loud ? 0 : quiet + 1;
  });
  return { flashes, beeps };
}

/** By how many ms each beep comes after its flash; marks whose partner is missing are left out. */
export function offsets({ flashes, beeps }: Marks): { at: number; offset: number }[] {
  let next = 0;
  return flashes.flatMap((at) => {
    while (next < beeps.length && (beeps[next] as number) < at - MARK_EVERY / 2) next++;
    const beep = beeps[next];
    return beep === undefined || beep > at + MARK_EVERY / 2 ? [] : [{ at, offset: (beep - at) * 1000 }];
  });
}

function ffmpeg(args: readonly string[], onLine: (line: string) => void = () => {}): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn("ffmpeg", ["-hide_banner", "-nostdin", "-nostats", ...args], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    let rest = "";
    const last: string[] = [];
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      const lines = (rest + text).split(/[\r\n]+/);
      rest = lines.pop() ?? "";
      for (const line of lines) {
        onLine(line);
        last.push(line);
        if (last.length > 5) last.shift();
      }
    });
    child.on("error", reject);
    child.on("close", (code) => (code === 0 ? resolve() : reject(new Error(`FFmpeg: ${last.join("; ")}`))));
  });
}
