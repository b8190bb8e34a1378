// Looks at a finished file with ffprobe. Never trusts what the product says of it.
import { execFile } from "node:child_process";
import { paced } from "../../fixtures/pace.ts";

/** What ffprobe says of a file. */
export interface ProbedFile {
  readonly streams: readonly {
    readonly codec_type: string;
    readonly codec_name: string;
    readonly width?: number;
    readonly height?: number;
    readonly start_time?: string;
    readonly avg_frame_rate?: string;
    readonly r_frame_rate?: string;
  }[];
  readonly format: {
    readonly duration: string;
    readonly start_time: string;
    readonly tags?: Readonly<Record<string, string>>;
  };
  readonly chapters: readonly { readonly start_time: string; readonly tags?: { readonly title: string } }[];
}

/** Probes a file. */
export function probeFile(path: string): Promise<ProbedFile> {
  const args = ["-v", "error", "-of", "json", "-show_streams", "-show_format", "-show_chapters", path];
  return new Promise((resolve, reject) => {
    execFile("ffprobe", args, { timeout: paced(20_000) }, (error, stdout, stderr) => {
      if (error) reject(new Error(`ffprobe: ${stderr}`, { cause: error }));
      else resolve(JSON.parse(stdout) as ProbedFile);
    });
  });
}

/** s at which each frame of the video is to be shown, and how long, as the container says it. */
export function frameTimes(path: string): Promise<{ time: number; duration: number }[]> {
  const entries = ["-select_streams", "v", "-show_entries", "packet=pts_time,duration_time", "-of", "csv=p=0"];
  return new Promise((resolve, reject) => {
    const limits = { timeout: paced(20_000), maxBuffer: 16 * 1024 * 1024 };
    execFile("ffprobe", ["-v", "error", ...entries, path], limits, (error, stdout, stderr) => {
      if (error) reject(new Error(`ffprobe: ${stderr}`, { cause: error }));
      const rows = stdout.trim().split("\n");
      resolve(rows.map((row) => row.split(",").map(Number)).map(([time = -1, duration = -1]) => ({ time, duration })));
    });
  });
}

/** The sizes of all frames of a file as they are decoded, each once, as `320x180`. */
export function frameSizes(path: string): Promise<string[]> {
  const args = [
    "-v",
    "error",
    "-select_streams",
    "v",
    "-show_entries",
    "frame=width,height",
    "-of",
    "csv=p=0:s=x",
    path,
  ];
  return new Promise((resolve, reject) => {
    execFile("ffprobe", args, { timeout: paced(60_000), maxBuffer: 16 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`ffprobe: ${stderr}`, { cause: error }));
      else resolve([...new Set(stdout.match(/\d+x\d+/g) ?? [])]);
    });
  });
}
