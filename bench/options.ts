// The flags of `npm run bench`. Never starts anything.
import { Command, InvalidArgumentError } from "commander";
import { SUBJECTS } from "./cost/subject.ts";
import { SECTIONS, type SectionName } from "./results.ts";

/** What was asked for. */
export interface BenchOptions {
  readonly only: SectionName[];
  /** Seconds for each figure. */
  readonly seconds: number;
  /** Only JSON on stdout. */
  readonly json: boolean;
  readonly quick: boolean;
  readonly subjects: string[] | null;
}

function list<T extends string>(allowed: readonly T[]) {
  return (text: string): T[] => {
    const names = text.split(",");
    const wrong = names.find((name) => !allowed.includes(name as T));
    if (wrong !== undefined) throw new InvalidArgumentError(`Allowed: ${allowed.join(", ")}.`);
    return allowed.filter((name) => names.includes(name));
  };
}

function positive(text: string): number {
  const figure = Number(text);
  if (!(figure >= 2 && figure <= 600)) throw new InvalidArgumentError("Allowed: 2 to 600.");
  return figure;
}

/** Reads the flags; on a wrong one it says so and ends the process, as commander does. */
export function parseOptions(argv: readonly string[]): BenchOptions {
  const command = new Command("bench")
    .description(
      "Measures latency, cost, viewers, start and the drift of recordings of FlyBrowser Stream on this machine.",
    )
    .option("--only <sections>", `of ${SECTIONS.join(",")}`, list(SECTIONS), [...SECTIONS])
    .option("--seconds <n>", "for each figure (cost and viewers: half of it, but at least 15 and 10)", positive, 30)
    .option(
      "--subjects <names>",
      `of ${SUBJECTS.map(({ name }) => name).join(",")}`,
      list(SUBJECTS.map(({ name }) => name)),
    )
    .option("--quick", "shorter and once only, to try the bench itself", false)
    .option("--json", "only JSON on stdout", false);
  const given = command
    .parse([...argv], { from: "user" })
    .opts<Omit<BenchOptions, "subjects"> & { subjects?: string[] }>();
  return { ...given, subjects: given.subjects ?? null };
}
