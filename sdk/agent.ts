// What an agent is to the SDK: one function, given by the user. Never an agent itself, and never a model.
import { FlyBrowserError } from "../protocol/errors.ts";
import type { FlyBrowser } from "./flybrowser.ts";
import type { AnyPage } from "./page-target.ts";
import type { RunningTask } from "./task-book.ts";

/** What an {@link AgentFunction} gets besides the instruction and the page. */
export interface AgentContext<P extends AnyPage> {
  readonly browser: FlyBrowser<P>;
  /** `act`: one action. `agent`: a whole task, to be done in as many steps as it takes. */
  readonly kind: "act" | "agent";
  /** The task that viewers see for this call. */
  readonly task_id: string;
  /** Marks a step of it: a task inside this call's task. */
  readonly task: <T>(name: string, step: (task: RunningTask) => T | Promise<T>) => Promise<T>;
  /** Tells viewers what is being done at the moment. */
  readonly note: (detail: string) => void;
  /** Aborted when the browser is closed: stop asking the model then. */
  readonly signal: AbortSignal;
}

/**
 * Carries out an instruction on a page: Stagehand, browser-use over HTTP, or a loop of one's own. What it gives is what
 * `act` and `agent` give; what it throws, they throw.
 */
export type AgentFunction<P extends AnyPage> = (
  instruction: string,
  page: P,
  context: AgentContext<P>,
) => unknown | Promise<unknown>;

/** Refuses an agent that is no function. @throws FlyBrowserError `invalid_option`. */
export function assertAgent(agent: unknown): void {
  if (agent === undefined || typeof agent === "function") return;
  const value = JSON.stringify(agent) ?? typeof agent;
  const allowed = "a function (instruction, page, context)";
  throw new FlyBrowserError("invalid_option", { option: "agent", value, allowed });
}
