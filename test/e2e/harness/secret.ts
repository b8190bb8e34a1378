// What decoded media show of test/fixtures/pages/secret.html: plain, neutral (private) or the secret itself, picture by picture and
// in every 20 ms of sound.
import type { Page } from "puppeteer-core";
import { ffmpeg } from "./media.ts";

/** Hz beside the secret's tone: a tone that is cut off has some of all, less the farther from its own. */
const BESIDE = [700, 1400];

/** What a picture shows. */
export type Shown = "plain" | "neutral" | "secret" | "other";

/** Pixels of a picture that is looked at. */
export const LOOK = { width: 32, height: 18 } as const;
/** Samples a second, and in a piece of sound. */
const RATE = 16_000;
const PIECE = 320;

/** What a picture of {@link LOOK} pixels shows; a single pixel of the secret is the secret. `step`: bytes of a pixel, R, G, B first. */
export function shownIn(pixels: Uint8Array | Uint8ClampedArray, step: number): Shown {
  let [secret, plain, grey, count] = [0, 0, 0, 0];
  for (let at = 0; at + 2 < pixels.length; at += step) {
    const [red, green, blue] = [pixels[at] as number, pixels[at + 1] as number, pixels[at + 2] as number];
    count++;
    if (red > 110 && blue > 110 && green < 80) secret++;
    else if (blue > red + 50) plain++;
    else if (Math.max(red, green, blue) - Math.min(red, green, blue) < 30) grey++;
  }
  if (secret > 0) return "secret";
  if (plain > 0.9 * count) return "plain";
  return grey > 0.9 * count ? "neutral" : "other";
}

/** The pictures of a source, in their order. */
export async function picturesOf(source: string, seconds: number, input: readonly string[] = []): Promise<Shown[]> {
  const filter = `scale=${LOOK.width}:${LOOK.height}:flags=area,format=rgb24`;
  const output = ["-t", String(seconds), "-an", "-vf", filter, "-fps_mode", "passthrough", "-f", "rawvideo", "-"];
  const { stdout } = await ffmpeg(["-v", "error", ...input, "-i", source, ...output], (seconds + 30) * 1000);
  const size = LOOK.width * LOOK.height * 3;
  return Array.from({ length: Math.floor(stdout.length / size) }, (_, index) =>
    shownIn(stdout.subarray(index * size, (index + 1) * size), 3),
  );
}

/** Share of a tone's power in a piece of sound, 0 to 1 (Goertzel). */
function share(piece: Float32Array, frequency: number): number {
  const factor = 2 * Math.cos((2 * Math.PI * frequency) / RATE);
  let [before, last, power] = [0, 0, 0];
  for (const sample of piece) {
    [before, last] = [last, sample + factor * last - before];
    power += sample * sample;
  }
  if (power < 1e-9) return 0;
  return (2 * (before * before + last * last - factor * before * last)) / (piece.length * power);
}

/** The sound of a source in pieces of 20 ms; `neutral`: silence. Quiet traces of the secret's tone are the secret too. */
export async function soundOf(source: string, seconds: number, input: readonly string[] = []): Promise<Shown[]> {
  const output = ["-t", String(seconds), "-vn", "-ac", "1", "-ar", String(RATE), "-f", "f32le", "-"];
  const { stdout } = await ffmpeg(["-v", "error", ...input, "-i", source, ...output], (seconds + 30) * 1000);
  const samples = new Float32Array(stdout.buffer.slice(stdout.byteOffset, stdout.byteOffset + (stdout.length & ~3)));
  return Array.from({ length: Math.floor(samples.length / PIECE) }, (_, index) => {
    const piece = samples.subarray(index * PIECE, (index + 1) * PIECE);
    const level = Math.sqrt(piece.reduce((sum, sample) => sum + sample * sample, 0) / PIECE);
    if (level < 0.0005) return "neutral";
    const beside = Math.max(...BESIDE.map((frequency) => share(piece, frequency)));
    if (share(piece, 1000) > Math.max(0.1, 3 * beside)) return "secret";
    return share(piece, 300) > 0.5 ? "plain" : "other";
  });
}

/** Equal ones after one another as one, with how many they were. */
export function stretches(shown: readonly Shown[]): { shown: Shown; count: number }[] {
  const found: { shown: Shown; count: number }[] = [];
  for (const each of shown) {
    const last = found.at(-1);
    if (last?.shown === each) last.count++;
    else found.push({ shown: each, count: 1 });
  }
  return found;
}

/** Power of a tone, as the page measures it, that is a decoder's noise where a plain tone is cut off; the secret's own is 5.8e-3. */
const NOISE = 1e-9;

interface SecretWindow {
  pictures: number[][];
  sound: { level: number; plain: number; secret: number; beside: number }[];
  stopped: boolean;
}

/** Looks at every picture, and 50 times a second at the sound, of the one video of a page, until `end`. */
export async function watchInPage(page: Page): Promise<{ end(): Promise<{ pictures: Shown[]; sound: Shown[] }> }> {
  await page.evaluate(watch, LOOK);
  return {
    end: async () => {
      const { pictures, sound } = await page.evaluate(() => {
        const own = window as unknown as SecretWindow;
        own.stopped = true;
        return { pictures: own.pictures, sound: own.sound };
      });
      const heard = sound.map(({ level, plain, secret, beside }): Shown => {
        if (level < 0.0005) return "neutral";
        if (secret > Math.max(0.1 * plain, 3 * beside, NOISE)) return "secret";
        return "plain";
      });
      return { pictures: pictures.map((pixels) => shownIn(Uint8Array.from(pixels), 4)), sound: heard };
    },
  };
}

/** Runs in the page. */
async function watch({ width, height }: { width: number; height: number }): Promise<void> {
  const own = window as unknown as SecretWindow;
  Object.assign(own, { pictures: [], sound: [], stopped: false });
  while (!document.querySelector("video")?.videoWidth) await new Promise((resolve) => setTimeout(resolve, 50));
  const video = document.querySelector("video") as HTMLVideoElement;
  const canvas = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  const look = () => {
    if (own.stopped || !canvas) return;
    canvas.drawImage(video, 0, 0, width, height);
    own.pictures.push([...canvas.getImageData(0, 0, width, height).data]);
    video.requestVideoFrameCallback(look);
  };
  video.requestVideoFrameCallback(look);
  const context = new AudioContext();
  const analyser = new AnalyserNode(context, { fftSize: 2048, smoothingTimeConstant: 0 });
  context.createMediaStreamSource(video.srcObject as MediaStream).connect(analyser);
  const [samples, bins] = [new Float32Array(2048), new Float32Array(1024)];
  const power = (frequency: number) => {
    const at = Math.round((frequency * 2048) / context.sampleRate);
    return 10 ** (Math.max(...bins.subarray(at - 1, at + 2)) / 10);
  };
  const listen = setInterval(() => {
    if (own.stopped) clearInterval(listen);
    analyser.getFloatTimeDomainData(samples);
    analyser.getFloatFrequencyData(bins);
    const level = Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / 2048);
    own.sound.push({ level, plain: power(300), secret: power(1000), beside: Math.max(power(700), power(1400)) });
  }, 20);
}
