// A screen that nobody sees, and a keyboard and a mouse for it: for what only a real key press or click can do.
// Never touches the user's own screen.
import { type ChildProcess, spawn } from "node:child_process";
import { run } from "./run.ts";
import { until } from "./until.ts";

/** A screen of its own. */
export interface Screen {
  /** For DISPLAY. */
  readonly display: string;
  /** Acts as xdotool's arguments say, e.g. `key alt+shift+s`. */
  act(...args: string[]): Promise<string>;
  close(): Promise<void>;
}

/** Starts the screen. @throws Error without Xvfb */
export async function openScreen(): Promise<Screen> {
  const args = ["-displayfd", "1", "-screen", "0", "1400x900x24", "-nolisten", "tcp"];
  const server: ChildProcess = spawn("Xvfb", args, { stdio: ["ignore", "pipe", "ignore"] });
  let said = "";
  server.stdout?.on("data", (data) => {
    said += data;
  });
  const ended = new Promise<void>((resolve) => {
    server.once("error", () => resolve());
    server.once("exit", () => resolve());
  });
  const number = await until("Xvfb is up", () => /^(\d+)\n/.exec(said)?.[1]);
  const display = `:${number}`;
  return {
    display,
    async act(...what) {
      const { status, stdout, stderr } = await run("xdotool", what, { env: { DISPLAY: display }, timeout: 10_000 });
      if (status !== 0) throw new Error(`xdotool ${what.join(" ")}: ${stderr}`);
      return stdout.toString().trim();
    },
    async close() {
      server.kill();
      await ended;
    },
  };
}
