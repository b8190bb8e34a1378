// Makes a JPEG of the first frame of a media file: one short FFmpeg, with a time limit.
import { spawn } from "node:child_process";
import { LineTail } from "./death.ts";

/** ms that it may take. */
const WITHIN = 5_000;
/** px that a picture is wide at most: link previews show no more. */
const MAX_WIDTH = 1_280;

/** The picture. Rejects with what FFmpeg said. */
export function jpegOf(ffmpeg_path: string, media: readonly Uint8Array[]): Promise<Buffer> {
  const quiet = ["-hide_banner", "-nostats", "-loglevel", "error"];
  const scale = ["-frames:v", "1", "-vf", `scale=min(iw\\,${MAX_WIDTH}):-2`];
  const args = [
    ...quiet,
    "-f",
    "mp4",
    "-i",
    "pipe:0",
    ...scale,
    "-c:v",
    "mjpeg",
    "-q:v",
    "4",
    "-f",
    "image2pipe",
    "pipe:1",
  ];
  return new Promise((resolve, reject) => {
    const child = spawn(ffmpeg_path, args, { stdio: ["pipe", "pipe", "pipe"], windowsHide: true });
    const timer = setTimeout(() => child.kill("SIGKILL"), WITHIN);
    const picture: Buffer[] = [];
    const stderr = new LineTail();
    child.stdout.on("data", (data: Buffer) => picture.push(data));
    child.stderr.setEncoding("utf8").on("data", (text: string) => stderr.push(text));
    child.stdin.on("error", () => {}); // it has what it needs
    child.on("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      stderr.end();
      if (code === 0 && picture.length > 0) resolve(Buffer.concat(picture));
      else reject(new Error(stderr.lines.at(-1) ?? `FFmpeg ended with ${signal ?? code}`));
    });
    for (const piece of media) child.stdin.write(piece);
    child.stdin.end();
  });
}
