// What `flybrowser stream --trace` shows: when each step of the start was done, as a table.
import type { StartStreamResultInWords as StartStreamResult } from "../protocol/results.ts";
import { START_STEPS, type StartMarks } from "../protocol/start-trace.ts";
import { runningHosts } from "../sdk/page-host.ts";
import { say } from "./report.ts";

/** When the command has called `startStream`, and when that has returned; ms since 1970. */
export interface StartCall {
  readonly called: number;
  readonly returned: number;
}

/** The lines of the table: ms since the call, ms since the step before, and the step. Steps overlap: the second says who came last. */
export function traceTable(marks: StartMarks, { called, returned }: StartCall): string[] {
  const steps = [...marks.map(({ step, at }) => ({ at, what: START_STEPS[step] })), { at: returned, what: "returned" }];
  let before = called;
  return steps.map(({ at, what }) => {
    const columns = [at - called, at - before].map((ms) => String(Math.round(ms)).padStart(6));
    before = at;
    return `  ${columns[0]} ms  +${columns[1]}  ${what}`;
  });
}

/** Prints it; without an answer of the host it says so. */
export async function showTrace(
  { stream_id, local_server_port: port }: StartStreamResult,
  call: StartCall,
): Promise<void> {
  const host = runningHosts().find(({ file }) => file.port === port);
  const marks = await host?.getStartMarks(stream_id).catch(() => null);
  if (marks) for (const line of ["  The start, step by step:", ...traceTable(marks, call), ""]) say(line);
  else say("  The host gives no trace of the start.");
}
