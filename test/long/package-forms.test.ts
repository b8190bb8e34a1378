// The package in every form that a program may have it: each resolution of TypeScript, bundlers, each Node that is supported.
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { nodeBinary, thisSystem } from "../../scripts/setup/node-binary.ts";
import { installPackage, type Project } from "../e2e/harness/installed-package.ts";

const ROOT = join(import.meta.dirname, "../..");
const SCRIPTS = join(ROOT, "test/fixtures/scripts");
const TOOLS = join(ROOT, "node_modules");

let project: Project;

beforeAll(async () => {
  project = await installPackage();
});
afterAll(() => project.remove());

test("attw finds nothing in it", async () => {
  const publint = await project.run(
    process.execPath,
    join(TOOLS, "publint/src/cli.js"),
    "run",
    project.archive,
    "--strict",
  );
  expect([publint.stdout.toString(), publint.status]).toEqual([expect.stringContaining("All good"), 0]);
  const attw = await project.run(process.execPath, join(TOOLS, "@arethetypeswrong/cli/dist/index.js"), project.archive);
  expect([attw.stdout.toString(), attw.status]).toEqual([expect.stringContaining("No problems found"), 0]);
});

test.each([
  ["nodenext", "nodenext", "typed.ts"],
  ["esnext", "bundler", "typed.ts"],
  ["nodenext", "nodenext", "typed.cts"],
])("its types stand on their own: module %s, resolution %s, %s", async (module, moduleResolution, script) => {
  await project.lend("playwright-core", "@types/node");
  const text = await readFile(join(SCRIPTS, "typed.ts"), "utf8");
  await writeFile(join(project.folder, "typed.ts"), text);
  // A CommonJS module has no await at its top.
  const body = text
    .replace(/^declare const .*$/m, "")
    .replace(/\n\nawait using[\s\S]*/, (rest) => `\nasync (page: Page) => {${rest}};\n`);
  await writeFile(join(project.folder, "typed.cts"), body);
  const strict = ["--strict", "--exactOptionalPropertyTypes", "--skipLibCheck", "false", "--types", "node"];
  const target = ["--target", "es2023", "--lib", "es2023,dom,esnext.disposable", "--module", module];
  const tsc = join(TOOLS, "typescript/bin/tsc");
  const args = ["--noEmit", ...strict, ...target, "--moduleResolution", moduleResolution, script];
  const { stdout, status } = await project.run(process.execPath, tsc, ...args);
  expect([stdout.toString(), status]).toEqual(["", 0]);
});

describe("however it is imported, it finds its extension and its host", () => {
  const ask = `FlyBrowser.launchOptions().then(({ puppeteer }) => {
    console.log(puppeteer.args.some((arg) => arg.startsWith("--load-extension=")));
  });`;
  const imported = `import { FlyBrowser } from "flybrowser-stream";\n${ask}`;
  const required = `const { FlyBrowser } = require("flybrowser-stream");\n${ask}`;

  test.each([
    ["import", "ask.mjs", imported],
    ["require", "ask.cjs", required],
  ])("%s", async (_, name, code) => {
    await writeFile(join(project.folder, name), code);
    const { stdout, stderr, status } = await project.run(process.execPath, name);
    expect([status, stdout.toString(), stderr]).toEqual([0, "true\n", ""]);
  });

  test.each([
    ["esm", "mjs", imported],
    ["cjs", "cjs", imported],
    ["cjs", "cjs", required],
  ])("bundled by esbuild, format %s", async (format, extension, code) => {
    const entry = join(project.folder, "bundled.js");
    await writeFile(entry, code);
    const out = join("out", `bundled.${extension}`);
    const flags = ["--bundle", "--platform=node", `--format=${format}`, "--log-level=error", `--outfile=${out}`];
    expect(await project.run(join(TOOLS, "esbuild/bin/esbuild"), entry, ...flags)).toMatchObject({
      status: 0,
      stderr: "",
    });
    const { stdout, stderr, status } = await project.run(process.execPath, out);
    expect([status, stdout.toString(), stderr]).toEqual([0, "true\n", ""]);
  });

  test("bundled by Vite", async () => {
    await writeFile(join(project.folder, "entry.js"), imported);
    await writeFile(join(project.folder, "vite.config.js"), "export default { ssr: { noExternal: true } };");
    const vite = join(TOOLS, "vite/bin/vite.js");
    const built = await project.run(process.execPath, vite, "build", "--ssr", "entry.js", "--logLevel", "error");
    expect([built.status, built.stderr]).toEqual([0, ""]);
    const [bundle = ""] = (await readdir(join(project.folder, "dist"))).filter((name) => name.endsWith("js"));
    const { stdout, stderr, status } = await project.run(process.execPath, join("dist", bundle));
    expect([status, stdout.toString(), stderr]).toEqual([0, "true\n", ""]);
  });

  test("a bundle that was moved away from it says which package is missing", async () => {
    const elsewhere = await mkdtemp(join(tmpdir(), "flybrowser-elsewhere-"));
    try {
      await writeFile(join(project.folder, "moved.js"), imported);
      const out = join(elsewhere, "moved.mjs");
      const flags = ["--bundle", "--platform=node", "--format=esm", "--log-level=error", `--outfile=${out}`];
      await project.run(join(TOOLS, "esbuild/bin/esbuild"), "moved.js", ...flags);
      const { stderr, status } = await project.runIn(elsewhere, process.execPath, out);
      expect(status).toBe(1);
      expect(stderr).toContain("The npm package flybrowser-stream is not installed.");
    } finally {
      await rm(elsewhere, { recursive: true, force: true });
    }
  });
});

/** The oldest Node that package.json allows, and the newest of each line since. */
describe.each(["20.19.0", "22.22.3", "24.21.0", "26.10.0"])("Node %s", (version) => {
  test.each([
    ["import", "streams.mjs", 'import { FlyBrowser } from "flybrowser-stream";'],
    ["require", "streams.cjs", 'const { FlyBrowser } = require("flybrowser-stream");'],
  ])("streams, by %s", async (_, name, first) => {
    const node = nodeBinary(thisSystem() ?? "linux-x64", version);
    const code = `${first}
      (async () => {
        const browser = await FlyBrowser.launch();
        const { hls_url } = await browser.startStream({ quality: "low_bandwidth" });
        console.log(process.version, (await (await fetch(hls_url)).text()).split("\\n")[0]);
        await browser.close();
      })();`;
    await writeFile(join(project.folder, name), code);
    const { stdout, stderr, status } = await project.run(node, name);
    expect([status, stdout.toString(), stderr]).toEqual([0, `v${version} #EXTM3U\n`, ""]);
  });
});
