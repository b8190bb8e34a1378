// The npm package of a release: as `npm pack` makes it of the checkout, told where the project lives by the workflow that makes the release.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The fields of package.json that say where the project lives; none where no workflow of GitHub's makes the release. */
export function addresses({ GITHUB_REPOSITORY, GITHUB_SERVER_URL }: NodeJS.ProcessEnv): Record<string, unknown> {
  if (!GITHUB_REPOSITORY || !GITHUB_SERVER_URL) return {};
  const home = `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}`;
  return {
    homepage: `${home}#readme`,
    repository: { type: "git", url: `git+${home}.git` },
    bugs: { url: `${home}/issues` },
  };
}

function pack(folder: string, into: string): string {
  const windows = process.platform === "win32"; // npm is a script there
  const options = { cwd: folder, shell: windows, encoding: "utf8", timeout: 120_000 } as const;
  return execFileSync("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", into], options).trim();
}

/** Packs the checkout `root` into the folder `release`; gives the file's name. */
export function packForNpm(root: string, release: string, env: NodeJS.ProcessEnv = process.env): string {
  const fields = addresses(env);
  if (Object.keys(fields).length === 0) return pack(root, release);
  const folder = mkdtempSync(join(tmpdir(), "flybrowser-npm-"));
  try {
    execFileSync("tar", ["-xzf", pack(root, folder)], { cwd: folder, timeout: 60_000 });
    const path = join(folder, "package/package.json");
    const described = { ...JSON.parse(readFileSync(path, "utf8")), ...fields };
    writeFileSync(path, `${JSON.stringify(described, null, 2)}\n`);
    return pack(join(folder, "package"), release);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
