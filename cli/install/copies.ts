// What `flybrowser install` copies: the program to a permanent place, the extension to a folder that file dialogs show, and the command
// to where the shell finds it.
import { closeSync, existsSync, openSync, readSync } from "node:fs";
import { chmod, copyFile, cp, link, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { installFolder, THIS_SYSTEM } from "../../protocol/node/data-directory.ts";
import { executableParts, isExecutable } from "../../protocol/node/executable.ts";
import { SOFTWARE_VERSION } from "../../protocol/version.ts";
import { builtPath, HOST_FLAGS } from "../../sdk/installation.ts";
import { say } from "../report.ts";

const WINDOWS = THIS_SYSTEM.platform === "win32";
const PROGRAM = WINDOWS ? "flybrowser.exe" : "flybrowser";
/** Builds that command and host need. */
const BUILDS = ["native-host", "player", "extension", "cli", "demo", "puppeteer"] as const;
/** A line of the command's script by which `uninstall` knows it. */
const MARK = "Made by `flybrowser install`";

const folder = () => installFolder(THIS_SYSTEM);
/** File dialogs don't show hidden folders, and sandboxed browsers don't see them. */
const extensionFolder = () => join(THIS_SYSTEM.home, "flybrowser-extension");
const commandPath = () =>
  WINDOWS ? join(folder(), "bin", "flybrowser.cmd") : join(THIS_SYSTEM.home, ".local/bin/flybrowser");

/** What was copied. */
export interface Installation {
  /** Program and arguments that start the host. */
  readonly command: readonly [string, ...string[]];
  /** The extension's folder, to be loaded unpacked. */
  readonly extension: string;
}

/** Replaces a folder at once: a host may be reading it. */
async function replaceFolder(from: string, to: string): Promise<void> {
  const draft = `${to}.new`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(dirname(to), { recursive: true });
  await cp(from, draft, { recursive: true });
  await rm(to, { recursive: true, force: true });
  await rename(draft, to);
}

/**
 * Copies everything.
 * @throws FlyBrowserError `not_built`.
 */
export async function copyInstallation(): Promise<Installation> {
  await mkdir(folder(), { recursive: true, mode: 0o700 });
  if (isExecutable() && existsSync(join(dirname(process.execPath), "parts"))) {
    // A package of the system's: it is permanent, and its folders are no secret.
    return { command: [process.execPath], extension: join(executableParts(), "extension") };
  }
  await replaceFolder(builtPath("extension"), extensionFolder());
  const command = isExecutable() ? await copyExecutable() : await copyBuilds();
  await writeCommand(command);
  return { command: command.host, extension: extensionFolder() };
}

interface Commands {
  readonly host: readonly [string, ...string[]];
  readonly cli: readonly [string, ...string[]];
}

async function copyExecutable(): Promise<Commands> {
  const place = join(folder(), PROGRAM);
  if (process.execPath !== place) {
    const draft = `${place}.new`;
    await rm(draft, { force: true });
    await link(process.execPath, draft).catch(() => copyFile(process.execPath, draft)); // not on another disk
    await rename(draft, place);
  }
  return { host: [place], cli: [place] };
}

async function copyBuilds(): Promise<Commands> {
  const dist = dirname(dirname(builtPath("native-host")));
  for (const build of BUILDS) await replaceFolder(join(dist, build), join(folder(), "dist", build));
  // By this the copy is found as the package, and Node takes its files for modules.
  const description = { name: "flybrowser-stream", version: SOFTWARE_VERSION, type: "module", private: true };
  await writeFile(join(folder(), "package.json"), `${JSON.stringify(description, null, 2)}\n`);
  const built = (path: string) => join(folder(), "dist", path);
  return {
    host: [process.execPath, ...HOST_FLAGS, built("native-host/main.js")],
    cli: [process.execPath, built("cli/flybrowser.js")],
  };
}

/** Puts `flybrowser` where shells look for it, unless there is another one already. */
async function writeCommand({ cli }: Commands): Promise<void> {
  const path = commandPath();
  const bin = dirname(path);
  if (!existsSync(path) || isOurs(path)) {
    await mkdir(bin, { recursive: true });
    const words = cli.map((word) =>
      WINDOWS ? `"${word.replaceAll("%", "%%")}"` : `'${word.replaceAll("'", "'\\''")}'`,
    );
    const text = WINDOWS
      ? `@rem ${MARK}\r\n@${words.join(" ")} %*\r\n`
      : `#!/bin/sh\n# ${MARK}\nexec ${words.join(" ")} "$@"\n`;
    await writeFile(path, text);
    await chmod(path, 0o755);
  }
  say(`✓ Command: ${path}`);
  if (!onPath(bin)) say(`    ${bin} is not on your PATH: add it to have \`flybrowser\` in every shell.`);
}

function onPath(bin: string): boolean {
  return (process.env.PATH ?? "").split(delimiter).includes(bin);
}

function isOurs(path: string): boolean {
  const start = Buffer.alloc(200); // it may be the executable itself
  const file = openSync(path, "r");
  try {
    readSync(file, start);
  } finally {
    closeSync(file);
  }
  return start.toString("latin1").includes(MARK);
}

/** The command as it can be run from here. */
export function shownCommand(): string {
  return onPath(dirname(commandPath())) || !existsSync(commandPath()) ? "flybrowser" : commandPath();
}

/** All that {@link copyInstallation} makes but for the command, and what earlier versions made. */
export function installedParts(): string[] {
  const ofOlder = ["native-host", "player", "extension"];
  const names = [...ofOlder, "dist", "parts", "ffmpeg", PROGRAM, "host", "host.bat", "package.json"];
  return [...names.map((name) => join(folder(), name)), extensionFolder()];
}

/** Removes the command, if it is ours. */
export async function removeCommand(): Promise<void> {
  const path = commandPath();
  if (!existsSync(path) || !isOurs(path)) return;
  await rm(path);
  say(`Removed ${path}`);
}
