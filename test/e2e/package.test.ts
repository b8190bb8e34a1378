// The package as npm makes it, installed into an empty project: what it brings, its types, and a stream from there. Every way to
// import it is tried by test/long/package-forms.test.ts.
import { cp, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { installPackage, type Project } from "./harness/installed-package.ts";

const ROOT = join(import.meta.dirname, "../..");
const SCRIPTS = join(ROOT, "test/fixtures/scripts");
const TOOLS = join(ROOT, "node_modules");

let project: Project;
beforeAll(async () => {
  project = await installPackage();
});
afterAll(() => project.remove());

test("it brings nothing that the user doesn't ask for", async () => {
  const there = (await readdir(join(project.folder, "node_modules"))).filter((name) => !name.startsWith("."));
  // What is optional comes where npm can have it: here from its cache, if at all.
  const optional = ["node-datachannel", "@node-datachannel", "detect-libc"];
  expect(there.filter((name) => !optional.includes(name))).toEqual(["flybrowser-stream"]);
  expect((await project.run("npx", "--no-install", "flybrowser", "--version")).stdout.toString()).toMatch(
    /^\d+\.\d+\.\d+/,
  );
});

test("its notices name every package that is bundled, with its licence", async () => {
  const dist = join(project.folder, "node_modules/flybrowser-stream/dist");
  const notices = await readFile(join(dist, "THIRD-PARTY-NOTICES.txt"), "utf8");
  for (const part of ["extension", "player", "native-host", "sdk", "cli", "puppeteer"]) {
    const bundled = JSON.parse(await readFile(join(ROOT, "dist", part, "licenses.json"), "utf8")) as { name: string }[];
    expect(bundled.length).toBeGreaterThan(0);
    for (const { name } of bundled) expect(notices).toContain(`\n${name} `);
  }
  expect(notices).toContain("Mozilla Public License Version 2.0");
});

test("the links of its README and documentation lead to files in it", async () => {
  const folder = join(project.folder, "node_modules/flybrowser-stream");
  const pages = ["README.md", ...(await readdir(join(folder, "docs"))).map((name) => `docs/${name}`)];
  for (const page of pages.filter((name) => name.endsWith(".md"))) {
    const text = await readFile(join(folder, page), "utf8");
    for (const [, link = ""] of text.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)) {
      if (/^[a-z]+:/.test(link)) continue;
      await expect(
        readdir(join(folder, page, "..", link)).catch(() => readFile(join(folder, page, "..", link))),
        `${page}: ${link}`,
      ).resolves.toBeDefined();
    }
  }
});

test("its types stand on their own", async () => {
  await project.lend("playwright-core", "@types/node");
  await cp(join(SCRIPTS, "typed.ts"), join(project.folder, "typed.ts"));
  const strict = ["--strict", "--exactOptionalPropertyTypes", "--skipLibCheck", "false", "--types", "node"];
  const target = ["--target", "es2023", "--module", "nodenext"];
  const tsc = join(TOOLS, "typescript/bin/tsc");
  const { stdout, status } = await project.run(process.execPath, tsc, "--noEmit", ...strict, ...target, "typed.ts");
  expect([stdout.toString(), status]).toEqual(["", 0]);
});

test("publint finds nothing in it", async () => {
  const publint = join(TOOLS, "publint/src/cli.js");
  const { stdout, status } = await project.run(process.execPath, publint, "run", project.archive, "--strict");
  expect([stdout.toString(), status]).toEqual([expect.stringContaining("All good"), 0]);
});

test("`require` finds its extension and its host", async () => {
  const code = `const { FlyBrowser } = require("flybrowser-stream");
    FlyBrowser.launchOptions().then(({ puppeteer }) => console.log(puppeteer.args.join(" ")));`;
  await writeFile(join(project.folder, "ask.cjs"), code);
  const { stdout, stderr, status } = await project.run(process.execPath, "ask.cjs");
  expect([status, stdout.toString(), stderr]).toEqual([0, expect.stringMatching(/--load-extension=\S+/), ""]);
});

test("it streams from where it was installed, without a Puppeteer of the project's", async () => {
  const code = `import { FlyBrowser } from "flybrowser-stream";
    await using browser = await FlyBrowser.launch();
    const { hls_url } = await browser.startStream({ quality: "low_bandwidth" });
    console.log((await (await fetch(hls_url)).text()).split("\\n")[0]);`;
  await writeFile(join(project.folder, "stream.ts"), code);
  const { stdout, stderr, status } = await project.run(process.execPath, join(TOOLS, "tsx/dist/cli.mjs"), "stream.ts");
  expect([status, stdout.toString(), stderr]).toEqual([0, "#EXTM3U\n", ""]);
});
