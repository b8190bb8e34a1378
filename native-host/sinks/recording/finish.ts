// Makes the one normal file of a recording from its media files by FFmpeg, and puts it into its place.
import { execFile, spawn } from "node:child_process";
import { rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { mkdir, open, stat } from "node:fs/promises";
import { constants, setPriority } from "node:os";
import { dirname, join } from "node:path";
import { FlyBrowserError, wordsOf } from "../../../protocol/errors.ts";
import { draftOf, type RecordingJournal } from "../../../protocol/node/recording-files.ts";
import type { Chapter } from "../../../protocol/results.ts";
import { sentence, type Words } from "../../../protocol/sentence.ts";
import { knowsFpsMode } from "../../ffmpeg/capabilities.ts";
import { deathError, LineTail, spawnError } from "../../ffmpeg/death.ts";
import { chaptersOf, type Piece, planFinish } from "./finish-plan.ts";
import { mendFrameTimes } from "./frame-times.ts";
import { mediaFileName, mediaIn } from "./media-files.ts";
import { placeDraft, videosFolder } from "./target-path.ts";
import { type ScannedTrack, scanTrack } from "./track-scan.ts";

/** ms without progress after which it counts as hung: making a large file ready for the web reports none for a while. */
const STUCK_AFTER = 5 * 60_000;

/** ms in which FFmpeg must have read the header of the file. */
const READ_WITHIN = 10_000;

/** A finished file. */
export interface FinishedFile {
  readonly file_path: string;
  readonly duration_seconds: number;
  readonly size_bytes: number;
  readonly chapters: Chapter[];
}

/** What finishing needs. */
export interface FinishOptions {
  /** Folder of the media. */
  readonly folder: string;
  readonly journal: RecordingJournal;
  readonly ffmpeg_path: string;
  /** Share that is done, 0 to 1. */
  readonly onProgress: (share: number) => void;
  readonly signal: AbortSignal;
}

/** A file that was being written when its host died ends in the middle of a fragment: that half is cut off. */
async function wholeTrack(path: string): Promise<ScannedTrack | null> {
  const track = await scanTrack(path);
  if (track && track.whole_bytes < track.bytes) truncateSync(path, track.whole_bytes);
  return track;
}

/** The pieces that have video, in their order, their frames' times mended. */
async function scanPieces(folder: string): Promise<Piece[]> {
  const pieces: Piece[] = [];
  const count = mediaIn(folder).pieces;
  for (let number = 0; number < count; number++) {
    const video = await wholeTrack(join(folder, mediaFileName(number, "video")));
    const audio = await wholeTrack(join(folder, mediaFileName(number, "audio")));
    if (video) pieces.push({ video, audio });
  }
  const mended: Piece[] = [];
  for (const [number, { video, audio }] of pieces.entries()) {
    const ends = { is_last: number === pieces.length - 1, sound_end: audio?.end ?? null };
    mended.push({ audio, video: await mendFrameTimes(video, ends) });
  }
  return mended;
}

async function onDisk(path: string): Promise<void> {
  const file = await open(path, "r+");
  await file.sync().finally(() => file.close());
}

async function targetFolder(path: string): Promise<string> {
  const folder = dirname(path);
  const there = await stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
  return there ? path : join(videosFolder(), path.slice(folder.length + 1));
}

/**
 * Makes the file. Where the folder it was meant for is gone, it comes into the videos folder; where its name was taken
 * meanwhile, it gets a number.
 * @throws FlyBrowserError `recording_failed`; the signal's reason when it was aborted
 */
export async function finishRecording(options: FinishOptions): Promise<FinishedFile> {
  const { folder, journal, signal } = options;
  const target = await targetFolder(journal.file_path);
  const draft = draftOf(target);
  try {
    const pieces = await scanPieces(folder);
    const [first] = pieces;
    if (!first) throw new FlyBrowserError("no_media", { seconds: journal.duration_seconds });
    await mkdir(dirname(target), { recursive: true });
    const end = Math.max(...pieces.map(({ video }) => video.end));
    const start = journal.stream_started_at + first.video.start;
    const chapters = chaptersOf(journal.tasks, start, end - first.video.start);
    const started_at = new Date(start).toISOString();
    const fps_mode = await knowsFpsMode(options.ffmpeg_path);
    const plan = planFinish(pieces, { ...journal, started_at, chapters, fps_mode }, draft);
    for (const { name, text } of plan.files) writeFileSync(join(folder, name), text);
    const job = { path: options.ffmpeg_path, folder, signal };
    for (const { args } of plan.fittings) await runFfmpeg({ ...job, args });
    const onProgress = (done: number): void => options.onProgress(Math.min(1, done / Math.max(1, plan.duration)));
    await runFfmpeg({ ...job, args: plan.args, onProgress });
    await onDisk(draft); // the media are removed once it is there
    signal.throwIfAborted();
    const file_path = placeDraft(draft, target);
    const duration_seconds = (await durationOf(options.ffmpeg_path, file_path)) ?? plan.duration / 1000;
    return { file_path, duration_seconds, size_bytes: statSync(file_path).size, chapters };
  } catch (cause) {
    rmSync(draft, { force: true });
    signal.throwIfAborted();
    const full = (cause as NodeJS.ErrnoException).code === "ENOSPC";
    const reason = full ? sentence("recording.disk_full") : wordsOf(cause);
    const { recording_id } = journal;
    throw new FlyBrowserError("recording_failed", { recording_id, reason, folder }, { cause });
  }
}

/** s that a file lasts, as players read it: to its last frame of picture or sound; `null`: it can't be read. */
export function durationOf(ffmpeg_path: string, file: string): Promise<number | null> {
  return new Promise((resolve) => {
    const args = ["-hide_banner", "-nostdin", "-i", file]; // it tells what the file is, and that it wants an output
    execFile(ffmpeg_path, args, { timeout: READ_WITHIN, windowsHide: true }, (_error, _stdout, stderr) => {
      const [, hours, minutes, seconds] = /Duration: (\d+):(\d\d):(\d\d\.\d+)/.exec(stderr) ?? [];
      resolve(seconds === undefined ? null : Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds));
    });
  });
}

/** What a run of FFmpeg over files needs. */
export interface FfmpegJob {
  readonly path: string;
  readonly args: readonly string[];
  /** Working directory. */
  readonly folder: string;
  /** ms of output so far. */
  readonly onProgress?: (done: number) => void;
  readonly signal: AbortSignal;
}

/**
 * Runs FFmpeg to its end, below the priority of the streams.
 * @throws FlyBrowserError `ffmpeg_failed`; the signal's reason when it was aborted
 */
export async function runFfmpeg({ path, args, folder, onProgress, signal }: FfmpegJob): Promise<void> {
  signal.throwIfAborted();
  const stderr = new LineTail();
  let killed_because: Words | null = null;
  const failure = await new Promise<FlyBrowserError | null>((resolve) => {
    const child = spawn(path, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"], windowsHide: true });
    const kill = (): boolean => child.kill("SIGKILL");
    const watch = setTimeout(() => {
      killed_because = sentence("recording.no_progress");
      kill();
    }, STUCK_AFTER);
    signal.addEventListener("abort", kill);
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      watch.refresh();
      const done = [...text.matchAll(/out_time_us=(\d+)/g)].at(-1)?.[1];
      if (done !== undefined) onProgress?.(Number(done) / 1000);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => stderr.push(text));
    const settle = (error: FlyBrowserError | null): void => {
      clearTimeout(watch);
      signal.removeEventListener("abort", kill);
      resolve(error);
    };
    child.on("error", (error) => settle(spawnError(path, error)));
    child.on("close", (code, ended) => {
      stderr.end();
      settle(code === 0 ? null : deathError({ code, signal: ended, killed_because, stderr: stderr.lines }));
    });
    if (child.pid !== undefined) lower(child.pid);
  });
  signal.throwIfAborted();
  if (failure) throw failure;
}

/** The stream that goes on beside it comes first. */
function lower(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // it has ended already
  }
}
