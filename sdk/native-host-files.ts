// The two files by which a browser finds the native host: Chrome's manifest and the launcher that it names.
// Never decides where they lie: a throw-away profile here, the user's own places in the command.
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { EXTENSION_ID, NATIVE_HOST_NAME } from "../protocol/version.ts";

/** What a launcher starts. */
export interface LauncherOptions {
  /** Folder for the launcher; made if missing. */
  readonly folder: string;
  /** Path of the host's main.js. */
  readonly main: string;
  /** Variables that the host gets beyond those of the browser. */
  readonly env?: Readonly<Record<string, string>>;
  /** Path of Node. Browsers have another PATH than shells: this must be absolute. */
  readonly node?: string;
}

/** Variables of ours that are not for the host: where the state lies is decided by who starts it. */
const NOT_FOR_HOST = ["FLYBROWSER_STATE_DIR", "FLYBROWSER_CHROMIUM"];

/** The settings of the host in an environment: browsers may give their own to it, or none. */
export function hostSettings(environment: NodeJS.ProcessEnv): Record<string, string> {
  const settings: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment))
    if (value && name.startsWith("FLYBROWSER_") && !NOT_FOR_HOST.includes(name)) settings[name] = value;
  return settings;
}

const shellQuote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
/** In a batch file `%` begins a variable. */
const batchQuote = (text: string): string => `"${text.replaceAll("%", "%%")}"`;

/** The text of the launcher. `exec`: the browser ends the host itself, not a shell in front of it. */
export function launcherText(options: LauncherOptions, platform: NodeJS.Platform = process.platform): string {
  const node = options.node ?? process.execPath;
  const env = Object.entries(options.env ?? {});
  if (platform === "win32") {
    const sets = env.map(([name, value]) => `set ${batchQuote(`${name}=${value}`)}`);
    return ["@echo off", ...sets, `${batchQuote(node)} ${batchQuote(options.main)} %*`, ""].join("\r\n");
  }
  const exports = env.map(([name, value]) => `export ${name}=${shellQuote(value)}`);
  return ["#!/bin/sh", ...exports, `exec ${shellQuote(node)} ${shellQuote(options.main)} "$@"`, ""].join("\n");
}

/** Writes the launcher and gives its path. */
export async function writeLauncher(options: LauncherOptions): Promise<string> {
  const path = join(options.folder, process.platform === "win32" ? "host.bat" : "host");
  await mkdir(options.folder, { recursive: true, mode: 0o700 });
  await writeFile(path, launcherText(options));
  await chmod(path, 0o700);
  return path;
}

/** The content of Chrome's native messaging manifest (developer.chrome.com: native messaging). */
export function hostManifest(launcher: string, extensionIds: readonly string[] = [EXTENSION_ID]): object {
  return {
    name: NATIVE_HOST_NAME,
    description: "FlyBrowser Stream: streams the tabs that you choose",
    path: launcher,
    type: "stdio",
    allowed_origins: extensionIds.map((id) => `chrome-extension://${id}/`),
  };
}

/** Writes the manifest to `path`. */
export async function writeHostManifest(path: string, manifest: object): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${JSON.stringify(manifest, null, 2)}\n`);
}
