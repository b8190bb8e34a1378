// Finishes recordings in a process of its own, which ends with the last of them: those of a host that has to end at once,
// because its browser did.
import { spawn } from "node:child_process";
import { constants, setPriority } from "node:os";
import { sleep } from "../protocol/async.ts";
import { isExecutable } from "../protocol/node/executable.ts";
import { recordingsDirectory, stateDirectory } from "../protocol/node/state-directory.ts";
import { FfmpegSource } from "./ffmpeg/source.ts";
import { FINISH_ARGUMENT } from "./finish-argument.ts";
import { mayComeBack } from "./sinks/recording/orphans.ts";
import { Recordings } from "./sinks/recording/recordings.ts";

/** ms in which another host may resume a recording: its tab outlived the connection to the host. */
const RESUMED_WITHIN = 5_000;

/** Starts a process that finishes what was left; it outlives this one. */
export function leaveToFinish(): void {
  const program = isExecutable() || process.argv[1] === undefined ? [] : [process.argv[1]];
  const args = [...process.execArgv, ...program, FINISH_ARGUMENT];
  spawn(process.execPath, args, { detached: true, stdio: "ignore", windowsHide: true })
    .on("error", () => {}) // the next start of a host finishes it
    .unref();
}

/** Finishes all that was left, at low priority, and ends the process. How it went is in the journals. */
export async function finishAndExit(): Promise<never> {
  try {
    setPriority(constants.priority.PRIORITY_LOW);
    const ffmpeg = new FfmpegSource(stateDirectory());
    const recordings = new Recordings({
      home: recordingsDirectory(),
      ffmpegPath: async () => (await ffmpeg.get()).path,
    });
    for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
      process.on(signal, () => void recordings.close().finally(() => process.exit(1)));
    }
    if (mayComeBack(recordingsDirectory())) await sleep(RESUMED_WITHIN);
    await recordings.recover();
  } finally {
    process.exit();
  }
}
