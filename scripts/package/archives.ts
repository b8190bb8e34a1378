// The archives of a release: zip and tar.gz, made the same whenever they are made of the same files.
import { execFileSync } from "node:child_process";
import { lstatSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Zippable, zipSync } from "fflate";

/** The time of every file in an archive, so that equal contents give equal archives (reproducible-builds.org). */
const TIME = new Date("2026-01-01T00:00:00Z");

/** All files below a folder but links, their names with `/`, sorted. */
export function filesBelow(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return names
    .filter((name) => lstatSync(join(folder, name)).isFile())
    .map((name) => name.replaceAll("\\", "/"))
    .sort();
}

/** Writes a zip of files given by name and content. */
export function writeZip(path: string, files: Readonly<Record<string, Uint8Array>>): void {
  const entries: Zippable = Object.fromEntries(
    Object.entries(files).map(([name, content]) => [name, [content, { mtime: TIME, level: 9 }]]),
  );
  writeFileSync(path, zipSync(entries));
}

/** Content by name of all files below a folder. */
export function contentOf(folder: string): Record<string, Uint8Array> {
  return Object.fromEntries(filesBelow(folder).map((name) => [name, readFileSync(join(folder, name))]));
}

/** Writes a tar.gz of everything in a folder. */
export function writeTarGz(path: string, folder: string): void {
  const same = ["--sort=name", "--owner=0", "--group=0", "--numeric-owner", `--mtime=${TIME.toISOString()}`];
  // bsdtar, as on macOS, has none of these.
  const gnu = execFileSync("tar", ["--version"], { encoding: "utf8" }).includes("GNU");
  execFileSync("tar", [...(gnu ? same : []), "-czf", path, "-C", folder, "."], { timeout: 300_000 });
}
