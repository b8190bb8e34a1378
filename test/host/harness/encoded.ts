// What the encoders of the real FFmpeg make of hard content with uneven timing, by the product's own arguments.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, open, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "vitest";
import { ffmpegArguments } from "../../../native-host/ffmpeg/arguments.ts";
import type { EncodeTarget } from "../../../native-host/ffmpeg/encoder-target.ts";
import { locateFfmpeg } from "../../../native-host/ffmpeg/locate.ts";

/** s of each source. */
const SECONDS = 6;
const run = promisify(execFile);
export const QUIET = ["-y", "-hide_banner", "-nostats", "-loglevel", "error"];
let ffmpeg = "ffmpeg";
let folder = "";

/** Trembling stamps in ms with a pause of 0.4 s at 3 s, as a busy browser gives them. */
const UNEVEN = "settb=1/1000,setpts='(N/30+if(gt(N,90),0.4,0)+0.004*mod(N*7,3))/TB'";
const MATROSKA = [
  "-fps_mode",
  "passthrough",
  "-c:v",
  "libx264",
  "-preset",
  "ultrafast",
  "-qp",
  "14",
  "-pix_fmt",
  "yuv420p",
  "-f",
  "matroska",
];

async function source(name: string, lavfi: string): Promise<void> {
  const filters = `${UNEVEN},scale=out_color_matrix=bt709:out_range=tv`;
  await run(ffmpeg, [
    ...QUIET,
    "-f",
    "lavfi",
    "-i",
    lavfi,
    "-t",
    String(SECONDS),
    "-vf",
    filters,
    ...MATROSKA,
    join(folder, name),
  ]);
}

/** Makes the sources, in a folder of their own. */
export async function makeSources(): Promise<{ ffmpeg: string; folder: string }> {
  ffmpeg = (await locateFfmpeg()).path;
  folder = await mkdtemp(join(tmpdir(), "flybrowser-encoders-"));
  // lines of 100 characters, 20 px apart: a page as browsers set it
  const lines = Array.from({ length: 34 }, (_, line) =>
    `${line} the quick brown fox (${line * 7919}) jumps over {lazy} dogs; `.repeat(2),
  );
  await writeFile(join(folder, "page.txt"), lines.join("\n"));
  await source("noise", "color=gray:s=854x480:r=30,noise=alls=100:allf=t");
  const page = `drawtext=textfile=${join(folder, "page.txt")}:expansion=none:fontsize=14:line_spacing=6:x=8:y=8:fontcolor=0x202020`;
  await source("text", `color=white:s=1280x720:r=30,${page}`);
  return { ffmpeg, folder };
}

export interface Packet {
  readonly at: number;
  readonly bits: number;
  readonly key: boolean;
}

/** Encodes a source as a live run does; gives its packets. */
export async function encode(
  encoder: string,
  from: string,
  more: Partial<EncodeTarget> = {},
): Promise<{ file: string; packets: Packet[] }> {
  const target: EncodeTarget = {
    ...{ width: 1280, height: 720, frame_rate: 30, keyframe_interval: 1000 },
    ...{ video_bitrate: 3_000_000, cores: 2, detail_divisor: 1, matrix: "bt709" },
    ...more,
  };
  const file = join(folder, `${from}-${encoder}-${target.width}-${target.video_bitrate}.mp4`);
  // Exactly as a live run: the product's own arguments, Matroska on stdin, fragments on stdout.
  const { width, height, video_bitrate: bitrate } = target;
  const rendition = { id: "video", type: "video", group: "video", codec: "h264", width, height, bitrate } as const;
  const renditions = [{ rendition, make: { kind: "encode", encoder, target } }] as const;
  const args = ffmpegArguments({ renditions, offset: 0, sound_late: 0, fragment_duration: 200, fps_mode: true });
  const [input, output] = await Promise.all([open(join(folder, from)), open(file, "w")]);
  const live = spawn(ffmpeg, args, { stdio: [input.fd, output.fd, "inherit"] });
  const [status] = await once(live, "close");
  await Promise.all([input.close(), output.close()]);
  expect(status).toBe(0);
  const { packets } = await probe(file, "packet=pts_time,size,flags");
  const read = (packets as { pts_time: string; size: string; flags: string }[]).map((packet) => ({
    at: Number(packet.pts_time),
    bits: Number(packet.size) * 8,
    key: packet.flags.includes("K"),
  }));
  return { file, packets: read };
}

export async function probe(file: string, entries: string): Promise<Record<string, unknown>> {
  const args = ["-v", "error", "-select_streams", "v", "-show_entries", entries, "-of", "json", file];
  return JSON.parse((await run("ffprobe", args, { maxBuffer: 32 * 1024 * 1024 })).stdout) as Record<string, unknown>;
}

/** Highest rate of any window, bit/s. */
export function peak(packets: readonly Packet[], seconds: number, from = 0): number {
  const starts = packets.filter(({ at }) => at >= from).map(({ at }) => at);
  const within = (start: number) => packets.filter(({ at }) => at >= start && at < start + seconds - 0.001);
  return Math.max(...starts.map((start) => within(start).reduce((sum, { bits }) => sum + bits, 0) / seconds));
}

/** Noise with uneven timing: the cap is held over any 4 s, keyframes stand on whole seconds, and each second stands alone. */
export async function holdsCap(name: string): Promise<void> {
  const cap = 1_000_000;
  const { file, packets } = await encode(name, "noise", { width: 640, height: 360, video_bitrate: cap });
  expect(peak(packets, 4)).toBeLessThanOrEqual(cap * 1.1);
  expect(peak(packets, 4)).toBeGreaterThan(cap * 0.5);
  const keys = packets.filter(({ key }) => key).map(({ at }) => at);
  expect(keys.slice(0, SECONDS)).toEqual(Array.from({ length: SECONDS }, (_, second) => expect.closeTo(second, 2)));
  expect(packets.map(({ at }) => at)).toEqual([...packets.map(({ at }) => at)].sort((a, b) => a - b)); // no B frames

  const cut = join(folder, `${name}-cut.mp4`);
  await run(ffmpeg, [...QUIET, "-ss", "2", "-i", file, "-c", "copy", "-t", "0.99", cut]);
  const decoded = await run(ffmpeg, [...QUIET, "-xerror", "-err_detect", "explode", "-i", cut, "-f", "null", "-"]);
  expect(decoded.stderr).toBe("");
}

/** A page of text at 3 Mbit/s: crisp two seconds in, its colours flagged, below the cap. */
export async function keepsTextCrisp(name: string): Promise<void> {
  const { file, packets } = await encode(name, "text");
  const log = join(folder, `${name}-ssim.log`);
  const compare = `[0:v]fps=30[a];[1:v]fps=30[b];[a][b]ssim=stats_file=${log}`;
  await run(ffmpeg, [...QUIET, "-i", file, "-i", join(folder, "text"), "-lavfi", compare, "-f", "null", "-"]);
  const luma = [...(await readFile(log, "utf8")).matchAll(/Y:([\d.]+)/g)].map((match) => Number(match[1]));
  expect(luma.length).toBeGreaterThan(30 * (SECONDS - 1));
  const settled = luma.slice(60);
  const soft = settled.filter((ssim) => ssim < 0.985);
  // libvpx makes the keyframe itself coarse under a cap (docs/decisions/encoders.md): that one frame a second, no other
  expect(soft.length).toBeLessThanOrEqual(name === "libvpx-vp9" ? Math.ceil(settled.length / 30) : 0);
  expect(Math.min(...settled)).toBeGreaterThanOrEqual(name === "libvpx-vp9" ? 0.9 : 0.985);
  expect(peak(packets, 4)).toBeLessThanOrEqual(3_000_000 * 1.1);

  const entries = "stream=codec_tag_string,pix_fmt,color_range,color_space,color_transfer,color_primaries,has_b_frames";
  const [stream] = (await probe(file, entries)).streams as Record<string, unknown>[];
  const bt709 = { color_range: "tv", color_space: "bt709", color_transfer: "bt709", color_primaries: "bt709" };
  const tags: Record<string, string> = { libx264: "avc1", libx265: "hvc1", "libvpx-vp9": "vp09" };
  expect(stream).toMatchObject({ ...bt709, pix_fmt: "yuv420p", codec_tag_string: tags[name] });
  expect(stream?.has_b_frames).toBe(0);
}
