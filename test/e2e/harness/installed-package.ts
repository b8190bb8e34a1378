// The package, packed by npm and installed into an empty project of its own.
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Outcome, run } from "./run.ts";

const ROOT = join(import.meta.dirname, "../../..");

/** A project that has the package. */
export interface Project {
  readonly folder: string;
  /** Path of the packed package. */
  readonly archive: string;
  run(command: string, ...args: string[]): Promise<Outcome>;
  runIn(folder: string, command: string, ...args: string[]): Promise<Outcome>;
  /** Lends the project packages of ours, as if it had installed them. */
  lend(...names: string[]): Promise<void>;
  remove(): Promise<void>;
}

/** Packs what is built and installs it. `description`: fields of the project's package.json. */
export async function installPackage(description: object = { type: "module" }): Promise<Project> {
  const folder = await mkdtemp(join(tmpdir(), "flybrowser-package-"));
  const runIn = (cwd: string, command: string, ...args: string[]) => run(command, args, { cwd });
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    await writeFile(join(folder, "package.json"), JSON.stringify({ name: "empty", private: true, ...description }));
    await check(runIn(ROOT, "npm", "pack", "--silent", "--pack-destination", folder));
    const [name = ""] = (await readdir(folder)).filter((each) => each.endsWith(".tgz"));
    // All that it needs is inside: it installs without a network.
    await check(runIn(folder, "npm", "install", "--offline", "--no-audit", "--no-fund", "--silent", `./${name}`));
    const lend = async (...names: string[]) => {
      for (const name of names) {
        const place = join(folder, "node_modules", name);
        await mkdir(join(place, ".."), { recursive: true });
        if (!existsSync(place)) await symlink(join(ROOT, "node_modules", name), place);
      }
    };
    return { folder, archive: join(folder, name), run: (...words) => runIn(folder, ...words), runIn, lend, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function check(work: Promise<Outcome>): Promise<void> {
  const { status, stdout, stderr } = await work;
  if (status !== 0) throw new Error(`${stdout}${stderr}`);
}
