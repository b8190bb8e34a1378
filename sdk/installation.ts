// Where this package is installed, and what is built in it. Works from the sources, from node_modules, from inside somebody's bundle,
// and in the single executable.
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { FlyBrowserError } from "../protocol/errors.ts";
import { executableParts, isExecutable } from "../protocol/node/executable.ts";

const NAME = "flybrowser-stream";

/** The nearest folder at or above `from` that is this package; null: none. */
function above(from: string): string | null {
  for (let folder = from; ; folder = dirname(folder)) {
    const file = join(folder, "package.json");
    if (existsSync(file) && JSON.parse(readFileSync(file, "utf8")).name === NAME) return folder;
    if (folder === dirname(folder)) return null;
  }
}

/** Where Node finds the package for a module in `folder`; null: nowhere. */
function resolvedFrom(folder: string): string | null {
  try {
    return dirname(createRequire(join(folder, "module.js")).resolve(`${NAME}/package.json`));
  } catch {
    return null;
  }
}

/**
 * The folder of the package. A bundler puts this code into a file of another package, or of none: then the package is looked for as
 * that file, the program or the working directory would import it.
 * @throws FlyBrowserError `package_missing`.
 */
export function packageRoot(from: string | undefined = import.meta.dirname): string {
  const program = process.argv[1] === undefined ? [] : [dirname(process.argv[1])];
  const places = [...(from === undefined ? [] : [from]), ...program, process.cwd()]; // a CommonJS bundle has no import.meta
  for (const find of [above, resolvedFrom]) {
    for (const place of find === above ? places.slice(0, 1) : places) {
      const found = find(place);
      if (found !== null) return found;
    }
  }
  throw new FlyBrowserError("package_missing", { name: NAME });
}

/** Builds that are loaded by path, below dist/ or among the parts of the executable. */
const BUILDS = {
  extension: "extension",
  "native-host": "native-host/main.js",
  puppeteer: "puppeteer/index.js",
  demo: "demo",
} as const;

/**
 * The absolute path of a build; the executable has only what isn't code.
 * @throws FlyBrowserError `not_built` if it is missing, `package_missing`.
 */
export function builtPath(name: keyof typeof BUILDS): string {
  const parts = isExecutable() ? executableParts() : join(packageRoot(), "dist");
  const path = join(parts, BUILDS[name]);
  if (!existsSync(path)) throw new FlyBrowserError("not_built", { path });
  return path;
}

/** Node's flags for the host: what it has just made may take 2 MiB before it is looked through, not 16 (docs/decisions/cost.md). */
export const HOST_FLAGS = ["--max-semi-space-size=2"] as const;

/**
 * Program and arguments that start the host: the executable itself, or this Node with the host's main.js.
 * @throws FlyBrowserError as {@link builtPath}.
 */
export function hostCommand(): [program: string, ...args: string[]] {
  return isExecutable() ? [process.execPath] : [process.execPath, ...HOST_FLAGS, builtPath("native-host")];
}
