// Holds the import rule (docs/architecture.md): which folder may import from which. One table, here.
// Never looks at packages from npm, nor at cycles: the linter does that.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix, relative } from "node:path";

/**
 * For each folder, what it may import besides itself: folders (with all below them) or single files. A file belongs
 * to the deepest folder named here. Tests, scripts, bench and examples may import anything and are not named.
 */
export const RULES: Readonly<Record<string, readonly string[]>> = {
  protocol: ["package.json"],
  "protocol/node": ["protocol"],
  extension: ["protocol"],
  player: ["protocol"],
  sdk: ["protocol", "protocol/node"],
  cli: ["protocol", "protocol/node", "sdk"],
  "native-host": [
    ...["protocol", "protocol/node"],
    ...[
      "native-host/media",
      "native-host/packager",
      "native-host/ffmpeg",
      "native-host/stream",
      "native-host/sinks",
      "native-host/http",
    ],
    "native-host/metrics",
  ],
  "native-host/media": ["protocol"],
  "native-host/packager": ["protocol", "native-host/media"],
  "native-host/ffmpeg": ["protocol", "native-host/logging.ts"],
  "native-host/stream": [
    "protocol",
    "native-host/media",
    "native-host/packager",
    "native-host/ffmpeg",
    "native-host/logging.ts",
  ],
  "native-host/sinks": [
    ...[
      "protocol",
      "protocol/node",
      "native-host/stream",
      "native-host/media",
      "native-host/packager",
      "native-host/ffmpeg",
    ],
    "native-host/logging.ts",
  ],
  "native-host/metrics": ["protocol"],
  "native-host/http": [
    ...[
      "protocol",
      "protocol/node/view-addresses.ts",
      "native-host/stream",
      "native-host/media",
      "native-host/packager",
    ],
    "native-host/logging.ts",
  ],
};

const FOLDERS = Object.keys(RULES).sort((a, b) => b.length - a.length);

/** The folder of the table that a file belongs to; null: none. */
function folderOf(file: string): string | null {
  return FOLDERS.find((folder) => file.startsWith(`${folder}/`)) ?? null;
}

/** The relative imports of a source text, types included. */
export function relativeImports(source: string): string[] {
  const withoutComments = source.replace(/^\s*(\/\/|\*|\/\*).*$/gm, "");
  return [...withoutComments.matchAll(/\b(?:from|import)\s*\(?\s*["'](\.{1,2}\/[^"']+)["']/g)].map(
    (match) => match[1] ?? "",
  );
}

/** What is wrong with the imports of one file (its path from the root, with `/`), in sentences. */
export function violations(file: string, source: string): string[] {
  const folder = folderOf(file);
  if (folder === null) return [];
  const allowed = RULES[folder] ?? [];
  return relativeImports(source).flatMap((specifier) => {
    const target = posix.join(posix.dirname(file), specifier);
    const home = folderOf(target);
    const fine = home === folder || allowed.includes(target) || (home !== null && allowed.includes(home));
    if (fine) return [];
    const words = allowed.length > 0 ? allowed.join(", ") : "nothing else";
    return [`${file} imports ${target}.\n    ${folder} may import, besides itself: ${words}`];
  });
}

function sources(root: string, folder: string): string[] {
  const top = join(root, folder);
  const names = readdirSync(top, { recursive: true, encoding: "utf8" });
  return names
    .filter((name) => /\.(ts|tsx|mts)$/.test(name))
    .map((name) => posix.join(folder, name.replaceAll("\\", "/")));
}

function main(): void {
  const root = dirname(import.meta.dirname);
  const tops = new Set(FOLDERS.map((folder) => folder.split("/")[0] ?? folder));
  const files = [...tops].flatMap((top) => sources(root, top));
  const wrong = files.flatMap((file) => violations(file, readFileSync(join(root, file), "utf8")));
  if (wrong.length === 0) {
    process.stdout.write(`Imports: ${files.length} files, all within the rule.\n`);
    return;
  }
  process.stdout.write(`The import rule is broken (the table is in ${relative(root, import.meta.filename)}):\n`);
  for (const sentence of wrong) process.stdout.write(`  ${sentence}\n`);
  process.exitCode = 1;
}

if (process.argv[1] === import.meta.filename) main();
