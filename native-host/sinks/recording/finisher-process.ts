// The owner of one FFmpeg that works on files: low priority, its progress, its end. Never reads media itself.
import { spawn } from "node:child_process";
import { constants, setPriority } from "node:os";
import type { FlyBrowserError } from "../../../protocol/errors.ts";
import { deathError, LineTail, spawnError } from "../../ffmpeg/death.ts";

/** ms without progress after which it counts as hung: making a large file ready for the web reports none for a while. */
const STUCK_AFTER = 5 * 60_000;

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
 * Runs FFmpeg to its end.
 * @throws FlyBrowserError `ffmpeg_failed`; the signal's reason when it was aborted
 */
export async function runFfmpeg({ path, args, folder, onProgress, signal }: FfmpegJob): Promise<void> {
  signal.throwIfAborted();
  const stderr = new LineTail();
  let killed_because: string | null = null;
  const failure = await new Promise<FlyBrowserError | null>((resolve) => {
    const child = spawn(path, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"], windowsHide: true });
    const kill = (): boolean => child.kill("SIGKILL");
    const watch = setTimeout(() => {
      killed_because = "it made no progress for minutes";
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
