// `flybrowser recordings list|play|remove`: what was recorded on this computer, by whichever host. Looks at the notes on disk.
// Never records or finishes anything, and needs no host.
import { spawn } from "node:child_process";
import { existsSync, rmSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { FlyBrowserError } from "../protocol/errors.ts";
import { forgetRecording, listRecordings, type StoredRecording, storedInfo } from "../protocol/node/recording-files.ts";
import { recordingsDirectory } from "../protocol/node/state-directory.ts";
import type { RecordingInfo } from "../protocol/results.ts";
import { printJson, say, sizeText, timeText } from "./report.ts";

const DONE: readonly RecordingInfo["status"][] = ["finished", "recovered"];
/** Programs that play a file, best first, where the system has no opener. */
const PLAYERS = ["xdg-open", "mpv", "vlc", "ffplay"];

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

/** Shows all recordings. */
export async function listRecordingsCommand({ json = false }: { json?: boolean }): Promise<void> {
  const recordings = listRecordings(recordingsDirectory()).map(storedInfo);
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

/** How this system opens a file; `null`: no way is known. */
export function openerOf(path: string, platform = process.platform, env = process.env): [string, string[]] | null {
  if (platform === "darwin") return ["open", [path]];
  if (platform === "win32") return ["explorer.exe", [path]];
  const folders = (env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  const found = PLAYERS.find((player) => folders.some((folder) => existsSync(join(folder, player))));
  return found === undefined ? null : [found, [path]];
}

/** Opens a recording. @throws FlyBrowserError `recording_not_found`, `player_not_found`. */
export async function playRecordingCommand(name: string | undefined): Promise<void> {
  const done = listRecordings(recordingsDirectory()).filter(({ journal }) => DONE.includes(journal.status));
  const { recording_id, file_path: path } = choose(done, name).journal;
  if (!existsSync(path))
    throw new FlyBrowserError("recording_not_found", { recording_id: `${recording_id} (${path})` });
  const opener = openerOf(path);
  if (!opener) throw new FlyBrowserError("player_not_found", { path });
  const [program, args] = opener;
  await new Promise<void>((resolve, reject) => {
    const child = spawn(program, args, { detached: true, stdio: "ignore" });
    child.on("spawn", resolve);
    child.on("error", (cause) => reject(new FlyBrowserError("player_not_found", { path }, { cause })));
    child.unref();
  });
  say(`Playing ${path}`);
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
