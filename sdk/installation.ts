// Where this package is installed, and what is built in it. Works from the sources, from dist/ and from node_modules.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { FlyBrowserError } from "../protocol/errors.ts";
import { sentence } from "../protocol/sentence.ts";

/**
 * The folder of the package: the nearest one above with a package.json named flybrowser-stream.
 * @throws FlyBrowserError `internal` if there is none, since the file was copied out of its package.
 */
export function packageRoot(from: string = import.meta.dirname): string {
  for (let folder = from; ; folder = dirname(folder)) {
    const file = join(folder, "package.json");
    if (existsSync(file) && JSON.parse(readFileSync(file, "utf8")).name === "flybrowser-stream") return folder;
    if (folder === dirname(folder)) {
      throw new FlyBrowserError("internal", { reason: sentence("install.outside_package", { path: from }) });
    }
  }
}

/** Builds that are loaded by path. */
const BUILDS = {
  extension: "dist/extension",
  "extension-automation": "dist/extension-automation",
  "native-host": "dist/native-host/main.js",
  demo: "dist/demo",
} as const;

/**
 * The absolute path of a build.
 * @throws FlyBrowserError `not_built` if it is missing.
 */
export function builtPath(name: keyof typeof BUILDS): string {
  const path = join(packageRoot(), BUILDS[name]);
  if (!existsSync(path)) throw new FlyBrowserError("not_built", { path });
  return path;
}
