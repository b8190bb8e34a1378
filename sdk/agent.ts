// What an agent is to the SDK: one function, given by the user, and how it is given. Never an agent itself, never a model.
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

/** What {@link FlyBrowser.attach} may be given. */
export interface AttachOptions<P extends AnyPage> {
  /** Carries out what `act` and `agent` are asked for. */
  readonly agent?: AgentFunction<P>;
  /**
   * Draws pointer, clicks and the running task into the picture while a stream runs. Nodes of it can't be found by the
   * page or by selectors; a screenshot shows it. Left out: nothing is drawn.
   */
  readonly show_actions?: boolean;
}

/** Refuses what can't be attached. @throws FlyBrowserError `invalid_option`, `unknown_option`. */
export function assertAttachOptions(options: object): void {
  const allowed: Readonly<Record<string, [type: string, words: string]>> = {
    agent: ["function", "a function (instruction, page, context)"],
    show_actions: ["boolean", "true, false"],
  };
  for (const [option, value] of Object.entries(options)) {
    const known = allowed[option];
    if (!known) throw new FlyBrowserError("unknown_option", { option, allowed: Object.keys(allowed).join(", ") });
    if (value === undefined || typeof value === known[0]) continue;
    const text = JSON.stringify(value) ?? typeof value;
    throw new FlyBrowserError("invalid_option", { option, value: text, allowed: known[1] });
  }
}
