// Builds dist/ from the sources: `tsx scripts/build.ts [target …]`, all targets when none is named.
import { spawn } from "node:child_process";
import { chmod, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "vite";
import packageJson from "../package.json" with { type: "json" };
import { PAGES_DE } from "../protocol/sentences/pages-de.ts";
import { PAGES_EN } from "../protocol/sentences/pages-en.ts";
import { EXTENSION_PUBLIC, hasSources, TARGETS, type Target, type TargetName } from "../vite.config.ts";
import { commonJsModule, commonJsTypes, standAlone } from "./declarations.ts";
import { writeNotices } from "./notices.ts";

const ROOT = join(import.meta.dirname, "..");
const DIST = join(ROOT, "dist");
const ICONS = join(ROOT, "scripts/icons.ts");
/** Plain JavaScript: it runs before there are dependencies, too. */
const STAMP = join(ROOT, "scripts/setup/build-stamp.mjs");

function say(line: string): void {
  process.stderr.write(`  ${line}\n`);
}

/** Puts a finished folder in its place; whoever reads dist/ meanwhile never sees half of one. */
async function install(finished: string, folder: string): Promise<void> {
  const place = join(DIST, folder);
  const old = `${finished}.old`;
  await rename(place, old).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
  });
  await rename(finished, place);
  await rm(old, { recursive: true, force: true });
}

/** The build makes content scripts readable for every site, which could tell by them that the extension is there; registered scripts
 *  don't need it. */
async function hideFromSites(extension: string): Promise<void> {
  const path = join(extension, "manifest.json");
  const manifest = JSON.parse(await readFile(path, "utf8")) as Record<string, unknown>;
  delete manifest.web_accessible_resources;
  await writeFile(path, JSON.stringify(manifest, null, 2));
}

/** Chrome's own texts about the extension, out of the one table (Chrome's docs: chrome.i18n, "Localization message formats"). */
async function locales(outDir: string): Promise<void> {
  for (const [language, texts] of Object.entries({ en: PAGES_EN, de: PAGES_DE })) {
    const messages = Object.entries(texts)
      .filter(([code]) => /^(manifest|menu|badge)\.|^popup\.(idle|start|record)$|^page\.product$/.test(code))
      .map(([code, message]) => [code.replace(".", "_"), { message }]);
    await mkdir(join(outDir, language), { recursive: true });
    await writeFile(join(outDir, language, "messages.json"), JSON.stringify(Object.fromEntries(messages), null, 2));
  }
}

async function icons(outDir: string): Promise<void> {
  const { renderIcons } = (await import(ICONS).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ERR_MODULE_NOT_FOUND") return {};
    throw error;
  })) as { renderIcons?: (outDir: string) => Promise<void> | void };
  await renderIcons?.(outDir);
}

async function buildTarget(name: TargetName): Promise<void> {
  const target: Target = TARGETS[name];
  const began = performance.now();
  if (!hasSources(target)) {
    say(`${name}: skipped, ${target.entry} is not there`);
    return;
  }
  const outDir = join(DIST, `.building-${name}-${process.pid}`);
  try {
    if (name === "extension") {
      await icons(join(EXTENSION_PUBLIC, "icons"));
      await locales(join(EXTENSION_PUBLIC, "_locales"));
    }
    await build(target.config(outDir));
    if (name === "extension") await hideFromSites(outDir);
    if (name === "sdk") await commonJsModule(outDir);
    if (name === "cli") await chmod(join(outDir, "flybrowser.js"), 0o755);
    await install(outDir, target.folder);
  } finally {
    await rm(outDir, { recursive: true, force: true });
  }
  say(`${name}: ${((performance.now() - began) / 1000).toFixed(1)} s`);
}

/** The SDK's declarations, for those who import it from TypeScript. */
async function declarations(): Promise<void> {
  const began = performance.now();
  const outDir = join(DIST, `.building-types-${process.pid}`);
  const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
  const args = [tsc, "-p", join(ROOT, "sdk/tsconfig.json"), "--outDir", outDir];
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      spawn(process.execPath, args, { stdio: ["ignore", 2, 2] })
        .on("error", reject)
        .on("close", resolve);
    });
    if (code !== 0) throw new Error("the types of the SDK could not be made; see above");
    await standAlone(outDir, join(ROOT, "node_modules"));
    await commonJsTypes(outDir);
    await install(outDir, "types");
  } finally {
    await rm(outDir, { recursive: true, force: true });
  }
  say(`types: ${((performance.now() - began) / 1000).toFixed(1)} s`);
}

const KNOWN = [...(Object.keys(TARGETS) as TargetName[]), "types"] as const;

async function main(asked: readonly string[]): Promise<void> {
  const unknown = asked.filter((name) => !(KNOWN as readonly string[]).includes(name));
  if (unknown.length > 0) throw new Error(`no target ${unknown.join(", ")}; there are: ${KNOWN.join(", ")}`);
  await mkdir(DIST, { recursive: true });
  const { beginBuild } = (await import(STAMP)) as { beginBuild(root: string): () => void };
  const built = beginBuild(ROOT);
  const names = KNOWN.filter((name) => asked.length === 0 || asked.includes(name));
  const results = await Promise.allSettled(
    names.map((name) => (name === "types" ? declarations() : buildTarget(name))),
  );
  const failed = results.flatMap((result, index) =>
    result.status === "rejected" ? [`${names[index]}: ${String(result.reason?.message ?? result.reason)}`] : [],
  );
  if (failed.length > 0) throw new Error(failed.join("\n"));
  await writeNotices(DIST, packageJson);
  if (names.length === KNOWN.length) built();
}

await main(process.argv.slice(2)).catch((error: Error) => {
  process.stderr.write(`Build failed.\n${error.message}\n`);
  process.exitCode = 1;
});
