// The environment that a browser gives its host. It isn't that of a shell: a desktop has no part in what a shell's profile sets, so its
// PATH is shorter.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { basename } from "node:path";
import type { System } from "../../protocol/node/data-directory.ts";
import { BROWSERS, type BrowserName } from "../browser-paths.ts";

/** An environment, and whose it is. */
export interface BrowserEnvironment {
  readonly env: Readonly<Record<string, string>>;
  readonly source: string;
}

/** What desktops pass on to every program, beside the PATH. */
const PASSED_ON = /^(HOME|USER|LOGNAME|SHELL|LANG|LC_\w+|TZ|TMPDIR|DISPLAY|WAYLAND_DISPLAY|DBUS_\w+|XDG_\w+)$/;
/** The PATH of a session that nobody has extended (Debian: login.defs; Apple: launchd). */
const SHORT_PATH: Partial<Record<NodeJS.Platform, string>> = {
  linux: "/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games",
  darwin: "/usr/bin:/bin:/usr/sbin:/sbin",
};

/** The environment of a running browser of this user and home; else that of the desktop's session, as far as it can be known. */
export function browserEnvironment(name: BrowserName, system: System): BrowserEnvironment {
  const { platform, env } = system;
  const own = Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  const path = SHORT_PATH[platform];
  if (path === undefined) return { env: own, source: "this shell" }; // Windows has one PATH for all
  const same = (other: Record<string, string>) => other.HOME === own.HOME;
  if (platform === "linux") {
    const running = runningBrowser(name);
    if (running && same(running.env)) return running;
    const session = sessionEnvironment();
    if (session && same(session)) return { env: session, source: "the desktop's session" };
  }
  const passed = Object.fromEntries(Object.entries(own).filter(([key]) => PASSED_ON.test(key)));
  return { env: { ...passed, PATH: path }, source: "a desktop" };
}

const parse = (text: string, separator: string) =>
  Object.fromEntries(
    text.split(separator).flatMap((line) => {
      const at = line.indexOf("=");
      return at > 0 ? [[line.slice(0, at), line.slice(at + 1)]] : [];
    }),
  );

/** The environment of a browser that runs now, by /proc. */
function runningBrowser(name: BrowserName): BrowserEnvironment | null {
  const programs: readonly string[] = BROWSERS[name].programs;
  for (const pid of readdirSync("/proc").filter((each) => /^\d+$/.test(each))) {
    try {
      const folder = `/proc/${pid}`;
      if (statSync(folder).uid !== process.getuid?.()) continue;
      const program = basename(readlinkSync(`${folder}/exe`));
      const command = readFileSync(`${folder}/cmdline`, "utf8");
      // Chrome's program is `chrome` in a folder of its own, whatever starts it.
      const fits =
        programs.includes(program) ||
        (program === "chrome" && command.startsWith(`/opt/google/${BROWSERS[name].linux.replace("google-", "")}/`));
      if (!fits || command.includes("--type=")) continue;
      return { env: parse(readFileSync(`${folder}/environ`, "utf8"), "\0"), source: `the running browser (${pid})` };
    } catch {
      // it has ended, or isn't ours
    }
  }
  return null;
}

function sessionEnvironment(): Record<string, string> | null {
  try {
    const options = { encoding: "utf8", timeout: 3_000, stdio: "pipe" } as const;
    return parse(execFileSync("systemctl", ["--user", "show-environment"], options), "\n");
  } catch {
    return null; // no systemd, or no session
  }
}
