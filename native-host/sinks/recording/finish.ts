// Makes the one normal file of a recording from its media files, and places it. Never deletes media: who asked for the file
// does, once it is there.
import { readdirSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { mkdir, open, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { FlyBrowserError } from "../../../protocol/errors.ts";
import type { RecordingJournal } from "../../../protocol/node/recording-files.ts";
import type { Chapter } from "../../../protocol/results.ts";
import { chaptersOf, type Piece, planFinish } from "./finish-plan.ts";
import { runFfmpeg } from "./finisher-process.ts";
import { mediaFileName } from "./recorder.ts";
import { draftOf, placeDraft, videosFolder } from "./target-path.ts";
import { type ScannedTrack, scanTrack } from "./track-scan.ts";

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

/** The pieces that have a picture, in their order. */
export async function scanPieces(folder: string): Promise<Piece[]> {
  const count = readdirSync(folder).filter((name) => /^\d{4,}-video\.mp4$/.test(name)).length;
  const pieces: Piece[] = [];
  for (let piece = 0; piece < count; piece++) {
    const video = await wholeTrack(join(folder, mediaFileName(piece, "video")));
    const audio = await wholeTrack(join(folder, mediaFileName(piece, "audio")));
    if (video) pieces.push({ video, audio });
  }
  return pieces;
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
    const plan = planFinish(pieces, { ...journal, started_at, chapters }, draft);
    for (const { name, text } of plan.files) writeFileSync(join(folder, name), text);
    const job = { path: options.ffmpeg_path, folder, signal };
    for (const { args } of plan.fittings) await runFfmpeg({ ...job, args });
    const onProgress = (done: number): void => options.onProgress(Math.min(1, done / Math.max(1, plan.duration)));
    await runFfmpeg({ ...job, args: plan.args, onProgress });
    await onDisk(draft); // the media are removed once it is there
    signal.throwIfAborted();
    const file_path = placeDraft(draft, target);
    return { file_path, duration_seconds: plan.duration / 1000, size_bytes: statSync(file_path).size, chapters };
  } catch (cause) {
    rmSync(draft, { force: true });
    signal.throwIfAborted();
    const full = (cause as NodeJS.ErrnoException).code === "ENOSPC";
    const reason = full
      ? "the disk is full"
      : (cause instanceof Error ? cause.message : String(cause)).replace(/\.$/, "");
    const { recording_id } = journal;
    throw new FlyBrowserError("recording_failed", { recording_id, reason, folder }, { cause });
  }
}
