// `npm run house`: writes the house, a line a file, into docs/architecture.md, from the first comment of each file.
// Never invents a line: a file without an opening comment is an error.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..");
const PAGE = join(ROOT, "docs/architecture.md");
/** The rooms, in the order in which a chunk of media meets them. */
const ROOMS = [
  "protocol",
  "extension",
  "native-host",
  "player",
  "sdk",
  "cli",
  "scripts",
  "bench",
  "test/e2e/harness",
  "test/host/harness",
];
const BEGIN = "<!-- the house: written by `npm run house` -->";

/** The first sentence of a file's opening comment. */
export function openingSentence(source: string): string | null {
  const lines = source.replace(/^#!.*\n/, "").split("\n");
  const comment: string[] = [];
  for (const line of lines) {
    const text = /^\/\/ ?(.*)$/.exec(line)?.[1];
    if (text === undefined) break;
    comment.push(text);
  }
  const whole = comment.join(" ").trim();
  if (whole === "") return null;
  // A full stop ends the sentence where a capital letter, a quotation or nothing follows.
  return (/^.*?[.!?](?=\s+[A-Z`"]|$)/.exec(whole)?.[0] ?? whole).trim();
}

/** The house as Markdown: a heading a room, a line a file. */
export function house(root: string = ROOT): string {
  const files = execFileSync("git", ["ls-files", ...ROOMS], { cwd: root, encoding: "utf8" })
    .split("\n")
    .filter((file) => /\.(ts|tsx|mjs|js)$/.test(file) && !file.endsWith(".d.ts"));
  return ROOMS.map((room) => {
    const lines = files
      .filter((file) => file.startsWith(`${room}/`))
      .map((file) => {
        const sentence = openingSentence(readFileSync(join(root, file), "utf8"));
        if (sentence === null)
          throw new Error(`${file} has no opening comment: say what it owns and what it never does`);
        return `- \`${file.slice(room.length + 1)}\`: ${sentence}`;
      });
    return `### ${room}/\n\n${lines.join("\n")}\n`;
  }).join("\n");
}

/** docs/architecture.md with the house of now. */
export function pageWithHouse(page: string, root: string = ROOT): string {
  const at = page.indexOf(BEGIN);
  if (at < 0) throw new Error(`docs/architecture.md has no line "${BEGIN}"`);
  return `${page.slice(0, at)}${BEGIN}\n\n${house(root)}`;
}

if (process.argv[1] === import.meta.filename) writeFileSync(PAGE, pageWithHouse(readFileSync(PAGE, "utf8")));
