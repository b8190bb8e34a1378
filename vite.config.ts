// How each thing under dist/ is built from its sources: one Vite configuration per target.
// Never runs a build (scripts/build.ts does); its default export serves `npx vite` while working on the extension.
import { existsSync } from "node:fs";
import { builtinModules } from "node:module";
import { resolve } from "node:path";
import { crx, type ManifestV3Export } from "@crxjs/vite-plugin";
import preact from "@preact/preset-vite";
import { defineConfig, type InlineConfig, type Plugin } from "vite";
import manifest from "./manifest.json" with { type: "json" };
import packageJson from "./package.json" with { type: "json" };

const ROOT = import.meta.dirname;

/** The file in each build that lists what other packages it holds. */
export const LICENSES_FILE = "licenses.json";

/** One thing that is built. */
export interface Target {
  /** Without this file the target can't be built yet. */
  readonly entry: string;
  /** Folder under dist/. */
  readonly folder: string;
  /** Gives the configuration that builds into `outDir`. */
  readonly config: (outDir: string) => InlineConfig;
}

/** What all have in common: no config file looked up, no noise, no size reports. */
function base(outDir: string, build: InlineConfig["build"]): InlineConfig {
  return {
    configFile: false,
    root: ROOT,
    publicDir: false,
    logLevel: "warn",
    build: {
      outDir,
      emptyOutDir: true,
      reportCompressedSize: false,
      chunkSizeWarningLimit: 4096,
      // What is bundled, with its licence; scripts/notices.ts makes the notices of it.
      license: { fileName: LICENSES_FILE },
      ...build,
      rolldownOptions: { checks: { bundlerTimings: false }, ...build?.rolldownOptions },
    },
  };
}

function extension(outDir: string): InlineConfig {
  // Pages that the manifest doesn't name.
  const pages = ["extension/offscreen/index.html", "extension/pairing/index.html"];
  return {
    ...base(outDir, {
      target: "chrome120",
      modulePreload: { polyfill: false },
      copyPublicDir: true,
      rolldownOptions: { input: pages.map((page) => resolve(ROOT, page)) },
    }),
    publicDir: EXTENSION_PUBLIC,
    plugins: [
      preact(),
      crx({ manifest: { ...manifest, version: packageJson.version } as ManifestV3Export, browser: "chrome" }),
    ],
  };
}

/**
 * What most viewers need a moment after the page, hls.js, is fetched beside it, and not run before it is wanted: the page that names it in
 * its HTML need not wait for a second round trip.
 */
const fetchedAhead: Plugin = {
  name: "fetched-ahead",
  transformIndexHtml: {
    order: "post",
    handler(_html, { bundle, filename }) {
      if (!filename.endsWith("index.html")) return [];
      const chunk = Object.values(bundle ?? {}).find(
        (each) => each.type === "chunk" && each.facadeModuleId?.endsWith("/player/engines/hls-engine.ts"),
      );
      if (!chunk) return [];
      const attrs = { rel: "modulepreload", crossorigin: true, fetchpriority: "low", href: `./${chunk.fileName}` };
      return [{ tag: "link", attrs, injectTo: "head" as const }];
    },
  },
};

/** A page served over HTTP: everything in it bundled, its files under `base`. */
function page(folder: string, urlBase: string, files: readonly string[] = ["index.html"]) {
  const input = files.map((file) => resolve(ROOT, folder, file));
  return (outDir: string): InlineConfig => ({
    ...base(outDir, { target: "es2022", rolldownOptions: { input } }),
    root: resolve(ROOT, folder),
    base: urlBase,
    plugins: [preact(), fetchedAhead],
  });
}

/** A program for Node: one ESM file, everything bundled but Node's own modules and `external`. */
function program(entry: string, fileName: string, external: readonly string[], banner = "", minify = false) {
  return (outDir: string): InlineConfig => ({
    ...base(outDir, {
      ssr: resolve(ROOT, entry),
      target: "node20",
      minify,
      rolldownOptions: {
        external: [...external, ...builtinModules, /^node:/],
        output: { format: "esm", entryFileNames: fileName, codeSplitting: false, banner },
      },
    }),
    ssr: { noExternal: true, external: [...external], target: "node" },
  });
}

/** The manifest says which file begins the extension. */
function serviceWorker(): string {
  return (
    (manifest as { background?: { service_worker?: string } }).background?.service_worker ??
    "manifest.json: background.service_worker"
  );
}

/** Everything under dist/, by name. */
export const TARGETS = {
  extension: { entry: serviceWorker(), folder: "extension", config: extension },
  player: { entry: "player/index.html", folder: "player", config: page("player", "./", ["index.html", "wall.html"]) },
  demo: { entry: "cli/demo/index.html", folder: "demo", config: page("cli/demo", "./") },
  "native-host": {
    entry: "native-host/main.ts",
    folder: "native-host",
    config: program("native-host/main.ts", "main.js", ["ffmpeg-static", "node-datachannel"]),
  },
  sdk: { entry: "sdk/index.ts", folder: "sdk", config: program("sdk/index.ts", "index.js", ["puppeteer-core"]) },
  puppeteer: {
    entry: "sdk/puppeteer.ts",
    folder: "puppeteer",
    config: program("sdk/puppeteer.ts", "index.js", [], "", true),
  },
  executable: {
    entry: "executable/main.ts",
    folder: "executable",
    config: program("executable/main.ts", "main.mjs", ["node-datachannel"], "", true),
  },
  cli: {
    entry: "cli/flybrowser.ts",
    folder: "cli",
    config: program("cli/flybrowser.ts", "flybrowser.js", ["puppeteer-core"], "#!/usr/bin/env node"),
  },
} as const satisfies Record<string, Target>;

/** Files made before the extension is built (icons); their folder is the extension's root. */
export const EXTENSION_PUBLIC = resolve(ROOT, ".cache/extension-public");

/** Name of a target. */
export type TargetName = keyof typeof TARGETS;

/** Whether the sources of a target are there. */
export function hasSources(target: Target): boolean {
  return existsSync(resolve(ROOT, target.entry));
}

export default defineConfig(() => TARGETS.extension.config(resolve(ROOT, "dist/extension")));
