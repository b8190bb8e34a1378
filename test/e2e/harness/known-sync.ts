// A film whose sound belongs exactly to its picture, and what the measurement of ages.ts says of it: that much is the measurement's own.
import { rm, writeFile } from "node:fs/promises";
import type { Page } from "puppeteer-core";
import { agesAt } from "./ages.ts";
import { ffmpeg } from "./media.ts";
import { COLUMNS, ROWS } from "./pattern.ts";

const RATE = 30;
/** ms since 1970 that the first picture says; a whole second. */
const BEGIN = 1_700_000_000_000;
/** A beep of 100 ms at each whole second, beginning at its full level; a faint tone between, as in pattern.html. */
const SOUND = "if(lt(mod(t,1),0.1),0.5*cos(2*PI*1000*t),0.02*sin(2*PI*220*t))";

/** Makes the film, a plain MP4 of H.264 and AAC. @throws Error with what FFmpeg said */
export async function makeKnownSync(path: string, seconds: number): Promise<void> {
  const size = COLUMNS * ROWS;
  const pictures = Buffer.alloc(size * RATE * seconds);
  for (let frame = 0; frame < RATE * seconds; frame++) {
    const time = BEGIN + Math.round((frame * 1000) / RATE);
    const words = [frame, Math.floor(time / 2 ** 32), Math.floor(time / 2 ** 16) % 65536, time % 65536];
    for (const [row, word] of [...words, words.reduce((a, b) => a ^ b)].entries()) {
      for (let bit = 0; bit < COLUMNS; bit++)
        pictures[frame * size + row * COLUMNS + bit] = Math.floor(word / 2 ** (COLUMNS - 1 - bit)) % 2 ? 235 : 16;
    }
  }
  const raw = `${path}.gray`;
  await writeFile(raw, pictures);
  const picture = ["-f", "rawvideo", "-pix_fmt", "gray", "-s", `${COLUMNS}x${ROWS}`, "-r", String(RATE), "-i", raw];
  const sound = ["-f", "lavfi", "-i", `aevalsrc='${SOUND}':s=48000:d=${seconds}`];
  const video = ["-vf", "scale=640:360:flags=neighbor,format=yuv420p", "-c:v", "libx264", "-preset", "ultrafast"];
  await ffmpeg(["-v", "error", ...picture, ...sound, ...video, "-bf", "0", "-c:a", "aac", "-y", path], 60_000);
  await rm(raw);
}

/** ms that the sound of that film seems late; `page` goes to `url`, which is known-sync.html, with the film beside it. */
export async function ownDelay(page: Page, url: string, beeps: number): Promise<number> {
  await page.goto(url);
  await page.click("video");
  return (await agesAt(page, "video", beeps)).late;
}
