// The folders of the recordings, one each: a journal, and the media until they are a normal file. Shared by the hosts and
// the command. Node only: never imported by the extension or the player.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { uptime } from "node:os";
import { basename, dirname, join } from "node:path";
import * as v from "valibot";
import { RecordingInfoSchema, TaskSchema } from "../results.ts";
import { isProcessAlive } from "./control-files.ts";
import { identityOf, isRunning, ProcessIdentitySchema } from "./processes.ts";

/** Schema of `<recordings>/<recording_id>/journal.json`: what is needed to finish a recording without who made it. */
export const RecordingJournalSchema = v.object({
  ...RecordingInfoSchema.entries,
  version: v.literal(1),
  /** The process that records or finishes it. */
  pid: v.number(),
  /** The same, so that another process of this id isn't taken for it; left out by older hosts. */
  owner: v.optional(ProcessIdentitySchema),
  /** The browser whose tab is recorded; left out: not known. */
  browser: v.optional(ProcessIdentitySchema),
  /** Epoch ms of media time 0 of its stream. */
  stream_started_at: v.number(),
  /** ms on the stream's clock at which the first picture is; left out: there was none when this was written. */
  first_media_time: v.optional(v.number()),
  /** Tasks of the stream so far: chapters of the file. */
  tasks: v.array(TaskSchema),
  /** Viewers of the stream may have the file; left out: they may not. */
  offered: v.optional(v.boolean()),
  /** Frames a second that the file is to have, evenly; left out: each as it was captured. */
  frame_rate: v.optional(v.number()),
  /** How often finishing was begun. */
  attempts: v.number(),
});
/** What is written of a recording. */
export type RecordingJournal = v.InferOutput<typeof RecordingJournalSchema>;

/** A recording on disk. */
export interface StoredRecording {
  readonly folder: string;
  readonly journal: RecordingJournal;
  /** Its process works on it now. */
  readonly alive: boolean;
  /** ms since 1970 at which its process was last heard of. */
  readonly written: number;
}

/** ms without a word of its owner after which a recording has none: who works on it writes every two seconds. */
const SILENT_AFTER = 10 * 60_000;
/** The same of one in another container. */
const SILENT_ELSEWHERE = 30_000;
const NAME = "journal.json";

/** Folder of a recording. */
export function recordingFolder(home: string, recording_id: string): string {
  return join(home, recording_id);
}

/** Writes a journal; readers see it whole or not at all. `durable`: soon also after a loss of power; never waits for that. */
export function writeJournal(folder: string, journal: RecordingJournal, durable: boolean): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const draft = join(folder, `${NAME}.${process.pid}`);
  writeFileSync(draft, JSON.stringify(journal), { mode: 0o600 });
  renameSync(draft, join(folder, NAME));
  if (durable) sync(join(folder, NAME)).catch(() => {}); // replaced or removed meanwhile
}

async function sync(path: string): Promise<void> {
  const file = await open(path, "r+");
  await file.sync().finally(() => file.close());
}

/** What is stored in a folder; `null`: no recording, or one that can't be read. */
export function readRecording(folder: string): StoredRecording | null {
  try {
    const path = join(folder, NAME);
    const { mtimeMs } = statSync(path);
    const parsed = v.safeParse(RecordingJournalSchema, JSON.parse(readFileSync(path, "utf8")));
    if (!parsed.success) return null;
    return { folder, journal: parsed.output, alive: isAlive(parsed.output, mtimeMs), written: mtimeMs };
  } catch {
    return null;
  }
}

/** All recordings, the youngest first. A missing directory is an empty list. */
export function listRecordings(home: string): StoredRecording[] {
  let names: string[];
  try {
    names = readdirSync(home);
  } catch {
    return [];
  }
  return names
    .flatMap((name) => readRecording(recordingFolder(home, name)) ?? [])
    .sort((a, b) => b.journal.started_at.localeCompare(a.journal.started_at));
}

/** Forgets a recording, its media included; the finished file stays. Idempotent. */
export function forgetRecording(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

/** Whether the file of a recording has been made. */
export function isDone({ status }: Pick<RecordingJournal, "status">): boolean {
  return status === "finished" || status === "recovered";
}

/** What is shown of a stored recording: one whose process died is `interrupted`, whatever it wrote last; and whether its file is gone. */
export function storedInfo({
  journal,
  alive,
}: Omit<StoredRecording, "written">): v.InferOutput<typeof RecordingInfoSchema> {
  const unfinished = journal.status === "recording" || journal.status === "finishing";
  const info = v.parse(RecordingInfoSchema, journal); // and nothing else that is written of it
  if (unfinished && !alive) return { ...info, status: "interrupted", progress: null };
  return isDone(info) && !existsSync(info.file_path) ? { ...info, file_gone: true } : info;
}

/** What the journal says of this process when it works on a recording. */
export function ownedHere(): Pick<RecordingJournal, "pid" | "owner"> {
  return { pid: process.pid, owner: identityOf(process.pid) };
}

/** Where the file of a recording is made before it gets its name: in the same folder, hidden. Empty, it keeps the name free. */
export function draftOf(path: string): string {
  return join(dirname(path), `.${basename(path)}.part`);
}

/** Without the start of the process: its id comes again, after a restart of the machine at the latest, so silence counts too. */
function isAlive({ pid, owner }: RecordingJournal, written: number): boolean {
  if (owner?.pid === pid) return isRunning(owner) ?? Date.now() - written < SILENT_ELSEWHERE;
  const booted = Date.now() - uptime() * 1000;
  return isProcessAlive(pid) && written > booted && Date.now() - written < SILENT_AFTER;
}
