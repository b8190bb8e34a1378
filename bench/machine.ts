// Describes the machine and the programs on which was measured.
import { execFileSync } from "node:child_process";
import { cpus, loadavg, release, totalmem } from "node:os";
import { chromiumPath } from "./browser.ts";
import { nginxVersion } from "./viewers/nginx.ts";

/** The machine and its programs. */
export interface Machine {
  readonly cores: number;
  readonly cpu: string;
  /** GiB */
  readonly memory: number;
  readonly kernel: string;
  readonly node: string;
  readonly chromium: string;
  readonly ffmpeg: string;
  readonly nginx: string | null;
  /** Load average of the last minute before the bench began: above 0.3 something else was running. */
  readonly load_before: number;
}

function firstLine(command: string, args: string[]): string {
  try {
    return (
      execFileSync(command, args, { stdio: ["ignore", "pipe", "ignore"] })
        .toString()
        .split("\n")[0]
        ?.trim() ?? ""
    );
  } catch {
    return "not found";
  }
}

/** Describes this machine. */
export function describeMachine(): Machine {
  const ffmpeg = firstLine(process.env.FLYBROWSER_FFMPEG ?? "ffmpeg", ["-version"]);
  return {
    cores: cpus().length,
    cpu: cpus()[0]?.model ?? "unknown",
    memory: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.version,
    chromium: firstLine(chromiumPath(), ["--version"]),
    ffmpeg: /version (\S+)/.exec(ffmpeg)?.[1] ?? ffmpeg,
    nginx: nginxVersion(),
    load_before: loadavg()[0] ?? 0,
  };
}
