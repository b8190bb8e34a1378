// Starts our own chain as a user does: `flybrowser stream URL --json`.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { LATE, timeout } from "../protocol/async.ts";

const ROOT = resolve(import.meta.dirname, "..");
const START_TIMEOUT = 60_000;
const STOP_TIMEOUT = 20_000;

/** Of the result of `startStream`, what the bench needs. */
export interface ChainResult {
  readonly stream_id: string;
  readonly hls_url: string;
  readonly dash_url: string | null;
  readonly whep_url: string | null;
  readonly live_url: string;
  readonly player_url: string;
  readonly width: number;
  readonly height: number;
  readonly encoder: string;
}

/** A running chain. */
export interface Chain {
  readonly result: ChainResult;
  /** Process that is the root of the chain's tree. */
  readonly pid: number;
  /** Stops the stream and waits until the command has ended. */
  stop(): Promise<void>;
}

/** Of a chain, what most sections leave as it is. */
export interface ChainOptions {
  /** The checkout whose build runs; this one by default. */
  readonly root?: string;
  /** More flags of `flybrowser stream`. */
  readonly more?: readonly string[];
}

/** The command of a checkout's build. */
export function commandOf(root: string): string {
  return resolve(root, "dist/cli/flybrowser.js");
}

/**
 * Streams `url` and gives the result of `startStream`.
 * @throws Error with the last of the command's own words when it ends or says nothing for a minute.
 */
export async function startChain(
  url: string,
  quality: string,
  { root = ROOT, more = [] }: ChainOptions = {},
): Promise<Chain> {
  const command = spawn(process.execPath, [commandOf(root), "stream", url, "--quality", quality, "--json", ...more], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exited = once(command, "exit");
  let said = "";
  command.stderr.on("data", (data: Buffer) => {
    said = (said + data.toString()).slice(-2000);
  });
  const lines = createInterface({ input: command.stdout });
  const stop = async () => {
    if (command.exitCode !== null || command.signalCode !== null) return;
    command.kill("SIGINT");
    const timer = setTimeout(() => command.kill("SIGKILL"), STOP_TIMEOUT);
    await exited;
    clearTimeout(timer);
  };
  const ended = exited.then(([status]) => {
    throw new Error(`\`flybrowser stream\` ended with ${status}: ${said.trim()}`);
  });
  try {
    const first = await timeout(Promise.race([once(lines, "line"), ended]), START_TIMEOUT);
    if (first === LATE) throw new Error(`\`flybrowser stream\` gave nothing for ${START_TIMEOUT / 1000} s: ${said}`);
    const [line] = first as [string];
    lines.on("line", () => {}); // keep the pipe empty
    ended.catch(() => {}); // from here on its end is seen by whoever reads the stream
    return { result: JSON.parse(line) as ChainResult, pid: command.pid as number, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
