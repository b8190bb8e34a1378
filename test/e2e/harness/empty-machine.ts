// A user's machine without Node: an empty home, and a PATH with all programs of the system but those. Nothing of this process's environment is passed on.
import { mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { findBrowser } from "../../../sdk/find-browser.ts";
import { onPath } from "./on-path.ts";
import { type Outcome, run } from "./run.ts";

/** What a test does with it. */
export interface EmptyMachine {
  readonly home: string;
  readonly env: Readonly<Record<string, string>>;
  run(program: string, ...args: string[]): Promise<Outcome>;
  /** Versions of the executable's parts in the user's data folder. */
  parts(): string[];
}

/** What is left out of the system's programs: whatever has Node in it. */
const NODE = /^(node|nodejs|npm|npx|corepack|yarn|pnpm)$/;

/** Makes it in a folder. */
export function emptyMachine(folder: string): EmptyMachine {
  const home = join(folder, "home");
  const bin = join(folder, "bin");
  mkdirSync(home, { recursive: true });
  mkdirSync(bin, { recursive: true });
  for (const name of readdirSync("/usr/bin")) {
    if (!NODE.test(name) && name !== "ffmpeg") symlinkSync(join("/usr/bin", name), join(bin, name));
  }
  symlinkSync(process.env.FLYBROWSER_FFMPEG || onPath("ffmpeg"), join(bin, "ffmpeg"));
  const env = { HOME: home, PATH: bin, FLYBROWSER_CHROMIUM: findBrowser(undefined) };
  return {
    home,
    env,
    // `env -i`: `run` itself passes on this process's environment.
    run: (program, ...args) =>
      run("/usr/bin/env", ["-i", ...Object.entries(env).map(([name, value]) => `${name}=${value}`), program, ...args]),
    parts: () => readdirSync(join(home, ".local/share/flybrowser-stream/parts")),
  };
}
