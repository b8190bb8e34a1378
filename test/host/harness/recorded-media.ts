// Media files as a recorder writes them, made by FFmpeg without waiting for real time: fragments of one track, on a stream's
// clock, a white flash and a beep at each whole second of their own.
import { execFile } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { raiseDurations } from "../../../native-host/media/sample-durations.ts";
import { mediaFileName } from "../../../native-host/sinks/recording/media-files.ts";
import { paced } from "../../fixtures/pace.ts";

/** What is made. */
export interface RecordedMediaOptions {
  readonly piece?: number;
  /** s on the stream's clock. */
  readonly start?: number;
  /** s */
  readonly duration: number;
  readonly size?: string;
  /** Arguments of the video encoder; default: H.264 as MediaRecorder makes it. */
  readonly video?: readonly string[];
  readonly audio?: boolean;
}

const H264 = ["-c:v", "libx264", "-profile:v", "baseline", "-preset", "ultrafast", "-g", "30"];
const FRAGMENTS = ["-movflags", "empty_moov+default_base_moof+frag_keyframe+frag_discont", "-frag_duration", "150000"];

/** Makes the files of one piece in a folder. */
export async function makePiece(folder: string, options: RecordedMediaOptions): Promise<void> {
  const { piece = 0, start = 0, duration, size = "320x180", video = H264, audio = true } = options;
  const flash = "drawbox=color=white:t=fill:enable='lt(mod(t,1),0.2)'";
  const picture = `testsrc2=size=${size}:rate=30:duration=${duration},${flash},format=yuv420p`;
  const sound = `aevalsrc='0.5*sin(2*PI*1000*t)*lt(mod(t,1),0.2)':s=48000:d=${duration}`;
  const output = (kind: "video" | "audio") => [
    ...["-output_ts_offset", String(start), "-avoid_negative_ts", "disabled", "-use_editlist", "0"],
    ...[...FRAGMENTS, "-f", "mp4", join(folder, mediaFileName(piece, kind))],
  ];
  await ffmpeg([
    ...["-f", "lavfi", "-i", picture, ...(audio ? ["-f", "lavfi", "-i", sound] : [])],
    ...["-map", "0:v", ...video, "-bf", "0", ...output("video")],
    ...(audio ? ["-map", "1:a", "-c:a", "aac", "-b:a", "96k", "-ac", "2", ...output("audio")] : []),
  ]);
}

/** Makes the video of piece 0 anew: a second of each size, in one track whose init segment knows only the first. */
export async function makeSizedPiece(folder: string, sizes: readonly string[]): Promise<void> {
  const parts: Buffer[] = [];
  const raw = join(folder, "sizes.h264");
  for (const size of sizes) {
    const picture = `testsrc2=size=${size}:rate=30:duration=1,format=yuv420p`;
    await ffmpeg(["-f", "lavfi", "-i", picture, ...H264, "-bf", "0", "-f", "h264", raw]);
    parts.push(readFileSync(raw));
  }
  writeFileSync(raw, Buffer.concat(parts));
  await ffmpeg([
    "-r",
    "30",
    "-i",
    raw,
    "-c",
    "copy",
    ...FRAGMENTS,
    "-f",
    "mp4",
    join(folder, mediaFileName(0, "video")),
  ]);
  rmSync(raw);
}

/** The last frame of the video of piece 0 lasts one tick, as FFmpeg writes it where a recorder has ended: nothing told it how long. */
export function endAfterOneTick(folder: string): void {
  const path = join(folder, mediaFileName(0, "video"));
  const bytes = readFileSync(path);
  raiseDurations(bytes.subarray(bytes.lastIndexOf("moof") - 4), 0, 1);
  writeFileSync(path, bytes);
}

/** The bytes of a track of a piece. */
export function pieceBytes(folder: string, kind: "video" | "audio", piece = 0): Buffer {
  return readFileSync(join(folder, mediaFileName(piece, kind)));
}

function ffmpeg(args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile(
      "ffmpeg",
      ["-nostdin", "-y", "-v", "error", ...args],
      { timeout: paced(60_000) },
      (error, _out, stderr) => {
        if (error) reject(new Error(stderr, { cause: error }));
        else resolve();
      },
    );
  });
}
