// Pages that can be told apart by eye and ear, and what a stream has shown of them, picture by picture, on its own clock.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { PlayerState } from "../../../protocol/player-messages.ts";
import { FFPROBE, ffmpeg } from "./media.ts";
import { run } from "./run.ts";
import { type Site, serveSite } from "./site.ts";
import { until } from "./until.ts";

/** Each page has a colour, and a tone in Hz that it plays all the time. */
export const COLOURED = {
  red: { rgb: [220, 30, 30], tone: 400 },
  green: { rgb: [30, 200, 30], tone: 700 },
  blue: { rgb: [30, 60, 220], tone: 1100 },
  yellow: { rgb: [220, 210, 30], tone: 1700 },
} as const;
/** Name of a page. */
export type Colour = keyof typeof COLOURED;
const NAMES = Object.keys(COLOURED) as Colour[];

/** Covers the green page in yellow, unless it is masked. */
const MARKER = `<div id="marker" style="position:fixed;inset:0 0 40% 0;background:rgb(${COLOURED.yellow.rgb})"></div>`;

/** The upper half is the page's colour; below, something moves, so that every picture is another one. */
function page(name: Colour): string {
  const { rgb, tone } = COLOURED[name];
  return `<!doctype html><title>${name}</title><body style="margin:0;overflow:hidden;background:rgb(${rgb})">
<div id="bar" style="position:fixed;top:70%;height:20%;width:10%;background:#fff"></div>
${name === "green" ? MARKER : ""}<a id="link" target="_blank" href="/green">link</a> <a id="quiet" target="_blank" rel="noopener" href="/blue">quiet</a>
<script>
const sound = new AudioContext(), tone = sound.createOscillator(), level = sound.createGain();
tone.frequency.value = ${tone}; level.gain.value = 0.2;
tone.connect(level).connect(sound.destination); tone.start();
let frame = 0;
const paint = () => { bar.style.left = (frame++ * 3 % 90) + "%"; requestAnimationFrame(paint); };
paint();
</script>`;
}

/** Serves a page for each colour: `/red`, `/green`, … */
export function serveColours(): Promise<Site> {
  return serveSite(Object.fromEntries(NAMES.map((name) => [`/${name}`, { html: page(name) }])));
}

/** What players are told of a stream. */
export async function stateOf(player_url: string): Promise<PlayerState> {
  return (await fetch(new URL("state", player_url))).json() as Promise<PlayerState>;
}

/** Pictures in a row that are enough to say that a page is seen. */
const ENOUGH = 15;

/** Waits until viewers see a page, and a little of it. */
export async function untilSeen({ hls_url }: { readonly hls_url: string | null }, colour: Colour): Promise<void> {
  await until(
    `${colour} is shown`,
    async () => {
      const [file] = await runsOf(hls_url ?? "", "video", 1);
      const newest = file ? (await coloursIn(file)).slice(-ENOUGH) : [];
      if (file) await rm(dirname(file), { recursive: true });
      return newest.length === ENOUGH && newest.every((each) => each === colour);
    },
    30_000,
  );
}

/** A stretch in which a stream has shown one page. */
export interface Shown {
  /** `null`: none of them. */
  readonly colour: Colour | null;
  /** s on the stream's clock, of its first and of its last picture. */
  readonly from: number;
  readonly to: number;
  /** s, the longest between two of its pictures. */
  readonly longest_gap: number;
  readonly width: number;
  readonly height: number;
  readonly pictures: number;
}

/** Gives each picture that a playlist of video lists; by runs, as each has an init segment of its own. */
export async function shownBy(hls: string): Promise<Shown[]> {
  const shown: Shown[] = [];
  const files = await runsOf(hls, "video");
  for (const file of files) {
    const [pictures, rgb] = await Promise.all([picturesOf(file), coloursOf(file)]);
    for (const [index, { time, width, height }] of pictures.entries()) {
      const colour = nearest(rgb.subarray(index * 3, index * 3 + 3));
      const last = shown.at(-1);
      if (last?.colour === colour && last.width === width && last.height === height) {
        const longest_gap = Math.max(last.longest_gap, time - last.to);
        shown[shown.length - 1] = { ...last, to: time, longest_gap, pictures: last.pictures + 1 };
      } else shown.push({ colour, from: time, to: time, longest_gap: 0, width, height, pictures: 1 });
    }
  }
  if (files[0]) await rm(dirname(files[0]), { recursive: true });
  return shown;
}

/** The page in each picture of a file. */
export async function coloursIn(file: string): Promise<(Colour | null)[]> {
  const rgb = await coloursOf(file);
  return Array.from({ length: rgb.length / 3 }, (_, index) => nearest(rgb.subarray(index * 3, index * 3 + 3)));
}

/** From when to when (s on the stream's clock) the tone of each page was heard. */
export async function heardBy(hls: string): Promise<Map<Colour, { from: number; to: number }>> {
  const heard = new Map<Colour, { from: number; to: number }>();
  const rate = 8000;
  const window = 160; // 20 ms
  const files = await runsOf(hls, "audio");
  for (const file of files) {
    const [first] = await picturesOf(file, "a:0");
    const args = ["-v", "error", "-i", file, "-ac", "1", "-ar", String(rate), "-f", "f32le", "-"];
    const { stdout } = await ffmpeg(args, 30_000);
    const samples = new Float32Array(stdout.buffer.slice(stdout.byteOffset, stdout.byteOffset + (stdout.length & ~3)));
    for (let at = 0; at + window <= samples.length; at += window) {
      const time = (first?.time ?? 0) + at / rate;
      for (const name of NAMES) {
        if (strength(samples.subarray(at, at + window), COLOURED[name].tone / rate) < 0.03) continue;
        heard.set(name, { from: heard.get(name)?.from ?? time, to: time });
      }
    }
  }
  if (files[0]) await rm(dirname(files[0]), { recursive: true });
  return heard;
}

/** Amplitude of a frequency (as a share of the sample rate) in some samples. */
function strength(samples: Float32Array, frequency: number): number {
  let [real, imaginary] = [0, 0];
  for (const [index, sample] of samples.entries()) {
    real += sample * Math.cos(2 * Math.PI * frequency * index);
    imaginary += sample * Math.sin(2 * Math.PI * frequency * index);
  }
  return (2 * Math.hypot(real, imaginary)) / samples.length;
}

/** Puts the listed segments of each run (of the `newest` so many) into a file of a folder made for it, its init segment first. */
async function runsOf(hls: string, track: "video" | "audio", newest = Number.POSITIVE_INFINITY): Promise<string[]> {
  const multivariant = await (await fetch(hls)).text();
  const line =
    track === "video" ? multivariant.match(/^[^#].*$/m)?.[0] : /TYPE=AUDIO.*URI="([^"]+)"/.exec(multivariant)?.[1];
  const address = new URL(line ?? "", hls);
  const runs: { map: string; uris: string[] }[] = [];
  for (const text of (await (await fetch(address)).text()).split("\n")) {
    const map = /^#EXT-X-MAP:URI="([^"]+)"/.exec(text)?.[1];
    if (map) runs.push({ map, uris: [] });
    else if (text !== "" && !text.startsWith("#")) runs.at(-1)?.uris.push(text);
  }
  const folder = await mkdtemp(join(tmpdir(), "flybrowser-runs-"));
  const files: string[] = [];
  for (const { map, uris } of runs.filter(({ uris }) => uris.length > 0).slice(-newest)) {
    const parts = await Promise.all(
      [map, ...uris].map(async (uri) => Buffer.from(await (await fetch(new URL(uri, address))).arrayBuffer())),
    );
    const file = join(folder, `${files.length}.mp4`);
    await writeFile(file, Buffer.concat(parts));
    files.push(file);
  }
  return files;
}

async function picturesOf(file: string, track = "v:0"): Promise<{ time: number; width: number; height: number }[]> {
  const what = ["-show_entries", "frame=best_effort_timestamp_time,width,height", "-of", "json"];
  const { stdout } = await run(FFPROBE, ["-v", "error", "-select_streams", track, ...what, file]);
  const { frames } = JSON.parse(stdout.toString()) as { frames: Record<string, string>[] };
  return frames.map((frame) => ({
    time: Number(frame.best_effort_timestamp_time),
    width: Number(frame.width ?? 0),
    height: Number(frame.height ?? 0),
  }));
}

async function coloursOf(file: string): Promise<Buffer> {
  const filters = "crop=iw/4:ih/4:iw/2:ih/4,scale=1:1:flags=area,format=rgb24";
  const args = ["-v", "error", "-i", file, "-vf", filters, "-fps_mode", "passthrough", "-f", "rawvideo", "-"];
  return (await ffmpeg(args, 30_000)).stdout;
}

function nearest(rgb: Uint8Array): Colour | null {
  const far = (name: Colour) => Math.hypot(...COLOURED[name].rgb.map((value, index) => value - (rgb[index] ?? 0)));
  const [best] = [...NAMES].sort((a, b) => far(a) - far(b));
  return best && far(best) < 60 ? best : null;
}
