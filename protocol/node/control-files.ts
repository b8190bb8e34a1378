// The files by which programs of the same user find a running host and its token: writing, listing, clearing.
// Node only: never imported by the extension or the player.
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { type ControlFile, ControlFileSchema } from "../control-api.ts";
import { hostsDirectory } from "./state-directory.ts";

function pathOf(stateDir: string, pid: number): string {
  return join(hostsDirectory(stateDir), `${pid}.json`);
}

/** Whether a process of that id runs (as this user or another one). */
export function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Writes a host's control file, readable by its user alone; readers see it whole or not at all. Gives its path. */
export function writeControlFile(stateDir: string, file: ControlFile): string {
  const path = pathOf(stateDir, file.pid);
  const draft = `${path}.new`;
  rmSync(draft, { force: true }); // an old draft would keep its own mode
  writeFileSync(draft, `${JSON.stringify(file)}\n`, { mode: 0o600 });
  renameSync(draft, path);
  return path;
}

/** Removes a host's control file; idempotent. */
export function removeControlFile(stateDir: string, pid: number): void {
  rmSync(pathOf(stateDir, pid), { force: true });
}

/** The control files of hosts that run now, the youngest first. A missing directory is an empty list. */
export function listControlFiles(stateDir: string): ControlFile[] {
  return readAll(stateDir)
    .flatMap(({ file }) => (file && isProcessAlive(file.pid) ? [file] : []))
    .sort((a, b) => b.started_at.localeCompare(a.started_at));
}

/** Removes the control files of hosts that died without doing so. Gives how many there were. */
export function removeStaleControlFiles(stateDir: string): number {
  const stale = readAll(stateDir).filter(({ pid }) => !isProcessAlive(pid));
  for (const { pid } of stale) removeControlFile(stateDir, pid);
  return stale.length;
}

function readAll(stateDir: string): { pid: number; file: ControlFile | null }[] {
  let names: string[];
  try {
    names = readdirSync(hostsDirectory(stateDir));
  } catch {
    return [];
  }
  return names.flatMap((name) => {
    const pid = Number(/^(\d+)\.json$/.exec(name)?.[1]);
    return pid > 0 ? [{ pid, file: readOne(stateDir, pid) }] : [];
  });
}

function readOne(stateDir: string, pid: number): ControlFile | null {
  try {
    const parsed = v.safeParse(ControlFileSchema, JSON.parse(readFileSync(pathOf(stateDir, pid), "utf8")));
    return parsed.success ? parsed.output : null;
  } catch {
    return null; // gone in the meantime, or not whole
  }
}
