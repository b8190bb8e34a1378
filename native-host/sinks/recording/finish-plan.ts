// How the media files of a recording become one normal file: lists, metadata and arguments for FFmpeg. Pure: finish.ts reads
// the files and starts FFmpeg. Why it is done this way: docs/decisions/recording.md.

import type { RecordingFormat } from "../../../protocol/options.ts";
import { plainText } from "../../../protocol/printable.ts";
import type { Chapter, Task } from "../../../protocol/results.ts";
import type { ScannedTrack } from "./track-scan.ts";

/** What was recorded between two changes of the init segments. */
export interface Piece {
  readonly video: ScannedTrack;
  readonly audio: ScannedTrack | null;
}

/** What is told about the recording in the file. */
export interface FileFacts {
  readonly format: RecordingFormat;
  readonly title: string;
  readonly url: string;
  /** ISO 8601. */
  readonly started_at: string;
  readonly chapters: readonly Chapter[];
  /** Frames a second, evenly; left out: each as it was captured. */
  readonly frame_rate?: number | undefined;
  /** This FFmpeg is 5.1 or newer: it knows `-fps_mode`, and can be told how long a frame lasts. Left out: it is. */
  readonly fps_mode?: boolean;
}

/** A media file that must be made to fit the others before they are joined. */
export interface Fitting {
  readonly piece: number;
  /** Name in the folder of the recording. */
  readonly name: string;
  readonly args: readonly string[];
}

/** Everything FFmpeg is to do. Names are relative to the folder of the recording. */
export interface FinishPlan {
  /** ms on the stream's clock: time 0 of the file. */
  readonly start: number;
  /** ms */
  readonly duration: number;
  readonly fittings: readonly Fitting[];
  /** Text files that FFmpeg reads. */
  readonly files: readonly { readonly name: string; readonly text: string }[];
  readonly args: readonly string[];
}

const QUIET = ["-hide_banner", "-nostdin", "-nostats", "-loglevel", "warning", "-y"];
/** bit/s of Opus, and least of AAC where the sound has to be encoded once more. */
const OPUS_BITRATE = 128_000;
const LEAST_AAC_BITRATE = 64_000;
/** What is encoded once more, so well that nobody sees it. */
const X264 = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "18", "-bf", "0"];
const VP9 = ["-c:v", "libvpx-vp9", "-deadline", "good", "-cpu-used", "5", "-row-mt", "1", "-crf", "18", "-b:v", "0"];
const X265 = ["-c:v", "libx265", "-preset", "fast", "-crf", "20", "-bf", "0", "-x265-params", "log-level=none"];
/** s between two keyframes of it. */
const KEYFRAME_EVERY = 2;
/** Samples of 48 kHz that libopus puts in front: without what they replace, its first packet and the first picture are at 0. */
const OPUS_LEAD = 312;

const seconds = (ms: number): string => (ms / 1000).toFixed(6);
const isHevc = (piece: Piece): boolean => /^h(vc|ev)1/.test(piece.video.init.codec);
const isH264 = (piece: Piece): boolean => piece.video.init.codec.startsWith("avc1");

/** The piece whose size and time base all get: the longest one of the size that lasted longest in all. */
function mainPiece(pieces: readonly Piece[]): Piece {
  const length = ({ video }: Piece): number => video.end - video.start;
  const size = ({ video: { init } }: Piece): string => `${init.width}x${init.height}`;
  const lasted = (piece: Piece): number =>
    pieces.reduce((sum, each) => sum + (size(each) === size(piece) ? length(each) : 0), 0);
  const before = (a: Piece, b: Piece): number => lasted(b) - lasted(a) || length(b) - length(a);
  return [...pieces].sort(before)[0] as Piece;
}

/** Tasks as chapters of a file that begins at `start` (epoch ms) and lasts `duration` (ms). */
export function chaptersOf(tasks: readonly Task[], start: number, duration: number): Chapter[] {
  const within = (iso: string | null): number =>
    Math.min(duration, Math.max(0, iso === null ? duration : Date.parse(iso) - start));
  return tasks
    .map(({ name, started_at, ended_at }) => ({ title: name, start: within(started_at), end: within(ended_at) }))
    .filter(({ start, end }) => end > start)
    .sort((a, b) => a.start - b.start)
    .map(({ title, start, end }) => ({ title, start_seconds: start / 1000, end_seconds: end / 1000 }));
}

const escaped = (text: string): string => plainText(text).replace(/[=;#\\]/g, (character) => `\\${character}`);

/** In MP4 a chapter lasts until the next one begins, and the first one begins at 0: what is before it gets a name too. */
function withoutHoles(chapters: readonly Chapter[], title: string): Chapter[] {
  const [first] = chapters;
  if (!first) return [];
  const lead = { title: title || "…", start_seconds: 0, end_seconds: first.start_seconds };
  const all = first.start_seconds > 0 ? [lead, ...chapters] : chapters;
  return all.map((chapter, index) => {
    return { ...chapter, end_seconds: Math.min(chapter.end_seconds, all[index + 1]?.start_seconds ?? Infinity) };
  });
}

/** The metadata in FFmpeg's own text form (ffmpeg-formats: metadata). */
export function metadataText({ title, url, started_at, chapters }: FileFacts): string {
  const lines = [";FFMETADATA1", `title=${escaped(title)}`, `comment=${escaped(url)}`];
  lines.push(`date=${started_at.slice(0, 10)}`, `creation_time=${started_at}`);
  for (const { title: name, start_seconds, end_seconds } of withoutHoles(chapters, title)) {
    const times = [`START=${Math.round(start_seconds * 1000)}`, `END=${Math.round(end_seconds * 1000)}`];
    lines.push("[CHAPTER]", "TIMEBASE=1/1000", ...times, `title=${escaped(name)}`);
  }
  return `${lines.join("\n")}\n`;
}

/** Files one after the other, each beginning as long after the one before as it was recorded: gaps stay gaps. */
function concatText(tracks: readonly { name: string; start: number; end: number }[]): string {
  const lines = tracks.flatMap(({ name, start, end }, index) => {
    const until = Math.max(tracks[index + 1]?.start ?? end, start);
    return [`file ${name}`, `duration ${seconds(until - start)}`];
  });
  return `${["ffconcat version 1.0", ...lines].join("\n")}\n`;
}

/** A filter that puts a picture of any size whole into one of this size. */
function fitInto({ width, height }: { width: number; height: number }): string {
  const [scale, pad] = [`scale=${width}:${height}:force_original_aspect_ratio=decrease`, `pad=${width}:${height}`];
  return `${scale},${pad}:(ow-iw)/2:(oh-ih)/2,setsar=1`;
}

/** The picture as it is, or encoded once more with evenly spaced frames. */
function videoArguments(
  { format, frame_rate, fps_mode = true }: FileFacts,
  { main, last, joined }: { main: Piece; last: Piece; joined: boolean },
): string[] {
  if (frame_rate === undefined) {
    // The duration of the last frame alone counts, and of a fragmented file FFmpeg takes that from a frame rate it has guessed.
    const duration = fps_mode ? ["-bsf:v", `setts=duration=${seconds(last.video.last_frame)}/TB`] : [];
    return ["-c:v", "copy", ...duration, ...(isHevc(main) ? ["-tag:v", joined ? "hev1" : "hvc1"] : [])];
  }
  const even = ["-vf", `${fitInto(main.video.init)},fps=${frame_rate}`];
  // Where the size changes in band FFmpeg begins its filters anew: what is between is filled behind them.
  const filled = ["-r", String(frame_rate), fps_mode ? "-fps_mode" : "-vsync", "cfr"];
  const keyframes = ["-g", String(Math.ceil(KEYFRAME_EVERY * frame_rate))];
  return [...even, ...filled, ...(format === "webm" ? VP9 : X264), ...keyframes];
}

/** Joining needs one time base, and a file one size, whatever came in band; H.265 is joined as MPEG-TS, with its parameter sets in the stream. */
function fitting(piece: Piece, number: number, main: Piece): Fitting | null {
  const { path, init } = piece.video;
  const { width, height, timescale } = main.video.init;
  const base = `fitted-${number}`;
  const sized = init.width === width && init.height === height && !piece.video.has_other_sizes;
  const encoder = isHevc(piece) ? X265 : isH264(piece) ? X264 : VP9;
  const encode = ["-vf", fitInto(main.video.init), ...encoder];
  if (isHevc(piece)) {
    const video = sized ? ["-c", "copy"] : encode;
    return { piece: number, name: `${base}.ts`, args: [...QUIET, "-i", path, ...video, "-f", "mpegts", `${base}.ts`] };
  }
  if (sized && (!isH264(piece) || init.timescale === timescale)) return null;
  const video = sized ? ["-c", "copy"] : encode;
  const output = ["-video_track_timescale", String(timescale), "-f", "mp4", `${base}.mp4`];
  return { piece: number, name: `${base}.mp4`, args: [...QUIET, "-i", path, ...video, ...output] };
}

function soundArguments(format: RecordingFormat, tracks: readonly ScannedTrack[]): string[] {
  // Silence where nothing was recorded: players disagree on what a hole in the sound means.
  const filled = "aresample=48000:async=1:min_hard_comp=0.01";
  if (format === "webm")
    return ["-af", `${filled}:first_pts=${OPUS_LEAD}`, "-c:a", "libopus", "-b:a", String(OPUS_BITRATE)];
  if (tracks.length === 1 && !tracks[0]?.has_gaps) return ["-c:a", "copy"];
  const bits = tracks.reduce((sum, { whole_bytes }) => sum + whole_bytes * 8, 0);
  const time = tracks.reduce((sum, { start, end }) => sum + (end - start) / 1000, 0);
  const bitrate = Math.max(LEAST_AAC_BITRATE, Math.round(bits / Math.max(1, time)));
  return ["-af", filled, "-c:a", "aac", "-b:a", String(bitrate)];
}

/** The plan for pieces in their order, at least one. `output`: path of the file to make. */
export function planFinish(pieces: readonly Piece[], facts: FileFacts, output: string): FinishPlan {
  const main = mainPiece(pieces);
  const first = pieces[0] as Piece;
  const joined = pieces.length > 1 || first.video.has_other_sizes;
  const { start } = first.video;
  const fittings = joined ? pieces.flatMap((piece, number) => fitting(piece, number, main) ?? []) : [];
  const nameOf = (path: string): string => path.replace(/^.*[\\/]/, "");
  const videos = pieces.map(({ video }, number) => {
    return { ...video, name: fittings.find(({ piece }) => piece === number)?.name ?? nameOf(video.path) };
  });
  const sounds = pieces.flatMap(({ audio }) => (audio ? [{ ...audio, name: nameOf(audio.path) }] : []));
  const files = [{ name: "metadata.txt", text: metadataText(facts) }];
  const input = (list: string, tracks: typeof videos): string[] => {
    const [only] = tracks;
    if (!only) return [];
    // -copyts leaves times as they stand in the file: on the stream's clock. A joined list begins at 0.
    if (!joined) return ["-itsoffset", seconds(-start), "-i", only.name];
    files.push({ name: list, text: concatText(tracks) });
    return ["-itsoffset", seconds(only.start - start), "-f", "concat", "-i", list];
  };
  const inputs = [...input("video.ffconcat", videos), ...input("audio.ffconcat", sounds)];
  const metadata = sounds.length > 0 ? 2 : 1;
  const sound = sounds.length > 0 ? ["-map", "1:a:0", ...soundArguments(facts.format, sounds)] : [];
  const muxer =
    facts.format === "webm"
      ? ["-avoid_negative_ts", "disabled", "-f", "webm"]
      : ["-movflags", "+faststart", "-f", "mp4"];
  return {
    start,
    duration: Math.max(...pieces.map(({ video }) => video.end)) - start,
    fittings,
    files,
    args: [
      ...[...QUIET, "-progress", "pipe:1", "-copyts", ...inputs, "-f", "ffmetadata", "-i", "metadata.txt"],
      ...["-map", "0:v:0", ...videoArguments(facts, { main, last: pieces.at(-1) as Piece, joined }), ...sound],
      ...["-map_metadata", String(metadata), "-map_chapters", String(metadata), "-max_muxing_queue_size", "4096"],
      ...[...muxer, output],
    ],
  };
}
