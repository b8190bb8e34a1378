// Recordings that nobody works on any more: finds them and takes them, so that of several hosts only one does.
// Never finishes one itself.
import { closeSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { isProcessAlive } from "../../../protocol/node/control-files.ts";
import {
  forgetRecording,
  listRecordings,
  readRecording,
  type StoredRecording,
  writeJournal,
} from "../../../protocol/node/recording-files.ts";

/** How often finishing is tried before it takes a person. */
const MAX_ATTEMPTS = 3;
/** Notes of finished recordings that are kept for `flybrowser recordings`. */
const MAX_KEPT = 500;

/** ms after the death of a host in which its browser may go on with what it recorded: nobody else takes that. */
const KEPT_FOR_ITS_TAB = 10_000;

/** Whether a recording waits for somebody to finish it. */
export function isLeftover({ journal, alive }: StoredRecording): boolean {
  const { status, attempts } = journal;
  if (status === "interrupted") return attempts < MAX_ATTEMPTS;
  if (alive) return false;
  return (status === "recording" || status === "finishing" || status === "failed") && attempts < MAX_ATTEMPTS;
}

/** Whether its host has died a moment ago: its tab may live, and go on in a host that is about to come. */
function mayGoOn({ journal, alive, written }: StoredRecording): boolean {
  return journal.status === "recording" && !alive && Date.now() - written < KEPT_FOR_ITS_TAB;
}

/** Takes what was left, as this process's own; but for those `except`, which go on, and those that may. */
export function claimLeftovers(home: string, except: readonly string[] = []): StoredRecording[] {
  return listRecordings(home).flatMap(({ folder, journal: { recording_id } }) => {
    const may = (stored: StoredRecording) => isLeftover(stored) && !mayGoOn(stored);
    const taken = except.includes(recording_id) ? null : claim(folder, "finishing", may);
    return taken ? [taken] : [];
  });
}

/** Ids of those whose host has died a moment ago: to be looked at again, with {@link claimLeftover}. */
export function undecided(home: string): string[] {
  return listRecordings(home).flatMap((stored) => (mayGoOn(stored) ? stored.journal.recording_id : []));
}

/** Takes one that was left, whenever that was; `null`: another process works on it, or it is done. */
export function claimLeftover(folder: string): StoredRecording | null {
  return claim(folder, "finishing", isLeftover);
}

/** Takes a recording that a host was recording when it ended, to go on with it; `null`: another process works on it, or it is done. */
export function claimToGoOn(folder: string): StoredRecording | null {
  return claim(folder, "recording", ({ journal, alive }) => {
    return journal.status === "interrupted" || (journal.status === "recording" && !alive);
  });
}

function claim(
  folder: string,
  status: "finishing" | "recording",
  may: (stored: StoredRecording) => boolean,
): StoredRecording | null {
  if (!lock(folder)) return null;
  try {
    const stored = readRecording(folder); // as it is now that nobody else can take it
    if (!stored || !may(stored)) return null;
    const progress = status === "finishing" ? 0 : null;
    const journal = { ...stored.journal, status, progress, pid: process.pid };
    writeJournal(folder, journal, false);
    return { folder, journal, alive: true, written: Date.now() };
  } catch {
    return null; // a disk that is full: the next start tries again
  } finally {
    rmSync(join(folder, "claim"), { force: true });
  }
}

/** Forgets the oldest notes of recordings that are done, beyond a bound. Their files stay. */
export function forgetOldest(home: string): void {
  const done = listRecordings(home).filter(({ journal }) => ["finished", "recovered"].includes(journal.status));
  for (const { folder } of done.slice(MAX_KEPT)) forgetRecording(folder);
}

function lock(folder: string): boolean {
  const path = join(folder, "claim");
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      const file = openSync(path, "wx", 0o600);
      writeSync(file, String(process.pid));
      closeSync(file);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST" || !removeStale(path)) return false;
    }
  }
  return false;
}

/** Removes the claim of a process that died while it had it. */
function removeStale(path: string): boolean {
  try {
    const pid = Number(readFileSync(path, "utf8"));
    if (pid > 0 && isProcessAlive(pid)) return false;
    rmSync(path, { force: true });
    return true;
  } catch {
    return true; // it was let go of just now
  }
}
