// Recordings that nobody works on any more: finds them, and takes them under a lock, so that of several hosts only one does.
import { closeSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { Deadline, sleep } from "../../../protocol/async.ts";
import { isProcessAlive } from "../../../protocol/node/control-files.ts";
import { isRunning } from "../../../protocol/node/processes.ts";
import {
  forgetRecording,
  isDone,
  listRecordings,
  ownedHere,
  readRecording,
  type StoredRecording,
  writeJournal,
} from "../../../protocol/node/recording-files.ts";

/** How often finishing is tried before it takes a person. */
const MAX_ATTEMPTS = 3;
/** Journals of finished recordings that are kept for `flybrowser recordings`. */
const MAX_KEPT = 500;
/** ms after the death of a host in which its browser may resume what it recorded: nobody else takes that. */
const KEPT_FOR_ITS_TAB = 10_000;
/** ms in which a host that is being replaced must have released its recordings. */
export const RELEASED_WITHIN = 4_000;
/** ms between two looks at whether it has. */
const LOOK_EVERY = 100;
/** Hosts of every version know it by this name. */
const LOCK = "claim";

type Condition = (stored: StoredRecording) => boolean;

const isOrphan: Condition = ({ journal: { status, attempts }, alive }) => {
  if (attempts >= MAX_ATTEMPTS) return false;
  return status === "interrupted" || (!alive && ["recording", "finishing", "failed"].includes(status));
};

const mayBeResumed: Condition = ({ journal: { status }, alive }) =>
  status === "interrupted" || (status === "recording" && !alive);

/** Its host has died a moment ago: its tab may live, and come back in a host that is about to start. */
const isRecent: Condition = ({ journal: { status, browser }, alive, written }) => {
  if (browser && isRunning(browser) === false) return false; // there is no tab any more
  return status === "recording" && !alive && Date.now() - written < KEPT_FOR_ITS_TAB;
};

/** Takes what was left, to finish it; but for those `except`, and those that were recorded until a moment ago. */
export function takeAllToFinish(home: string, except: readonly string[] = []): StoredRecording[] {
  return listRecordings(home).flatMap(({ folder, journal: { recording_id } }) => {
    if (except.includes(recording_id)) return [];
    return take(folder, "finishing", (stored) => isOrphan(stored) && !isRecent(stored)) ?? [];
  });
}

/** Ids of those that were recorded until a moment ago: to be looked at again, with {@link takeToFinish}. */
export function recentOrphans(home: string): string[] {
  return listRecordings(home).flatMap((stored) => (isRecent(stored) ? stored.journal.recording_id : []));
}

/** Whether a tab may still come back with what it recorded. */
export function mayComeBack(home: string): boolean {
  return listRecordings(home).some((stored) => {
    return mayBeResumed(stored) && !(stored.journal.browser && isRunning(stored.journal.browser) === false);
  });
}

/** Takes one that was left, whenever that was; `null`: another process works on it, or it is done. */
export function takeToFinish(folder: string): StoredRecording | null {
  return take(folder, "finishing", isOrphan);
}

/** Takes one that a host was recording when it ended, to record on; `null`: another process works on it, or it is done. */
export function takeToResume(folder: string): StoredRecording | null {
  return take(folder, "recording", mayBeResumed);
}

/** Waits until its host has released it, `within` ms at most; gives what it is then, `null`: nothing. */
export async function untilReleased(folder: string, within: number = RELEASED_WITHIN): Promise<StoredRecording | null> {
  const deadline = new Deadline(within);
  for (;;) {
    const stored = readRecording(folder);
    const isHeld = stored?.alive === true && stored.journal.status === "recording";
    if (!isHeld || deadline.passed) return stored;
    await sleep(LOOK_EVERY);
  }
}

function take(folder: string, status: "finishing" | "recording", may: Condition): StoredRecording | null {
  if (!lock(folder)) return null;
  try {
    const stored = readRecording(folder); // as it is now that nobody else can take it
    if (!stored || !may(stored)) return null;
    const progress = status === "finishing" ? 0 : null;
    const journal = { ...stored.journal, status, progress, ...ownedHere() };
    writeJournal(folder, journal, false);
    return { folder, journal, alive: true, written: Date.now() };
  } catch {
    return null; // a disk that is full: the next start tries again
  } finally {
    rmSync(join(folder, LOCK), { force: true });
  }
}

/** Forgets the oldest recordings that are done, beyond a bound. Their files stay. */
export function forgetOldest(home: string): void {
  const done = listRecordings(home).filter(({ journal }) => isDone(journal));
  for (const { folder } of done.slice(MAX_KEPT)) forgetRecording(folder);
}

function lock(folder: string): boolean {
  const path = join(folder, LOCK);
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

/** Removes the lock of a process that died while it had it. */
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
