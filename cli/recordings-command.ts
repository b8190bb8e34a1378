// `flybrowser recordings list|play|remove`: what was recorded on this computer, by whichever host. Running hosts are asked by their
// control API; what they don't know is read from the notes on disk, which outlive every host. Never records or finishes anything.
import { existsSync, rmSync, statSync } from "node:fs";
import { FlyBrowserError } from "../protocol/errors.ts";
import { forgetRecording, listRecordings, type StoredRecording, storedInfo } from "../protocol/node/recording-files.ts";
import { recordingsDirectory } from "../protocol/node/state-directory.ts";
import type { RecordingInfo } from "../protocol/results.ts";
import { runningHosts } from "../sdk/page-host.ts";
import { openFile } from "./file-opener.ts";
import { printJson, say, sizeText, timeText } from "./report.ts";

const DONE: readonly RecordingInfo["status"][] = ["finished", "recovered"];

/** What stands in front of a path for people: where the file has gone is said too. */
function line({
  recording_id,
  status,
  file_path,
  duration_seconds,
  size_bytes,
  progress,
  error,
}: RecordingInfo): string {
  const gone = DONE.includes(status) && !existsSync(file_path) ? ", file is gone" : "";
  const share = progress === null ? "" : ` ${Math.round(progress * 100)} %`;
  const why = error ? `\n    ${error.message}` : "";
  const figures = `${timeText(duration_seconds)}  ${sizeText(size_bytes)}`;
  return `${recording_id}  ${status}${share}${gone}  ${figures}\n    ${file_path}${why}`;
}

/** All that is known, the youngest first, and how many hosts have told of it: theirs is newer than what is on disk. */
async function known(): Promise<{ recordings: RecordingInfo[]; hosts: number }> {
  const answers = await Promise.allSettled(runningHosts().map((host) => host.listRecordings()));
  const told = answers.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value] : []));
  const noted = listRecordings(recordingsDirectory()).map(storedInfo);
  const all = new Map([...noted, ...told.flat()].map((recording) => [recording.recording_id, recording]));
  const recordings = [...all.values()].sort((a, b) => b.started_at.localeCompare(a.started_at));
  return { recordings, hosts: told.length };
}

/** Shows all recordings. @throws FlyBrowserError `host_not_running` where nothing is noted on disk either. */
export async function listRecordingsCommand({ json = false }: { json?: boolean }): Promise<void> {
  const { recordings, hosts } = await known();
  if (hosts === 0 && recordings.length === 0) throw new FlyBrowserError("host_not_running");
  if (hosts === 0) say("No FlyBrowser Stream host is running; this is what is noted on disk.");
  if (json) printJson({ recordings });
  else if (recordings.length === 0) say("Nothing was recorded yet.");
  else for (const recording of recordings) say(line(recording));
}

/** @throws FlyBrowserError `recording_not_found`, also where a beginning fits several. */
function choose(recordings: readonly StoredRecording[], name: string | undefined): StoredRecording {
  const fitting = recordings.filter(({ journal }) => name === undefined || journal.recording_id.startsWith(name));
  const [first] = fitting;
  if (first && (fitting.length === 1 || name === undefined)) return first;
  const exact = fitting.find(({ journal }) => journal.recording_id === name);
  if (exact) return exact;
  throw new FlyBrowserError("recording_not_found", { recording_id: name ?? "" });
}

/** Opens a recording. @throws FlyBrowserError `recording_not_found`, `player_not_found`, `player_failed`. */
export async function playRecordingCommand(name: string | undefined): Promise<void> {
  const done = listRecordings(recordingsDirectory()).filter(({ journal }) => DONE.includes(journal.status));
  const { recording_id, file_path: path } = choose(done, name).journal;
  if (!existsSync(path))
    throw new FlyBrowserError("recording_not_found", { recording_id: `${recording_id} (${path})` });
  await openFile(path);
}

/** Removes a recording. @throws FlyBrowserError `recording_not_found`; `recording_already_active` while it is made. */
export async function removeRecordingCommand(
  name: string,
  { keepFile = false }: { keepFile?: boolean },
): Promise<void> {
  const stored = choose(listRecordings(recordingsDirectory()), name);
  const { status, recording_id, file_path } = storedInfo(stored);
  if (status === "recording" || status === "finishing") throw new FlyBrowserError("recording_already_active");
  // The file of an unfinished recording is an empty one that keeps its name; anything else there is not ours.
  const ours = DONE.includes(status) || statSync(file_path, { throwIfNoEntry: false })?.size === 0;
  if (ours && !keepFile) rmSync(file_path, { force: true });
  forgetRecording(stored.folder);
  say(`Removed ${recording_id}.`);
}
