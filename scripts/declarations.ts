// Makes the SDK's type declarations stand on their own: types of packages that a user doesn't have are copied next to them.
import { cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";

/** Bundled into the SDK, so its types must come along too. */
const VENDORED = { valibot: "dist/index.d.mts" } as const;
/** Its types are there where the package is; who drives the browser by other means needs neither. */
const OPTIONAL = "puppeteer-core";

/** Changes every declaration file under `folder` in place. `packages`: a node_modules folder. */
export async function standAlone(folder: string, packages: string): Promise<void> {
  await mkdir(join(folder, "vendor"), { recursive: true });
  for (const [name, types] of Object.entries(VENDORED)) {
    const text = await readFile(join(packages, name, types), "utf8");
    await writeFile(join(folder, "vendor", `${name}.d.ts`), withoutComments(text));
    await cp(join(packages, name, "LICENSE.md"), join(folder, "vendor", `${name}.LICENSE.md`));
  }
  const names = await readdir(folder, { recursive: true });
  for (const name of names.filter((name) => name.endsWith(".d.ts") && !name.startsWith("vendor"))) {
    const path = join(folder, name);
    await writeFile(path, rewrite(await readFile(path, "utf8"), relative(dirname(path), join(folder, "vendor"))));
  }
}

/** Comments are two thirds of the vendored types, and their package has them for who wants to read them. */
function withoutComments(text: string): string {
  return text.replace(/^\s*\/\*\*[\s\S]*?\*\/\n/gm, "");
}

/**
 * For `require("flybrowser-stream")`: the same declarations once more, as those of a CommonJS module. TypeScript tells the two
 * kinds apart by the nearest package.json.
 */
export async function commonJsTypes(folder: string): Promise<void> {
  const copy = join(folder, "cjs");
  for (const part of await readdir(folder)) await cp(join(folder, part), join(copy, part), { recursive: true });
  await writeFile(join(copy, "package.json"), '{ "type": "commonjs" }\n');
}

/**
 * The module for `require`, beside the SDK's own. It is the same module, so a program that has both has each class once: Node
 * requires ES modules from 20.19 on (nodejs.org: Loading ECMAScript modules using require()).
 */
export async function commonJsModule(folder: string): Promise<void> {
  await mkdir(join(folder, "cjs"));
  await writeFile(join(folder, "cjs/package.json"), '{ "type": "commonjs" }\n');
  await writeFile(join(folder, "cjs/index.js"), 'module.exports = require("../index.js");\n');
}

/** The text of one file; `vendor` is the way from it to the vendored types. */
export function rewrite(text: string, vendor: string): string {
  let out = text;
  for (const name of Object.keys(VENDORED)) {
    out = out.replaceAll(`"${name}"`, `"${vendor.split(sep).join("/")}/${name}.js"`);
  }
  // "./name.ts" names a source, which isn't here; "./name.js" finds "./name.d.ts" under every module resolution.
  out = out.replace(/(from |import\()"(\.{1,2}\/[^"]+)\.ts"/g, '$1"$2.js"');
  return out.replace(
    new RegExp(`^(?=.*(?:from |import\\()"${OPTIONAL}")`, "gm"),
    "// @ts-ignore: optional; without it, pages are of any type\n",
  );
}
