// Makes an animated WebP of pictures, each shown for as long as is said: docs/images/start.webp is one.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Bytes that a picture in the README may have. */
const MOST = 1024 * 1024;

/** A picture of an animation. */
export interface Frame {
  /** PNG; all have one size. */
  readonly png: Uint8Array;
  /** s for which it is shown. */
  readonly seconds: number;
}

/**
 * Writes it, in an endless loop, by FFmpeg (its libwebp_anim).
 * @throws Error if FFmpeg can't, or it is larger than 1 MiB
 */
export function writeAnimation(path: string, frames: readonly Frame[], ffmpeg = "ffmpeg"): void {
  const folder = mkdtempSync(join(tmpdir(), "flybrowser-animation-"));
  try {
    const lines = frames.flatMap(({ png, seconds }, index) => {
      writeFileSync(join(folder, `${index}.png`), png);
      return [`file '${index}.png'`, `duration ${seconds}`];
    });
    // The last one again: without it its duration is left out (FFmpeg's documentation of the concat demuxer).
    writeFileSync(join(folder, "list.txt"), [...lines, `file '${frames.length - 1}.png'`].join("\n"));
    const input = ["-v", "error", "-y", "-f", "concat", "-i", join(folder, "list.txt"), "-fps_mode", "vfr"];
    execFileSync(ffmpeg, [
      ...input,
      "-c:v",
      "libwebp_anim",
      "-quality",
      "70",
      "-compression_level",
      "6",
      "-loop",
      "0",
      path,
    ]);
    const { size } = statSync(path);
    if (size > MOST) throw new Error(`${path} has ${size} bytes, more than ${MOST}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
