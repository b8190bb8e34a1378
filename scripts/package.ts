// `npm run package [-- SYSTEM …]`: everything of a release, into release/. Without a system: all for which there are Node binaries.
// `--quick`: only the executable of each system, uncompressed. `--out FOLDER`: into another folder, which is emptied first.
import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import packageJson from "../package.json" with { type: "json" };
import { bundledPackages, NOTICES_FILE, notices, optionalPackages, SBOM_FILE } from "./notices.ts";
import { writeTarGz, writeZip } from "./package/archives.ts";
import { buildDebian } from "./package/debian.ts";
import { buildExecutable, executableName, nodeLicence } from "./package/executable.ts";
import { writeExtensionZip } from "./package/extension-zip.ts";
import { installers } from "./package/installers.ts";
import { packForNpm } from "./package/npm-package.ts";
import { NODE_SYSTEMS, type NodeSystem } from "./setup/node-binary.ts";

const ROOT = join(import.meta.dirname, "..");
const DIST = join(ROOT, "dist");
const { version } = packageJson;

/** Debian's names of architectures. */
const DEBIAN: Partial<Record<NodeSystem, "amd64" | "arm64">> = { "linux-x64": "amd64", "linux-arm64": "arm64" };

function say(name: string): void {
  process.stderr.write(`  ${name}\n`);
}

/** The archive that people download: the executable as `flybrowser`, the licence, the notices. */
function archive(release: string, system: NodeSystem, executable: string, text: string): void {
  const folder = mkdtempSync(join(tmpdir(), "flybrowser-archive-"));
  try {
    const windows = system === "win-x64";
    const files = { LICENSE: readFileSync(join(ROOT, "LICENSE")), [NOTICES_FILE]: Buffer.from(text) };
    const name = `flybrowser-${version}-${system}.${windows ? "zip" : "tar.gz"}`;
    if (windows) writeZip(join(release, name), { "flybrowser.exe": readFileSync(executable), ...files });
    else {
      copyFileSync(executable, join(folder, "flybrowser"));
      chmodSync(join(folder, "flybrowser"), 0o755);
      for (const [file, content] of Object.entries(files)) writeFileSync(join(folder, file), content);
      writeTarGz(join(release, name), folder);
    }
    say(name);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** SHA256SUMS, as `sha256sum --check` reads it. */
function writeSums(release: string): void {
  const names = readdirSync(release)
    .filter((name) => name !== "SHA256SUMS")
    .sort();
  const line = (name: string) =>
    `${createHash("sha256")
      .update(readFileSync(join(release, name)))
      .digest("hex")}  ${name}\n`;
  writeFileSync(join(release, "SHA256SUMS"), names.map(line).join(""));
  say("SHA256SUMS");
}

async function main(words: readonly string[]): Promise<void> {
  const { values, positionals: asked } = parseArgs({
    args: [...words],
    options: { quick: { type: "boolean", default: false }, out: { type: "string", default: join(ROOT, "release") } },
    allowPositionals: true,
  });
  const { quick, out: release } = values;
  const unknown = asked.filter((word) => !(NODE_SYSTEMS as string[]).includes(word));
  if (unknown.length > 0) throw new Error(`no system ${unknown.join(", ")}; there are: ${NODE_SYSTEMS.join(", ")}`);
  const systems = asked.length > 0 ? (asked as NodeSystem[]) : NODE_SYSTEMS;
  rmSync(release, { recursive: true, force: true });
  mkdirSync(release, { recursive: true });
  const packages = await bundledPackages(DIST);
  for (const system of systems) {
    const executable = join(release, executableName(system, version));
    buildExecutable(DIST, system, executable);
    say(executableName(system, version));
    if (quick) continue;
    const text = notices(packages, [nodeLicence(system)]);
    archive(release, system, executable, text);
    const architecture = DEBIAN[system];
    if (architecture) {
      const output = join(release, `flybrowser-stream_${version}_${architecture}.deb`);
      const licence = readFileSync(join(ROOT, "LICENSE"), "utf8");
      buildDebian({ dist: DIST, executable, architecture, version, notices: text, licence, output });
      say(`flybrowser-stream_${version}_${architecture}.deb`);
    }
    rmSync(executable); // it is in the archive
  }
  if (quick) return;
  say(packForNpm(ROOT, release));
  await writeExtensionZip(DIST, join(release, `flybrowser-extension-${version}.zip`));
  for (const [name, text] of Object.entries(installers(version))) writeFileSync(join(release, name), text);
  copyFileSync(join(DIST, SBOM_FILE), join(release, SBOM_FILE));
  const optional = await optionalPackages(ROOT, Object.keys(packageJson.optionalDependencies));
  writeFileSync(join(release, NOTICES_FILE), notices(packages, systems[0] ? [nodeLicence(systems[0])] : [], optional));
  writeSums(release);
}

await main(process.argv.slice(2)).catch((error: Error) => {
  process.stderr.write(`The release could not be made.\n${error.message}\n`);
  process.exitCode = 1;
});
