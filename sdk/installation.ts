// Where this package lies and what was built in it. The same from the sources, from dist/ and from node_modules.
// Never builds anything.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { FlyBrowserError } from "../protocol/errors.ts";

/**
 * The package's own folder: the nearest one above that is named flybrowser-stream.
 * @throws FlyBrowserError `internal` where there is none (the file was copied out of its package).
 */
export function packageRoot(from: string = import.meta.dirname): string {
  for (let folder = from; ; folder = dirname(folder)) {
    const file = join(folder, "package.json");
    if (existsSync(file) && JSON.parse(readFileSync(file, "utf8")).name === "flybrowser-stream") return folder;
    if (folder === dirname(folder)) {
      throw new FlyBrowserError("internal", { reason: `${from} is not inside the package flybrowser-stream` });
    }
  }
}

/** Things under dist/ that others load by path. */
const PARTS = {
  extension: "dist/extension",
  "extension-automation": "dist/extension-automation",
  "native-host": "dist/native-host/main.js",
  demo: "dist/demo",
} as const;

/**
 * The full path of a built part.
 * @throws FlyBrowserError `not_built` when it isn't there.
 */
export function builtPart(name: keyof typeof PARTS): string {
  const path = join(packageRoot(), PARTS[name]);
  if (!existsSync(path)) throw new FlyBrowserError("not_built", { path });
  return path;
}
