// Finds programs on this machine, and installs packages with apt where that is allowed.
import { accessSync, constants, existsSync, readFileSync, realpathSync } from "node:fs";
import { delimiter, join } from "node:path";
import { run, SetupError } from "./progress.mjs";

/** The full path of a program on the PATH, or null. */
export function onPath(name) {
  const file = process.platform === "win32" ? `${name}.exe` : name;
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    const path = join(folder, file);
    if (folder !== "" && isProgram(path)) return path;
  }
  return null;
}

/** Whether a path is a file that this user may run. */
export function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Whether a program is a snap, or the script that Ubuntu has in the place of one. A snap is locked in: it sees
 * neither the extension's folder nor our host.
 */
export function isSnap(path) {
  if (realpathSync(path).startsWith("/snap/") || realpathSync(path).endsWith("/bin/snap")) return true;
  const start = readFileSync(path).subarray(0, 4096).toString("latin1");
  return start.startsWith("#!") && /\/snap\/bin|snap install|command -v snap/.test(start);
}

/** Words in front of a command for root that make it work here, or null when this user may not install anything. */
export async function aptPrefix() {
  if (process.platform !== "linux" || !existsSync("/usr/bin/apt-get")) return null;
  if (process.getuid() === 0) return [];
  if (!onPath("sudo")) return null;
  return run("sudo", ["-n", "true"], { timeout: 5000 }).then(
    () => ["sudo", "-n"],
    () => null,
  );
}

let updated = false;

/**
 * Installs a Debian package. Gives false where apt isn't there or this user may not. `variables` (`NAME=value`) are
 * for apt and the scripts of the package.
 * @throws SetupError when apt fails.
 */
export async function aptInstall(name, say, variables = []) {
  const prefix = await aptPrefix();
  if (prefix === null) return false;
  const apt = (args) => {
    const [command, ...rest] = [...prefix, "env", "DEBIAN_FRONTEND=noninteractive", ...variables, "apt-get", ...args];
    return run(command, rest, { say, timeout: 900_000 });
  };
  if (!updated) {
    say("apt-get update");
    // Some mirrors of a machine may be out of reach; whether the package can be had shows in the next step.
    await apt(["update", "-q"]).catch(() => {});
    updated = true;
  }
  say(`apt-get install ${name}`);
  await apt(["install", "-y", "-q", "--no-install-recommends", name]);
  return true;
}

/** The first path that one of `attempts` gives, tried in order. @throws SetupError `sentence`, and why each attempt failed. */
export async function firstThatWorks(attempts, sentence) {
  const reasons = [];
  for (const attempt of attempts) {
    try {
      const path = await attempt();
      if (path) return path;
    } catch (error) {
      reasons.push(error.message.split("\n").slice(0, 3).join(" "));
    }
  }
  throw new SetupError([sentence, ...reasons.map((reason) => `  tried: ${reason}`)].join("\n"));
}
