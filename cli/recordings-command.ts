// `flybrowser recordings list|play|finish|remove`: the user's recordings, by whichever host. Running hosts are asked over the control
// API; what they don't know is read from the journals on disk, which outlive every host.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, rmSync } from "node:fs";
import { deserializeError, FlyBrowserError, inWords } from "../protocol/errors.ts";
import { openFile } from "../protocol/node/open-file.ts";
import {
  draftOf,
  forgetRecording,
  isDone,
  listRecordings,
  readRecording,
  type StoredRecording,
  storedInfo,
} from "../protocol/node/recording-files.ts";
import { recordingsDirectory } from "../protocol/node/state-directory.ts";
import { printable } from "../protocol/printable.ts";
import type { RecordingInfoInWords as RecordingInfo } from "../protocol/results.ts";
import { sentence } from "../protocol/sentence.ts";
import { hostCommand } from "../sdk/installation.ts";
import { runningHosts } from "../sdk/page-host.ts";
import { count, printJson, say, sizeText, timeText } from "./report.ts";
import { misused } from "./usage.ts";

/** A recording in two or three lines. */
function describe(recording: RecordingInfo): string {
  const { recording_id, status, file_path, duration_seconds, size_bytes, progress, error, file_gone } = recording;
  const percent = progress === null ? "" : ` ${Math.round(progress * 100)}%`;
  const why = error ? `\n    ${printable(error.message)}` : "";
  const size = file_gone ? "file is gone" : `${timeText(duration_seconds)}  ${sizeText(size_bytes)}`;
  return `${recording_id}  ${status}${percent}  ${size}\n    ${printable(file_path)}${why}`;
}

/** All known recordings, newest first, and how many hosts have responded: their state is newer than that on disk. */
async function known(): Promise<{ recordings: RecordingInfo[]; hosts: number }> {
  const results = await Promise.allSettled(runningHosts().map((host) => host.listRecordings()));
  const responses = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  const stored = inWords(listRecordings(recordingsDirectory()).map(storedInfo));
  const all = new Map([...stored, ...responses.flat()].map((recording) => [recording.recording_id, recording]));
  const recordings = [...all.values()].sort((a, b) => b.started_at.localeCompare(a.started_at));
  return { recordings, hosts: responses.length };
}

/** Lists all recordings. */
export async function listRecordingsCommand({ json = false }: { json?: boolean }): Promise<void> {
  const { recordings, hosts } = await known();
  if (hosts === 0 && recordings.length > 0) say("No FlyBrowser Stream host is running; showing what is on disk.");
  if (json) printJson({ recordings });
  else if (recordings.length === 0) say("No recordings yet.");
  else for (const recording of recordings) say(describe(recording));
  if (!json && recordings.some(({ file_gone }) => file_gone)) {
    say("\n`flybrowser recordings remove --gone` takes those off the list whose file is gone.");
  }
}

/**
 * The recording whose id is or begins with `name`; the newest without one.
 * @throws FlyBrowserError `recording_not_found`; `invalid_option`: several match
 */
export function choose(recordings: readonly StoredRecording[], name: string | undefined): StoredRecording {
  const matching = recordings.filter(({ journal }) => name === undefined || journal.recording_id.startsWith(name));
  const [first] = matching;
  if (first && (matching.length === 1 || name === undefined)) return first;
  const exact = matching.find(({ journal }) => journal.recording_id === name);
  if (exact) return exact;
  if (!first) throw new FlyBrowserError("recording_not_found", { recording_id: name ?? sentence("recording.at_all") });
  const allowed = matching.map(({ journal }) => journal.recording_id).join(", ");
  throw new FlyBrowserError("invalid_option", { option: "<recording_id>", value: JSON.stringify(name), allowed });
}

/**
 * Opens a recording; without a name the newest that has its file.
 * @throws FlyBrowserError `recording_not_found`, `recording_file_gone`, `player_not_found`, `player_failed`
 */
export async function playRecordingCommand(name: string | undefined): Promise<void> {
  const done = listRecordings(recordingsDirectory()).filter(({ journal }) => isDone(journal));
  const whole = name === undefined ? done.find(({ journal }) => existsSync(journal.file_path)) : undefined;
  const { recording_id, file_path: path } = (whole ?? choose(done, name)).journal;
  if (!existsSync(path)) throw new FlyBrowserError("recording_file_gone", { recording_id, path });
  await openFile(path, "play", { onProgram: (program) => say(`Opening ${path} with ${program}`) });
}

/** Finishes what hosts left that have died, without a browser. @throws FlyBrowserError `recording_failed` */
export async function finishRecordingsCommand({ json = false }: { json?: boolean }): Promise<void> {
  const open = ({ journal, alive }: StoredRecording) => !alive && !isDone(journal);
  const left = listRecordings(recordingsDirectory()).filter(open);
  if (left.length > 0) {
    const [program, ...args] = hostCommand();
    const child = spawn(program, [...args, "--finish-recordings"], { stdio: "ignore" });
    await once(child, "exit");
  }
  const recordings = inWords(left.flatMap(({ folder }) => readRecording(folder) ?? []).map(storedInfo));
  if (json) printJson({ recordings });
  else if (recordings.length === 0) say("No recording is unfinished.");
  else for (const recording of recordings) say(describe(recording));
  const failed = left
    .map(({ folder }) => readRecording(folder)?.journal)
    .find((journal) => journal?.status === "failed");
  if (failed?.error) throw deserializeError(failed.error);
}

interface RemoveFlags {
  readonly keepFile?: boolean;
  /** All whose file is gone. */
  readonly gone?: boolean;
}

/**
 * Removes a recording, or all whose file is gone.
 * @throws FlyBrowserError `recording_not_found`; `recording_already_active` while it runs; `command_misused`: none is named
 */
export async function removeRecordingCommand(
  name: string | undefined,
  { keepFile = false, gone = false }: RemoveFlags,
): Promise<void> {
  if (gone) return removeGone();
  if (name === undefined) {
    throw misused("flybrowser recordings remove", sentence("usage.no_argument", { name: "recording_id" }));
  }
  const stored = choose(listRecordings(recordingsDirectory()), name);
  const { status, recording_id, file_path } = storedInfo(stored);
  if (status === "recording" || status === "finishing") throw new FlyBrowserError("recording_already_active");
  // Of one that is unfinished only the draft is ours.
  if (!keepFile) rmSync(isDone(stored.journal) ? file_path : draftOf(file_path), { force: true });
  forgetRecording(stored.folder);
  say(`Removed ${recording_id}.`);
}

function removeGone(): void {
  const gone = listRecordings(recordingsDirectory()).filter((stored) => storedInfo(stored).file_gone);
  for (const { folder } of gone) forgetRecording(folder);
  say(`Removed ${count(gone.length, "recording")} whose file is gone.`);
}
