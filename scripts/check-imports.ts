// Checks every import between our own files: whether the folder may have it, by the table below, and whether files import
// each other in a circle. Type imports count too (the linter's noImportCycles leaves them out).
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";

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
    ...["native-host/ffmpeg", "native-host/media", "native-host/ingest", "native-host/packager", "native-host/stream"],
    ...["native-host/sinks", "native-host/http", "native-host/metrics", "native-host/sharing", "native-host/ladder"],
  ],
  executable: ["native-host", "native-host/sharing", "native-host/sinks", "cli"],
  "native-host/media": ["protocol", "native-host/logging.ts"],
  "native-host/ffmpeg": ["protocol", "native-host/media", "native-host/logging.ts"],
  "native-host/ingest": ["protocol", "native-host/media", "native-host/ffmpeg", "native-host/logging.ts"],
  "native-host/packager": ["protocol", "native-host/media"],
  "native-host/ladder": [
    ...["protocol", "native-host/media", "native-host/packager", "native-host/ffmpeg", "native-host/logging.ts"],
  ],
  "native-host/stream": [
    ...["protocol", "native-host/media", "native-host/ingest", "native-host/packager", "native-host/ffmpeg"],
    ...["native-host/ladder", "native-host/logging.ts"],
  ],
  "native-host/sinks": [
    ...["protocol", "protocol/node", "native-host/media", "native-host/stream", "native-host/ffmpeg"],
    ...["native-host/packager", "native-host/logging.ts"],
  ],
  "native-host/sharing": ["protocol", "protocol/node", "native-host/stream", "native-host/logging.ts"],
  "native-host/metrics": ["protocol", "native-host/media"],
  "native-host/http": [
    ...[
      "protocol",
      "protocol/node/view-addresses.ts",
      "native-host/media",
      "native-host/packager",
      "native-host/stream",
    ],
    "native-host/logging.ts",
  ],
};

/** Folders without a rule, where only circles are looked for. */
const FREE = ["bench", "examples", "scripts", "test"];

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

/** The files that each file imports, by path from the root; files that aren't among the keys of `sources` are left out. */
function importGraph(sources: ReadonlyMap<string, string>): Map<string, string[]> {
  const targets = (file: string, source: string) =>
    relativeImports(source).map((specifier) => posix.join(posix.dirname(file), specifier));
  return new Map(
    [...sources].map(([file, source]) => [file, targets(file, source).filter((target) => sources.has(target))]),
  );
}

/**
 * The circles among files that import each other, each as the files in the order of their imports. Of circles that share
 * files not every one is listed, but none is left once the list is empty.
 * @param sources text of each file, by its path from the root
 */
export function circles(sources: ReadonlyMap<string, string>): string[][] {
  const graph = importGraph(sources);
  const finished = new Set<string>();
  const way: string[] = [];
  const found: string[][] = [];
  const visit = (file: string): void => {
    const at = way.indexOf(file);
    if (at >= 0) found.push(way.slice(at));
    if (at >= 0 || finished.has(file)) return;
    way.push(file);
    for (const target of graph.get(file) ?? []) visit(target);
    way.pop();
    finished.add(file);
  };
  for (const file of graph.keys()) visit(file);
  return found;
}

function readSources(root: string): Map<string, string> {
  const tops = new Set([...FOLDERS.map((folder) => folder.split("/")[0] ?? folder), ...FREE]);
  const files = [...tops].sort().flatMap((top) =>
    readdirSync(join(root, top), { recursive: true, encoding: "utf8" })
      .filter((name) => /\.(ts|tsx|mts|mjs)$/.test(name))
      .map((name) => posix.join(top, name.replaceAll("\\", "/")))
      .sort(),
  );
  return new Map(files.map((file) => [file, readFileSync(join(root, file), "utf8")]));
}

function main(): void {
  const sources = readSources(dirname(import.meta.dirname));
  const say = (line: string) => process.stdout.write(`${line}\n`);
  const wrong = [...sources].flatMap(([file, source]) => violations(file, source));
  if (wrong.length > 0) say(`The import rule is broken (the table is in scripts/check-imports.ts):`);
  for (const sentence of wrong) say(`  ${sentence}`);
  const found = circles(sources);
  for (const circle of found) say(`Circle: ${[...circle, circle[0]].join(" → ")}`);
  if (wrong.length > 0 || found.length > 0) process.exitCode = 1;
  else say(`Imports: ${sources.size} files, all within the rule, no circles.`);
}

if (process.argv[1] === import.meta.filename) main();
