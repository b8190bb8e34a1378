// Real media for the tests: what a tab's recorder gives (H.264 and Opus in Matroska), run through FFmpeg the way the
// host does.
import { spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { FanOut } from "../../../../native-host/media/fan-out.ts";
import { FragmentReader } from "../../../../native-host/media/fragment-reader.ts";
import type { Rendition } from "../../../../native-host/media/rendition.ts";
import { RunAssembler } from "../../../../native-host/media/run-assembler.ts";
import type { MediaUnit } from "../../../../native-host/media/unit.ts";
import { Packager, type PackagerOptions } from "../../../../native-host/packager/packager.ts";
import type { SegmentStore } from "../../../../native-host/packager/segment-store.ts";

/** ms since 1970 of media time 0 in the tests. */
export const STARTED_AT = Date.UTC(2030, 0, 1, 12, 0, 0);
export const FRAME_RATE = 30;

/** The two fMP4 byte streams of one run. */
export interface RunMedia {
  readonly video: Buffer;
  readonly audio: Buffer;
}

/** How a run is to be made. */
export interface RunRequest {
  /** s */
  readonly seconds: number;
  /** s; media time of its beginning. */
  readonly offset: number;
  readonly frame_rate?: number;
  /** ms by which every seventh frame lasts longer. */
  readonly late?: number;
  /** How many frames in a row do so; then it is every 21st and those after it. */
  readonly row?: number;
  /** Frames between keyframes. */
  readonly keyframes?: number;
  /** ms; of audio, and of video if it is shorter than there (30 ms). */
  readonly fragment?: number;
  /** px; the width is 16:9's. */
  readonly height?: number;
  /** s from the beginning: between these two nothing was captured. */
  readonly gap?: readonly [from: number, to: number];
}

async function ffmpeg(args: readonly string[], outputs: number, input?: Buffer): Promise<Buffer[]> {
  const stdio = ["pipe", ...Array.from({ length: outputs + 1 }, () => "pipe" as const)] as const;
  const child = spawn("ffmpeg", ["-hide_banner", "-nostats", "-loglevel", "error", ...args], { stdio: [...stdio] });
  child.stdin?.on("error", () => {});
  child.stdin?.end(input);
  const pipes = [1, ...Array.from({ length: outputs - 1 }, (_, index) => index + 3)].map((fd) =>
    buffer(child.stdio[fd] as Readable),
  );
  const complaint = buffer(child.stderr as Readable);
  const code = new Promise<number | null>((resolve) => child.on("close", resolve));
  const results = await Promise.all(pipes);
  if ((await code) !== 0) throw new Error(`ffmpeg: ${(await complaint).toString()}`);
  return results;
}

/** How often a frame has come late up to frame N, as FFmpeg computes it. */
const latenesses = (row: number) =>
  row === 1 ? "floor((N+3)/7)" : Array.from({ length: row }, (_, index) => `floor((N+${3 + index})/21)`).join("+");

/** Makes the fMP4s of one run. */
export async function makeRun({
  seconds,
  offset,
  frame_rate = FRAME_RATE,
  keyframes = frame_rate,
  late = 0,
  row = 1,
  fragment = 150,
  height = 180,
  gap,
}: RunRequest): Promise<RunMedia> {
  const outside = gap && `'not(between(t,${gap[0]},${gap[1]}))'`;
  const [recorded] = await ffmpeg(
    [
      ...[
        "-f",
        "lavfi",
        "-i",
        `testsrc2=size=${Math.round((height * 16) / 18) * 2}x${height}:rate=${frame_rate}`,
        "-f",
        "lavfi",
        "-i",
        "sine=frequency=440:sample_rate=48000",
      ],
      ...[
        "-t",
        String(seconds),
        ...["-vf", `settb=1/1000,setpts=PTS+${late}*(${latenesses(row)})${outside ? `,select=${outside}` : ""}`],
        ...(outside ? ["-af", `aselect=${outside}`] : []),
        ...["-fps_mode", "passthrough", "-enc_time_base:v", "1:1000"],
        "-c:v",
        "libx264",
        "-profile:v",
        "baseline",
        "-preset",
        "ultrafast",
        "-pix_fmt",
        "yuv420p",
      ],
      ...[
        "-g",
        String(keyframes),
        "-keyint_min",
        String(keyframes),
        "-sc_threshold",
        "0",
        "-c:a",
        "libopus",
        "-f",
        "matroska",
        "-live",
        "1",
        "pipe:1",
      ],
    ],
    1,
  );
  const track = (fd: number, length: number) => [
    ...["-output_ts_offset", String(offset), "-avoid_negative_ts", "disabled", "-use_editlist", "0"],
    ...[
      "-movflags",
      "empty_moov+default_base_moof+frag_keyframe+frag_discont",
      "-frag_duration",
      String(length * 1000),
    ],
    ...["-flush_packets", "1", "-f", "mp4", `pipe:${fd}`],
  ];
  const args = [
    "-copyts",
    "-f",
    "matroska",
    "-i",
    "pipe:0",
    "-map",
    "0:v:0",
    "-c:v",
    "copy",
    ...track(1, Math.min(30, fragment)),
  ];
  const [video, audio] = await ffmpeg(
    [...args, "-map", "0:a:0", "-c:a", "aac", "-b:a", "64k", ...track(3, fragment)],
    2,
    recorded,
  );
  if (!video || !audio) throw new Error("ffmpeg gave nothing");
  return { video, audio };
}

/** A packager as the host makes it for one-second keyframes. */
export function makePackager(options: Partial<PackagerOptions> = {}): Packager {
  const window = { seconds: 60, bytes: 64 * 1024 * 1024 };
  return new Packager({ segment_duration: 1000, part_duration: 150, window, started_at: STARTED_AT, ...options });
}

/** The units of a rendition's bytes. */
export function unitsOf(bytes: Buffer): MediaUnit[] {
  const units: MediaUnit[] = [];
  const onUnit = (unit: MediaUnit) => void units.push(unit);
  new FragmentReader({ rendition: RENDITIONS.video, run: 0, onInit: () => {}, onUnit }).write(bytes);
  return units;
}

/** The renditions of the media that {@link makeRun} makes. */
export const RENDITIONS = {
  video: { id: "video", type: "video", group: "video", codec: "h264", width: 320, height: 180, bitrate: null },
  audio: { id: "audio", type: "audio", group: "audio", codec: "aac", width: null, height: null, bitrate: 64_000 },
} as const satisfies Record<string, Rendition>;

/** A rendition of a packager that has it. */
export function storeOf(packager: Packager, id: string): SegmentStore {
  const store = packager.find(id);
  if (!store) throw new Error(`there is no rendition ${id}`);
  return store;
}

/** Puts a packager on a stream of its own, whose runs can be opened. */
export function streamInto(packager: Packager): (run: number, renditions: readonly Rendition[]) => RunAssembler {
  const fanOut = new FanOut();
  fanOut.attach(packager, { renditions: "all" });
  return (run, renditions) => new RunAssembler(run, renditions, fanOut);
}

/** Writes a run as it would come, and leaves it open: both renditions side by side, cut anywhere. Says how far it is, 0 to 1. */
export function* feed(packager: Packager, run: number, media: Partial<RunMedia>, pieces = 97): Generator<number> {
  const kinds = (["video", "audio"] as const).filter((kind) => media[kind] !== undefined);
  const renditions = kinds.map((kind) => RENDITIONS[kind]);
  const assembler = streamInto(packager)(run, renditions);
  for (let piece = 0; piece < pieces; piece++) {
    for (const kind of kinds) {
      const bytes = media[kind] as Buffer;
      const at = (index: number) => Math.floor((bytes.length * index) / pieces);
      assembler.write(kind, bytes.subarray(at(piece), at(piece + 1)));
    }
    yield (piece + 1) / pieces;
  }
}

/** {@link feed} to the end, and closes the run. */
export function feedWhole(packager: Packager, run: number, media: Partial<RunMedia>, pieces = 97): void {
  for (const _ of feed(packager, run, media, pieces));
  packager.closeRun();
}
