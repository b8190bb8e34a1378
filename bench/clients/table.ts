// The rows of the clients as a table in Markdown.
import type { Row } from "./trial.ts";

const HEAD = [
  "client",
  "way",
  "plays after",
  "sound",
  "behind live",
  "another size of the tab",
  "FFmpeg dies",
  "the end",
  "version, day",
];

const seconds = (value: number | null, otherwise: string) => (value === null ? otherwise : `${value.toFixed(1)} s`);

function cells(row: Row): string[] {
  const fixed = [`${row.version}, ${row.day}`];
  if (row.plays === null) return [row.name, row.way, "no picture", "", "", "", "", "", ...fixed];
  const sound = row.sound ? (row.sound_after || row.resize === null ? "yes" : "until a new run") : "none";
  const plays = `${seconds(row.plays, "")}${row.instead === null ? "" : `, by ${row.instead}`}`;
  const resize = seconds(row.resize, "**stands still**");
  const death = row.resize === null ? "" : seconds(row.death, "**stands still**");
  const end = row.end === null ? "**doesn't end**" : `after ${seconds(row.end, "")}`;
  return [row.name, row.way, plays, sound, seconds(row.behind, ""), resize, death, end, ...fixed];
}

/** A row for each client and way: in the columns of faults the longest time without a new picture. */
export function tableOf(rows: readonly Row[]): string {
  const line = (of: readonly string[]) => `| ${of.join(" | ")} |`;
  return `${[line(HEAD), line(HEAD.map(() => "---")), ...rows.map((row) => line(cells(row)))].join("\n")}\n`;
}
