// Entry of `npm run clients [-- --only NAME,…]`: has each client that is here watch a stream by each of its ways, and writes what was seen
// into docs/clients.json and the table of docs/clients.md. What isn't here keeps the rows that it has.
import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { onPath } from "../../test/e2e/harness/on-path.ts";
import { ON_BARE_PAGES, PLAYERS } from "./browsers.ts";
import type { Client } from "./client.ts";
import { PROGRAMS } from "./programs.ts";
import { tableOf } from "./table.ts";
import { type Row, runTrial } from "./trial.ts";

/** Clients that watch at the same time: two cores decode three pictures of this size beside the browser that is streamed. */
const AT_ONCE = 3;
const ALL: readonly Client[] = [...PLAYERS, ...ON_BARE_PAGES, ...PROGRAMS];
const NEEDED = ["Xvfb", "matchbox-window-manager", "pulseaudio", "pactl", "parec", "ffmpeg"];

const DOCS = resolve(import.meta.dirname, "../../docs");
const [DATA, PAGE] = [resolve(DOCS, "clients.json"), resolve(DOCS, "clients.md")];
const [BEGIN, END] = ["<!-- npm run clients -->", "<!-- end -->"];

const progress = (line: string) => process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);

function chosen(): readonly Client[] {
  const { only } = parseArgs({ options: { only: { type: "string" } } }).values;
  if (only === undefined) return ALL;
  const names = only.split(",").map((name) => name.trim().toLowerCase());
  const isNamed = (client: Client, name: string) => `${client.name} ${client.way}`.toLowerCase().startsWith(name);
  for (const name of names) {
    if (ALL.some((client) => isNamed(client, name))) continue;
    throw new Error(
      `--only: no client is named ${name}; there are ${[...new Set(ALL.map(({ name }) => name))].join(", ")}`,
    );
  }
  return ALL.filter((client) => names.some((name) => isNamed(client, name)));
}

async function save(rows: readonly Row[]): Promise<void> {
  const known = JSON.parse(await readFile(DATA, "utf8").catch(() => "[]")) as Row[];
  const key = ({ name, way }: Pick<Row, "name" | "way">) => `${name} ${way}`;
  const merged = ALL.flatMap(
    (client) => rows.find((row) => key(row) === key(client)) ?? known.find((row) => key(row) === key(client)) ?? [],
  );
  await writeFile(DATA, `${JSON.stringify(merged, null, 2)}\n`);
  const text = await readFile(PAGE, "utf8");
  const [before, rest = ""] = text.split(BEGIN);
  const after = rest.split(END)[1] ?? "";
  await writeFile(PAGE, `${before}${BEGIN}\n\n${tableOf(merged)}\n${END}${after}`);
}

const missing = NEEDED.filter((program) => {
  try {
    onPath(program);
    return false;
  } catch {
    return true;
  }
});
if (missing.length > 0) {
  process.stderr.write(
    `npm run clients needs ${missing.join(", ")} (Debian: xvfb, matchbox-window-manager, pulseaudio)\n`,
  );
  process.exit(1);
}
const here: { client: Client; version: string }[] = [];
for (const client of chosen()) {
  const version = await client.version();
  if (version === null) progress(`${client.name} isn't installed`);
  else here.push({ client, version });
}
for (let at = 0; at < here.length; at += AT_ONCE) {
  const group = here.slice(at, at + AT_ONCE);
  progress(`${at + 1} to ${at + group.length} of ${here.length}`);
  await save(await runTrial(group, progress));
}
process.stdout.write(await readFile(PAGE, "utf8").then((text) => text.split(BEGIN)[1]?.split(END)[0] ?? ""));
