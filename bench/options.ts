// The flags of `npm run bench`.
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { commandOf } from "./chain.ts";
import { SUBJECTS } from "./cost/subject.ts";
import { SECTIONS, type SectionName, USUAL_SECTIONS } from "./results.ts";

/** What was asked for. */
export interface BenchOptions {
  readonly only: SectionName[];
  /** Seconds for each figure. */
  readonly seconds: number;
  /** Only JSON on stdout. */
  readonly json: boolean;
  readonly quick: boolean;
  readonly subjects: string[] | null;
  /** Folder of a built checkout to compare with. */
  readonly against: string | null;
  /** Runs of each side of the comparison. */
  readonly pairs: number;
}

function list<T extends string>(allowed: readonly T[]) {
  return (text: string): T[] => {
    const names = text.split(",");
    const wrong = names.find((name) => !allowed.includes(name as T));
    if (wrong !== undefined) throw new InvalidArgumentError(`Allowed: ${allowed.join(", ")}.`);
    return allowed.filter((name) => names.includes(name));
  };
}

function between(least: number, most: number) {
  return (text: string): number => {
    const figure = Number(text);
    if (!(figure >= least && figure <= most)) throw new InvalidArgumentError(`Allowed: ${least} to ${most}.`);
    return figure;
  };
}

function builtCheckout(folder: string): string {
  const root = resolve(folder);
  if (!existsSync(commandOf(root))) throw new InvalidArgumentError(`There is no build in it: ${commandOf(root)}.`);
  return root;
}

/** Reads the flags; on a wrong one it says so and ends the process, as commander does. */
export function parseOptions(argv: readonly string[]): BenchOptions {
  const command = new Command("bench")
    .description(
      "Measures FlyBrowser Stream on this machine: start, latency, cost, viewers, the drift of recordings, colours, and another build beside this one.",
    )
    .option("--only <sections>", `of ${SECTIONS.join(",")}`, list(SECTIONS), [...USUAL_SECTIONS])
    .option(
      "--seconds <n>",
      "for each figure (cost and viewers: half of it, but at least 15 and 10)",
      between(2, 600),
      30,
    )
    .option(
      "--subjects <names>",
      `of ${SUBJECTS.map(({ name }) => name).join(",")}`,
      list(SUBJECTS.map(({ name }) => name)),
    )
    .option("--against <folder>", "a checkout with its own dist/, for the section compare", builtCheckout)
    .option("--pairs <n>", "runs of each side in the section compare", between(1, 100), 5)
    .option("--quick", "shorter and once only, to try the bench itself", false)
    .option("--json", "only JSON on stdout", false);
  const given = command
    .parse([...argv], { from: "user" })
    .opts<Omit<BenchOptions, "subjects" | "against"> & { subjects?: string[]; against?: string }>();
  if (given.only.includes("compare") && given.against === undefined)
    command.error("error: the section compare needs --against <folder>: a checkout with its own dist/");
  return { ...given, subjects: given.subjects ?? null, against: given.against ?? null };
}
