// Subject: what FlyBrowser does. Each JPEG of a DevTools screencast goes through a pipe into FFmpeg, x264, and HLS on disk.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { launchBrowser, VIEWPORT } from "../browser.ts";
import type { RunningSubject, SubjectContext } from "./subject.ts";

function ffmpegArguments(playlist: string): string[] {
  const input = ["-f", "image2pipe", "-c:v", "mjpeg", "-use_wallclock_as_timestamps", "1", "-i", "-"];
  const encode = ["-c:v", "libx264", "-preset", "veryfast", "-tune", "zerolatency", "-pix_fmt", "yuv420p", "-r", "30"];
  const rate = ["-b:v", "1500k", "-maxrate", "1500k", "-bufsize", "3000k", "-g", "60"];
  const output = ["-f", "hls", "-hls_time", "2", "-hls_list_size", "0", playlist];
  return ["-nostats", "-loglevel", "error", ...input, ...encode, ...rate, ...output];
}

/** Opens the page and casts it into FFmpeg. */
export async function start({ page_url, folder }: SubjectContext): Promise<RunningSubject> {
  const browser = await launchBrowser();
  const [page] = await browser.pages();
  if (!page) throw new Error("Chromium opened no page.");
  await page.goto(page_url);
  const playlist = join(folder, "screencast.m3u8");
  const ffmpeg = spawn(process.env.FLYBROWSER_FFMPEG ?? "ffmpeg", ffmpegArguments(playlist), {
    stdio: ["pipe", "ignore", "inherit"],
  });
  const ended = once(ffmpeg, "exit");
  ffmpeg.stdin.on("error", () => {}); // it ended first; the missing output says so
  const session = await page.createCDPSession();
  session.on("Page.screencastFrame", ({ data, sessionId }) => {
    ffmpeg.stdin.write(Buffer.from(data, "base64"));
    session.send("Page.screencastFrameAck", { sessionId }).catch(() => {}); // the page closes while a frame is under way
  });
  await session.send("Page.startScreencast", {
    format: "jpeg",
    quality: 80,
    maxWidth: VIEWPORT.width,
    maxHeight: VIEWPORT.height,
  });
  return {
    async finish() {
      await browser.close();
      ffmpeg.stdin.end();
      await ended;
      return { file: playlist, painted: null };
    },
  };
}
