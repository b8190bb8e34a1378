// The package as npm makes it, installed into an empty project: its types, its programs, and a stream from there.
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Outcome, run } from "./harness/run.ts";

const ROOT = join(import.meta.dirname, "../..");
const SCRIPTS = join(ROOT, "test/fixtures/scripts");

let project: string;
const inProject = (command: string, ...args: string[]): Promise<Outcome> => run(command, args, { cwd: project });
/** Lends the project a package of ours, as if it had installed it. */
async function lend(...names: string[]): Promise<void> {
  for (const name of names) {
    await mkdir(join(project, "node_modules", name, ".."), { recursive: true });
    await symlink(join(ROOT, "node_modules", name), join(project, "node_modules", name));
  }
}

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), "flybrowser-package-"));
  await writeFile(join(project, "package.json"), JSON.stringify({ name: "empty", private: true, type: "module" }));
  const packed = await run("npm", ["pack", "--silent", "--pack-destination", project], { cwd: ROOT });
  const [archive = ""] = (await readdir(project)).filter((name) => name.endsWith(".tgz"));
  expect([packed.status, archive]).toEqual([0, expect.stringContaining("flybrowser-stream-")]);
  // All that it needs is inside: it installs without a network.
  const flags = ["--offline", "--omit=optional", "--no-audit", "--no-fund", "--silent"];
  expect(await inProject("npm", "install", ...flags, `./${archive}`)).toMatchObject({ status: 0 });
});
afterAll(async () => {
  await rm(project, { recursive: true, force: true });
});

test("it brings nothing that the user doesn't ask for", async () => {
  expect((await readdir(join(project, "node_modules"))).filter((name) => !name.startsWith("."))).toEqual([
    "flybrowser-stream",
  ]);
  expect((await inProject("npx", "--no-install", "flybrowser", "--version")).stdout.toString()).toMatch(
    /^\d+\.\d+\.\d+/,
  );
});

test("without Puppeteer, launching says which package is missing; the rest can be imported", async () => {
  const code = `import { FlyBrowser } from "flybrowser-stream";
    await FlyBrowser.launch().catch(({ code, message, fix }) => console.log([code, message, fix].join("|")));`;
  const { stdout } = await inProject(process.execPath, "--input-type=module", "-e", code);
  expect(stdout.toString().trim()).toBe(
    "package_missing|The npm package puppeteer-core is not installed.|Run `npm install puppeteer-core`.",
  );
});

test.each([
  ["nodenext", "nodenext"],
  ["esnext", "bundler"],
])("its types stand on their own: module %s, resolution %s", async (module, moduleResolution) => {
  if (!(await readdir(join(project, "node_modules"))).includes("playwright-core")) {
    await lend("playwright-core", "@types/node");
    await cp(join(SCRIPTS, "typed.ts"), join(project, "typed.ts"));
  }
  const strict = ["--strict", "--exactOptionalPropertyTypes", "--skipLibCheck", "false", "--types", "node"];
  const target = ["--target", "es2023", "--module", module, "--moduleResolution", moduleResolution];
  const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
  const { stdout, status } = await inProject(process.execPath, tsc, "--noEmit", ...strict, ...target, "typed.ts");
  expect([stdout.toString(), status]).toEqual(["", 0]);
});

test("with Puppeteer it streams, from where it was installed", async () => {
  await lend("puppeteer-core");
  const code = `import { FlyBrowser } from "flybrowser-stream";
    await using browser = await FlyBrowser.launch();
    const { hls_url } = await browser.startStream({ quality: "low_bandwidth" });
    console.log((await (await fetch(hls_url)).text()).split("\\n")[0]);`;
  await writeFile(join(project, "stream.ts"), code);
  const tsx = join(ROOT, "node_modules/tsx/dist/cli.mjs");
  const { stdout, stderr, status } = await inProject(process.execPath, tsx, "stream.ts");
  expect([status, stdout.toString(), stderr]).toEqual([0, "#EXTM3U\n", ""]);
});
