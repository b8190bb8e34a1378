// Makes the single executable of a system: a Node binary with our program and its parts inside, by Node's own --build-sea
// (docs/decisions/executable.md says why not by pkg).
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { INDEX_ASSET } from "../../protocol/node/executable.ts";
import { LICENSES_FILE } from "../../vite.config.ts";
import { type NodeSystem, nodeBinary, nodePackage, thisSystem } from "../setup/node-binary.ts";

/** The Node inside: one version for all systems, since the one that builds must be the one that runs. */
const NODE_VERSION = "26.10.0";

/** sha512 of the npm package that has the binary of each system, base64. */
const SUMS: Record<NodeSystem, string> = {
  "linux-x64": "OmAztarr1gK4PD+sNyoku4N5Q40d8eqMuLjNa/zRvxF33aCsVKVIQLs4V5HYPWSWWlMiTdkmbZE/6Phigma0hw==",
  "linux-arm64": "idArV/cmqW9M9ODyGlbOIiyxFourDh1mJB0SdKCdMbSZjjef9CLEN3o1/eE4yf+B0+5BD+F74MpTTHiB3XXTBQ==",
  "macos-x64": "tR3FX20zCnXJeYvVCZ+ROiA9bHyFVHpges6RoPqtWMTQ4oY2KBcCXlTmcxFZ8w8uApF0IEXIduRPDmAFyxtZ2w==",
  "macos-arm64": "luw6mVEaplXiL26420vAPkMXNBLxYWXOsGjT4lzS4+MmI41k8tE67m9Z6kPjJnnku5Lidsmo0YDDAdts/+jgIQ==",
  "win-x64": "GCIKoDIOUTgULKxFNlfumjEmEgIpBB/7csJ11w6WbFcC/dyZ9UH2YAFr1fuNsdEmPZOAVpT2Cv9QKPwluhOCIQ==",
};

/** What the executable carries beside its code. */
const PARTS = ["extension", "player", "demo"] as const;

/** Name of the executable in a release. */
export function executableName(system: NodeSystem, version: string): string {
  return `flybrowser-${version}-${system}${system === "win-x64" ? ".exe" : ""}`;
}

/** The parts: their names with `/`, and where each file is. */
export function partFiles(dist: string): Record<string, string> {
  const names = PARTS.flatMap((part) =>
    readdirSync(join(dist, part), { recursive: true, encoding: "utf8" }).map((name) =>
      join(part, name).replaceAll("\\", "/"),
    ),
  );
  const files = names.filter((name) => statSync(join(dist, name)).isFile() && !name.endsWith(LICENSES_FILE));
  return Object.fromEntries(files.sort().map((name) => [name, join(dist, name)]));
}

/** The text of the parts' index. */
export function partIndex(files: Record<string, string>): string {
  const sum = (path: string) => createHash("sha256").update(readFileSync(path)).digest("hex");
  return JSON.stringify(Object.entries(files).map(([name, path]) => ({ name, sha256: sum(path) })));
}

/** Licence of the Node inside, for the notices. */
export function nodeLicence(system: NodeSystem): string {
  const text = readFileSync(join(nodePackage(system, NODE_VERSION, SUMS[system]), "LICENSE"), "utf8");
  return `Node.js ${NODE_VERSION} (inside the executables)\n\n${text.trim()}`;
}

/**
 * Builds the executable of a system from `dist` into the file `output`.
 * @throws Error if Node's binary can't be had, or Node can't build here.
 */
export function buildExecutable(dist: string, system: NodeSystem, output: string): void {
  const builder = thisSystem();
  if (builder === null) throw new Error(`There is no Node ${NODE_VERSION} that runs on this machine.`);
  const work = mkdtempSync(join(tmpdir(), "flybrowser-sea-"));
  try {
    const parts = partFiles(dist);
    const index = join(work, INDEX_ASSET);
    writeFileSync(index, partIndex(parts));
    const executable = nodeBinary(system, NODE_VERSION, SUMS[system]);
    const config = {
      main: join(dist, "executable/main.mjs"),
      mainFormat: "module",
      executable,
      output,
      disableExperimentalSEAWarning: true,
      // Compiled code fits only the system that compiled it.
      useCodeCache: builder === system,
      // Whoever sets NODE_OPTIONS for their own programs doesn't mean this one.
      execArgvExtension: "none",
      assets: { ...parts, [INDEX_ASSET]: index },
    };
    writeFileSync(join(work, "config.json"), JSON.stringify(config));
    const node = nodeBinary(builder, NODE_VERSION, SUMS[builder]);
    execFileSync(node, ["--build-sea", join(work, "config.json")], { stdio: "pipe", timeout: 120_000 });
    chmodSync(output, 0o755);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
