// Measures how far sound and picture of the pattern page are apart. Never knows how they got there.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { FFPROBE, ffmpeg } from "./media.ts";
import { COLUMNS, ROWS, readPattern } from "./pattern.ts";
import { run } from "./run.ts";

/** Where sound is missing (between two runs) there is silence as long: samples are counted from the first on. */
const FILLED = "aresample=async=1:min_hard_comp=0.01";

/**
 * How much later the beep of a whole second comes than the picture of that second, s; the median over `seconds`. `input`: FFmpeg's options of the source.
 * @throws Error when there is no pattern, or no beep
 */
export async function beepDelay(
  source: string,
  seconds: number,
  folder: string,
  input: readonly string[] = [],
): Promise<number> {
  const file = join(folder, "sync.mkv");
  const video = join(folder, "sync.gray");
  const rate = 8000;
  await ffmpeg(["-v", "error", ...input, "-i", source, "-t", String(seconds), "-c", "copy", "-y", file], 60_000);
  const scale = `scale=${COLUMNS}:${ROWS}:flags=area,format=gray`;
  await ffmpeg(
    ["-v", "error", "-i", file, "-an", "-vf", scale, "-fps_mode", "passthrough", "-f", "rawvideo", "-y", video],
    60_000,
  );
  const pictures = await readFile(video);
  const offsets = (await timesOf(file, "v")).flatMap((time, index) => {
    const size = COLUMNS * ROWS;
    const frame = readPattern(pictures.subarray(index * size, (index + 1) * size));
    return frame ? [frame.time / 1000 - time] : [];
  });
  const { stdout } = await ffmpeg(
    ["-v", "error", "-i", file, "-vn", "-af", FILLED, "-ac", "1", "-ar", String(rate), "-f", "s16le", "-"],
    60_000,
  );
  const [begin = Number.NaN] = await timesOf(file, "a");
  const delays = onsets(stdout, rate).map((at) => {
    const shown = begin + at + median(offsets);
    return shown - Math.round(shown);
  });
  if (offsets.length === 0 || delays.length === 0)
    throw new Error(`${offsets.length} pictures, ${delays.length} beeps`);
  return median(delays);
}

async function timesOf(file: string, kind: "v" | "a"): Promise<number[]> {
  const what = ["-select_streams", `${kind}:0`, "-show_entries", "packet=pts_time", "-of", "csv=p=0"];
  const { stdout } = await run(FFPROBE, ["-v", "error", ...what, file]);
  return stdout
    .toString()
    .split("\n")
    .filter(Boolean)
    .map(Number.parseFloat)
    .sort((a, b) => a - b);
}

/** Seconds at which it becomes loud after 0.3 s or more that were not. */
function onsets(samples: Buffer, rate: number): number[] {
  const found: number[] = [];
  let quietFor = 0;
  for (let index = 0; index * 2 + 1 < samples.length; index++) {
    const loud = Math.abs(samples.readInt16LE(index * 2)) > 0.2 * 32768;
    if (loud && quietFor > 0.3 * rate) found.push(index / rate);
    quietFor = loud ? 0 : quietFor + 1;
  }
  return found;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
