// What every section of the bench is given.
import type { PatternServer } from "./pattern/server.ts";

/** Given to each section. */
export interface BenchContext {
  readonly pattern: PatternServer;
  /** A folder for output that is removed at the end. */
  readonly folder: string;
  /** Seconds for each figure. */
  readonly seconds: number;
  /** Shorter than the least times: for trying the bench itself; its figures mean little. */
  readonly quick: boolean;
  /** Folder of the checkout that the section "compare" compares with; `null`: none was given. */
  readonly against: string | null;
  /** Runs of each side in the section "compare". */
  readonly pairs: number;
  /** Subjects of the cost section; `null`: all. */
  readonly subjects: readonly string[] | null;
  /** Says what is being done now. */
  readonly progress: (line: string) => void;
}
