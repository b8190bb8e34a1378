// Compares the pictures of a stream with a screenshot. Never decides what is good enough.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const FFMPEG = process.env.FLYBROWSER_FFMPEG ?? "ffmpeg";

/** Luma of each frame of a source against a PNG: PSNR in dB (`Infinity`: equal) or SSIM. */
export function likeness(source: string, png: Uint8Array, measure: "psnr" | "ssim"): number[] {
  const folder = mkdtempSync(join(tmpdir(), "flybrowser-likeness-"));
  try {
    const shot = join(folder, "shot.png");
    writeFileSync(shot, png);
    const same = "scale=out_color_matrix=bt709:out_range=tv:flags=accurate_rnd,format=yuv420p";
    const graph = `[0:v]format=yuv420p[a];[1:v]${same}[b];[a][b]${measure}=stats_file=-:shortest=1`;
    const input = ["-nostats", "-v", "error", "-i", source, "-loop", "1", "-i", shot];
    const out = execFileSync(
      FFMPEG,
      [...input, "-lavfi", graph, "-an", "-fps_mode", "passthrough", "-f", "null", "-"],
      {
        maxBuffer: 16 * 1024 * 1024,
        timeout: 60_000,
      },
    ).toString();
    const found = out.matchAll(measure === "psnr" ? /psnr_y:(inf|[\d.]+)/g : /Y:([\d.]+)/g);
    return [...found].map(([, value]) => (value === "inf" ? Number.POSITIVE_INFINITY : Number(value)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
