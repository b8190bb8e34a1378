// How much disk space a recording needs and has, and the errors when there is too little.
import { stat, statfs } from "node:fs/promises";
import { FlyBrowserError } from "../../../protocol/errors.ts";
import { sentence } from "../../../protocol/sentence.ts";

const MB = 1_000_000;
/** A recording isn't begun with less. */
const TO_BEGIN = 64 * MB;
/** What is left over: for the index of the file, the journal, and those who share the disk. */
const RESERVE = 24 * MB;

/** Gives free bytes of the disk of a folder, and which disk that is; replaced in tests. */
export type LookAtDisk = (folder: string) => Promise<{ free: number; disk: number }>;

/** Looks at the real disk. Free: for this user. */
export const lookAtDisk: LookAtDisk = async (folder) => {
  const [{ bavail, bsize }, { dev }] = await Promise.all([statfs(folder), stat(folder)]);
  return { free: bavail * bsize, disk: dev };
};

/**
 * Checks that there is space for what is still to come. The file is a copy of the media, made while they are still there:
 * so much must stay free in its folder. `recorded`: bytes of media so far; `null`: none yet, it is about to begin.
 * @throws FlyBrowserError `disk_full`
 */
export async function assertSpace(
  folders: { media: string; target: string },
  recorded: number | null,
  look: LookAtDisk = lookAtDisk,
): Promise<void> {
  const [media, target] = await Promise.all([look(folders.media), look(folders.target)]);
  const least = recorded === null ? TO_BEGIN : RESERVE;
  check(folders.target, target.free, least + (recorded ?? 0));
  if (media.disk !== target.disk) check(folders.media, media.free, least);
}

function check(folder: string, free: number, needed: number): void {
  if (free < needed) throw diskFull(folder, free, needed);
}

/** The error for a disk with too little space; bytes. */
export function diskFull(folder: string, free: number, needed: number, cause?: unknown): FlyBrowserError {
  const details = { folder, free: Math.floor(free / MB), needed: Math.ceil(needed / MB) };
  return new FlyBrowserError("disk_full", details, { cause });
}

/** The error for a write that failed: `disk_full`, or why else. */
export function writeError(thrown: unknown, folder: string): FlyBrowserError {
  const { code, message } = thrown as NodeJS.ErrnoException;
  if (code === "ENOSPC" || code === "EDQUOT") return diskFull(folder, 0, RESERVE, thrown);
  // A limit of the file system (4 GB on FAT) or of the process.
  const reason = code === "EFBIG" ? sentence("recording.too_large") : message;
  return new FlyBrowserError("recording_path_unusable", { path: folder, reason }, { cause: thrown });
}
