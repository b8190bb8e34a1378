// Pictures of a stream as a viewer's program shows them: FFmpeg's decoder, a browser's <video>.
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Browser } from "puppeteer-core";
import { sleep } from "../../protocol/async.ts";
import { type Colours, readColours, SIZE, TEXT_TOP } from "./page.ts";

const FFMPEG = process.env.FLYBROWSER_FFMPEG ?? "ffmpeg";
const WITHIN = 30_000;
/** ms that a way may take to reach its full quality. */
const SETTLE = 3_000;

/** The video shows something that isn't black. */
const SHOWS = `(() => {
  const video = document.querySelector("video");
  if (!video || video.videoWidth === 0) return false;
  const context = new OffscreenCanvas(8, 8).getContext("2d");
  context.drawImage(video, 0, 0, 8, 8);
  return context.getImageData(0, 0, 8, 8).data.some((level, index) => index % 4 !== 3 && level > 40);
})()`;

/** What one viewer saw. */
export interface Seen extends Colours {
  /** SSIM of the text against the screenshot: brightness, and the worse one of the two colour differences; `null`: not measured. */
  readonly text: { readonly luma: number; readonly chroma: number } | null;
}

const run = promisify(execFile);
const ffmpeg = (args: readonly string[]) =>
  run(FFMPEG, ["-hide_banner", "-nostats", ...args], { timeout: WITHIN, maxBuffer: 64 << 20, encoding: "buffer" });

/** One picture as FFmpeg decodes and converts it, following what the media say of themselves. */
export async function seenByFfmpeg(source: string, screenshot: string, folder: string): Promise<Seen> {
  const picture = join(folder, `picture-${Math.random().toString(36).slice(2)}.rgb`);
  const size = `${SIZE.width}x${SIZE.height}`;
  const scale = `scale=${SIZE.width}:${SIZE.height}:flags=accurate_rnd+full_chroma_int`;
  const choice = source.startsWith("http") ? ["-live_start_index", "-1"] : ["-ss", "1"];
  // The last of a second: the encoder has had its time with the picture.
  await ffmpeg([
    ...["-v", "error", ...choice, "-i", source, "-map", "0:v:0", "-an"],
    ...[
      "-vf",
      `setpts=PTS-STARTPTS,select='gte(t\\,0.7)',${scale}`,
      "-frames:v",
      "1",
      "-pix_fmt",
      "rgb24",
      "-f",
      "rawvideo",
      "-y",
      picture,
    ],
  ]);
  const raw = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", size, "-i", picture];
  const crop = `crop=iw:${SIZE.height - TEXT_TOP - 16}:0:${TEXT_TOP},format=yuv444p`;
  const graph = `[0]${crop}[a];[1]format=rgb24,${crop}[b];[a][b]ssim`;
  const { stderr } = await ffmpeg([...raw, "-i", screenshot, "-lavfi", graph, "-f", "null", "-"]);
  const [, luma, u, v] = /SSIM Y:([\d.]+).*?U:([\d.]+).*?V:([\d.]+)/.exec(stderr.toString()) ?? [];
  const text = { luma: Number(luma), chroma: Math.min(Number(u), Number(v)) };
  return { ...readColours(await readFile(picture), SIZE.width, SIZE.height, 3), text };
}

/** One picture of the player, in a browser, as its <video> shows it. */
export async function seenByBrowser(browser: Browser, player_url: string, way: string): Promise<Seen> {
  const page = await browser.newPage();
  try {
    await page.goto(`${player_url}?protocol=${way}`);
    await page.waitForFunction(SHOWS, { timeout: WITHIN });
    await sleep(SETTLE);
    const { data, width, height } = (await page.evaluate(`(() => {
      const video = document.querySelector("video");
      const canvas = document.createElement("canvas");
      canvas.width = video.videoWidth;
      canvas.height = video.videoHeight;
      const context = canvas.getContext("2d");
      context.drawImage(video, 0, 0);
      const { data, width, height } = context.getImageData(0, 0, canvas.width, canvas.height);
      let text = "";
      for (let at = 0; at < data.length; at += 8192) text += String.fromCharCode(...data.subarray(at, at + 8192));
      return { data: btoa(text), width, height };
    })()`)) as { data: string; width: number; height: number };
    return { ...readColours(Buffer.from(data, "base64"), width, height, 4), text: null };
  } finally {
    await page.close();
  }
}
