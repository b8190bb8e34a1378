// Reads the patterns out of a media file with FFmpeg, scaled down to 1 KiB a frame.
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  COLUMNS,
  PICTURE_COLUMNS,
  PICTURE_ROWS,
  ROWS,
  readPattern,
  SAMPLE_HEIGHT,
  SAMPLE_WIDTH,
  type Stamp,
} from "./codec.ts";

/** What a file holds. */
export interface FileReading {
  /** Valid patterns in the order of the file. */
  readonly stamps: Stamp[];
  /** Decoded frames, with or without a valid pattern. */
  readonly frames: number;
}

const FRAME_BYTES = SAMPLE_WIDTH * SAMPLE_HEIGHT;

/** Decodes `path` whole. Frames are taken as they are: none doubled, none dropped. @throws Error what FFmpeg said. */
export async function readPatternsOfFile(path: string): Promise<FileReading> {
  const filter = `crop=iw*${COLUMNS}/${PICTURE_COLUMNS}:ih*${ROWS}/${PICTURE_ROWS}:0:0,scale=${SAMPLE_WIDTH}:${SAMPLE_HEIGHT}:flags=area,format=gray`;
  const args = ["-nostdin", "-nostats", "-loglevel", "error", "-i", path, "-an", "-vf", filter];
  const ffmpeg = spawn(
    process.env.FLYBROWSER_FFMPEG ?? "ffmpeg",
    [...args, "-vsync", "passthrough", "-f", "rawvideo", "-"],
    {
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let complaint = "";
  ffmpeg.stderr.on("data", (data: Buffer) => {
    if (complaint.length < 2000) complaint += data.toString();
  });
  const stamps: Stamp[] = [];
  let frames = 0;
  let rest: Buffer = Buffer.alloc(0);
  const ended = once(ffmpeg, "close") as Promise<[number | null]>;
  for await (const data of ffmpeg.stdout) {
    rest = Buffer.concat([rest, data as Buffer]);
    while (rest.length >= FRAME_BYTES) {
      const stamp = readPattern(rest.subarray(0, FRAME_BYTES), 1);
      if (stamp) stamps.push(stamp);
      frames++;
      rest = rest.subarray(FRAME_BYTES);
    }
  }
  const [status] = await ended;
  // A recording that was cut off decodes up to the cut: that is a reading all the same.
  if (status !== 0 && frames === 0) throw new Error(`FFmpeg could not read ${path}: ${complaint.trim()}`);
  return { stamps, frames };
}
