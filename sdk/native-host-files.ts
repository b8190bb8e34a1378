// The two files by which a browser finds the native host: the native messaging manifest and the launcher that it names.
import { constants } from "node:fs";
import { access, chmod, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { FlyBrowserError, serializeError } from "../protocol/errors.ts";
import { BROWSER_PID } from "../protocol/node/processes.ts";
import { sentence } from "../protocol/sentence.ts";
import { EXTENSION_ID, NATIVE_HOST_NAME, STORE_EXTENSION_IDS } from "../protocol/version.ts";

/** What a launcher runs. */
export interface LauncherOptions {
  /** Folder for the launcher; created if missing. */
  readonly folder: string;
  /** Program and arguments that start the host, the program by its absolute path: browsers have another PATH than shells. */
  readonly command: readonly [program: string, ...args: string[]];
  /** Environment variables of the host beside those of the browser. */
  readonly env?: Readonly<Record<string, string>>;
  /** Folders at the end of the host's PATH, where it finds what the browser's PATH doesn't have. */
  readonly path?: readonly string[];
}

/** Variables of ours that aren't settings of the host: whoever starts it decides where its state is kept. */
const NOT_FOR_HOST = ["FLYBROWSER_STATE_DIR", "FLYBROWSER_CHROMIUM", BROWSER_PID];

/** The host's settings in an environment; a browser may pass on other ones, or none. */
export function hostSettings(environment: NodeJS.ProcessEnv): Record<string, string> {
  const settings: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment))
    if (value && name.startsWith("FLYBROWSER_") && !NOT_FOR_HOST.includes(name)) settings[name] = value;
  return settings;
}

const shellQuote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
/** In a batch file `%` begins a variable. */
const batchQuote = (text: string): string => `"${text.replaceAll("%", "%%")}"`;

/**
 * The launcher script. It stays in front of the host: the browser kills what it has started 2 s after it has closed the connection, and
 * the host lives on where only that was lost (docs/decisions/handover.md). The browser's NODE_OPTIONS are not the host's: what a module
 * preloaded by them prints would come before the first message on stdout.
 */
export function launcherText(options: LauncherOptions, platform: NodeJS.Platform = process.platform): string {
  const env = Object.entries(options.env ?? {});
  const { command, path = [] } = options;
  if (platform === "win32") {
    const sets = env.map(([name, value]) => `set ${batchQuote(`${name}=${value}`)}`);
    const more = path.map((folder) => `set "PATH=%PATH%;${folder.replaceAll("%", "%%")}"`);
    return ["@echo off", 'set "NODE_OPTIONS="', ...sets, ...more, `${command.map(batchQuote).join(" ")} %*`, ""].join(
      "\r\n",
    );
  }
  const exports = env.map(([name, value]) => `export ${name}=${shellQuote(value)}`);
  const more = path.map((folder) => `export PATH="$PATH":${shellQuote(folder)}`);
  return [
    "#!/bin/sh",
    "unset NODE_OPTIONS",
    ...exports,
    ...more,
    ...ifGone(command[0]),
    `export ${BROWSER_PID}="$PPID"`,
    `${command.map(shellQuote).join(" ")} "$@"`,
    "exit $?", // without a line behind it, some shells would be replaced by the host after all
    "",
  ].join("\n");
}

/** Node of a version manager is often deleted: then the extension is told so, in the host's place and in its framing. */
function ifGone(program: string): string[] {
  const reason = sentence("install.node_gone", { path: program });
  const advice = sentence("install.again");
  const error = serializeError(new FlyBrowserError("environment_unusable", { reason, advice }));
  const message = Buffer.from(JSON.stringify({ kind: "response", id: 1, error }));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(message.length);
  const octal = [...length].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");
  const print = `printf '${octal}'; printf %s ${shellQuote(message.toString("utf8"))}`;
  // It goes on reading, so that the answer isn't lost with the connection.
  return [`if [ ! -x ${shellQuote(program)} ]; then ${print}; cat >/dev/null; exit 1; fi`];
}

/** Writes the launcher script and gives its path. */
export async function writeLauncher(options: LauncherOptions): Promise<string> {
  const path = join(options.folder, process.platform === "win32" ? "host.bat" : "host");
  await mkdir(options.folder, { recursive: true, mode: 0o700 });
  await writeFile(path, launcherText(options));
  await chmod(path, 0o700);
  return path;
}

/**
 * Writes it into the first of the folders from which a program can be started: temporary ones are often mounted `noexec`.
 * @throws FlyBrowserError `environment_unusable`
 */
export async function writeLauncherSomewhere(
  folders: readonly string[],
  options: Omit<LauncherOptions, "folder">,
): Promise<string> {
  for (const folder of folders) {
    try {
      const path = await writeLauncher({ ...options, folder });
      await access(path, constants.X_OK); // Linux refuses it below a mount with noexec (access(2): EACCES)
      return path;
    } catch {
      // The next one; what was written goes with its folder.
    }
  }
  const reason = sentence("environment.noexec", { paths: folders.map(dirname).join(", ") });
  throw new FlyBrowserError("environment_unusable", { reason, advice: sentence("environment.set_exec") });
}

/** Content of the native messaging manifest (developer.chrome.com: Native messaging). */
export function hostManifest(launcher: string, extensionIds: readonly string[] = []): object {
  return {
    name: NATIVE_HOST_NAME,
    description: "FlyBrowser Stream: streams the tabs that you choose",
    path: launcher,
    type: "stdio",
    allowed_origins: [...new Set([EXTENSION_ID, ...STORE_EXTENSION_IDS, ...extensionIds])].map(
      (id) => `chrome-extension://${id}/`,
    ),
  };
}

/** Writes the manifest to `path`. */
export async function writeHostManifest(path: string, manifest: object): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${JSON.stringify(manifest, null, 2)}\n`);
}
