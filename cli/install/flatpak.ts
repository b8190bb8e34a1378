// A browser from Flatpak runs in a sandbox. It can start a program outside of it only by `flatpak-spawn --host`, and only once the user
// has allowed it to talk to Flatpak (docs.flatpak.org: Sandbox permissions). The launcher has to lie in a folder that it sees.
import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { System } from "../../protocol/node/data-directory.ts";

function folderOf(app: string, { home }: System): string {
  return join(home, ".var/app", app, "data/flybrowser-stream");
}

/** What the user has to run once. */
export function overrideCommand(app: string): string {
  return `flatpak override --user --talk-name=org.freedesktop.Flatpak ${app}`;
}

/** Writes the launcher for a Flatpak and gives its path. `launcher`: the one outside. */
export async function flatpakLauncher(app: string, launcher: string, system: System): Promise<string> {
  const folder = folderOf(app, system);
  const path = join(folder, "host");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // --watch-bus: the host ends with the browser, whatever happens to it.
  const text = `#!/bin/sh\nexec flatpak-spawn --host --watch-bus '${launcher.replaceAll("'", "'\\''")}' "$@"\n`;
  await writeFile(path, text);
  await chmod(path, 0o700);
  return path;
}

/** Removes it again. */
export async function removeFlatpakLauncher(app: string, system: System): Promise<void> {
  await rm(folderOf(app, system), { recursive: true, force: true });
}
