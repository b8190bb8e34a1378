// The prompts that are open: one window each, one at a time for a site, few at all, and not often. Whether to ask, and what
// becomes of an answer, is decided in pairing.ts.
import { FlyBrowserError } from "../../protocol/errors.ts";
import { type Decision, type PairingRequest, PROMPT_TIMEOUT } from "../../protocol/page-messages.ts";
import { type Sentence, sentence } from "../../protocol/sentence.ts";
import { RateLimit } from "../rate-limit.ts";

/** Prompts of one site in a minute. */
const PER_MINUTE = 3;
/** Prompts that may be open at the same time, of all sites. */
const MAX_OPEN = 3;
/** ms that the window has to load and to ask what it is about. */
const LOAD_TIMEOUT = 15_000;

/** What the user did. */
export type Answer = Decision | "dismissed";

/** What {@link PairingPrompts} works with. */
export interface PromptDependencies {
  /** Opens the window of a request near the window that it comes from; gives the new window's id. */
  readonly open: (request_id: string, window_id: number | null) => Promise<number>;
  readonly close: (window_id: number) => Promise<void>;
  readonly now?: () => number;
}

interface Prompt {
  readonly request: PairingRequest;
  readonly settle: (answer: Answer) => void;
  window_id: number | null;
  described: boolean;
}

/** The owner of the prompts. */
export class PairingPrompts {
  readonly #deps: PromptDependencies;
  readonly #open = new Map<string, Prompt>();
  readonly #limits = new Map<string, RateLimit>();

  constructor(dependencies: PromptDependencies) {
    this.#deps = dependencies;
  }

  /**
   * Asks the user. `gone` ends it: nobody waits for the answer any more.
   * @throws FlyBrowserError `rate_limited`; `internal` when Chrome opens no window
   */
  async ask(request: PairingRequest, window_id: number | null, gone: AbortSignal): Promise<Answer> {
    this.#mayOpen(request.origin);
    const request_id = crypto.randomUUID();
    let settle: (answer: Answer) => void = () => {};
    const answered = new Promise<Answer>((resolve) => {
      settle = resolve;
    });
    const prompt: Prompt = { request, settle, window_id: null, described: false };
    this.#open.set(request_id, prompt);
    const dismiss = () => settle("dismissed");
    const timers = [setTimeout(() => prompt.described || dismiss(), LOAD_TIMEOUT), setTimeout(dismiss, PROMPT_TIMEOUT)];
    gone.addEventListener("abort", dismiss, { once: true });
    if (gone.aborted) dismiss();
    try {
      prompt.window_id = await this.#deps.open(request_id, window_id);
      return await answered;
    } finally {
      for (const timer of timers) clearTimeout(timer);
      gone.removeEventListener("abort", dismiss);
      this.#open.delete(request_id);
      if (prompt.window_id !== null) await this.#deps.close(prompt.window_id).catch(() => {}); // closed by the user
    }
  }

  /** What a window is about. @throws FlyBrowserError `not_found` when nobody waits for an answer. */
  describe(request_id: string): PairingRequest {
    const prompt = this.#get(request_id);
    prompt.described = true;
    return prompt.request;
  }

  /** The user has answered. @throws FlyBrowserError `not_found`; `invalid_option` for an answer that wasn't offered. */
  answer(request_id: string, decision: Decision): void {
    const prompt = this.#get(request_id);
    if (decision === "always" && prompt.request.only_once !== null) {
      throw new FlyBrowserError("invalid_option", { option: "decision", value: decision, allowed: "once, never" });
    }
    prompt.settle(decision);
  }

  /** A window of the browser was closed: if it was a prompt, that is an answer too. */
  windowClosed(window_id: number): void {
    for (const prompt of this.#open.values()) if (prompt.window_id === window_id) prompt.settle("dismissed");
  }

  #get(request_id: string): Prompt {
    const prompt = this.#open.get(request_id);
    if (!prompt) throw new FlyBrowserError("not_found");
    return prompt;
  }

  #mayOpen(origin: string): void {
    for (const { request } of this.#open.values()) {
      if (request.origin === origin) throw limited(sentence("limit.prompts_per_site"), 10);
    }
    if (this.#open.size >= MAX_OPEN) throw limited(sentence("limit.prompts", { count: MAX_OPEN }), 10);
    for (const [known, limit] of this.#limits) if (limit.full) this.#limits.delete(known);
    const limit = this.#limits.get(origin) ?? new RateLimit(PER_MINUTE, PER_MINUTE / 60, this.#deps.now);
    this.#limits.set(origin, limit);
    const seconds = limit.take();
    if (seconds > 0) throw limited(sentence("limit.prompts_per_minute", { count: PER_MINUTE }), seconds);
  }
}

function limited(limit: Sentence, seconds: number): FlyBrowserError {
  return new FlyBrowserError("rate_limited", { limit, seconds });
}
