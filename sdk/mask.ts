// Keeps parts of a page out of the picture while it is streamed or recorded: password fields always, and what the caller's selectors
// match; in every frame, those of other processes too, before their scripts run.
import { LATE, timeout } from "../protocol/async.ts";
import { FlyBrowserError, wordsOf } from "../protocol/errors.ts";
import { sentence } from "../protocol/sentence.ts";
import { maskDocument } from "./mask-page.ts";
import { type AnyPage, openSession, type PageSession } from "./page-target.ts";

/** Options of `startStream` and `startRecording` that the SDK itself carries out. */
export interface MaskOptions {
  /** CSS selectors of what viewers don't see; `input[type=password]` needs none. */
  readonly mask?: readonly string[];
}

const WORLD = "flybrowser-mask";
const SETTER = "endMask";
/** ms for the answer of a frame in another process. */
const FRAME_TIMEOUT = 5_000;

type Send = (method: string, params?: object) => Promise<unknown>;

interface Answer {
  readonly id?: number;
  readonly error?: { readonly message: string };
  readonly result?: unknown;
  readonly method?: string;
  readonly params?: unknown;
}

/** A frame of another process, as DevTools tells of it. */
interface Attached {
  readonly sessionId: string;
  readonly targetInfo: { readonly type: string };
}

/** Takes `mask` out of the options. @throws FlyBrowserError `invalid_option` */
export function splitMask<O extends MaskOptions>(options: O): { mask: readonly string[]; rest: Omit<O, "mask"> } {
  const { mask = [], ...rest } = options;
  const allowed = sentence("allowed.selectors");
  const bad = Array.isArray(mask) ? mask.find((each) => typeof each !== "string" || each.trim() === "") : mask;
  if (bad !== undefined) {
    throw new FlyBrowserError("invalid_option", { option: "mask", value: JSON.stringify(bad) ?? String(bad), allowed });
  }
  return { mask, rest };
}

/** The mask of one page. */
export class Mask {
  readonly #page: AnyPage;
  /** A frame can't be masked: the page is to be hidden. */
  readonly #onFailure: (reason: string) => void;
  #session: PageSession | null = null;
  #selectors: readonly string[] = [];
  /** By which each target is reached: the page, and frames of other processes. */
  readonly #targets = new Set<Send>();

  constructor(page: AnyPage, onFailure: (reason: string) => void) {
    this.#page = page;
    this.#onFailure = onFailure;
  }

  /**
   * Masks the page from now on; what was masked before is so too.
   * @throws FlyBrowserError `invalid_option` where one is no selector, `mask_failed`
   */
  async start(selectors: readonly string[]): Promise<void> {
    const all = [...new Set([...this.#selectors, ...selectors])];
    if (this.#session && all.length === this.#selectors.length) return;
    try {
      const session = await openSession(this.#page);
      const send: Send = (method, params) => session.send(method, params);
      await this.#check(send, all).catch(async (thrown: unknown) => {
        await session.detach();
        throw thrown;
      });
      const before = this.#session;
      this.#targets.clear();
      this.#session = session;
      this.#selectors = all;
      await this.#cover(
        send,
        (event, listener) => session.on(event, listener),
        async () => {},
      );
      // Only now: in between, something would be seen.
      await before?.detach();
    } catch (cause) {
      if (cause instanceof FlyBrowserError) throw cause;
      await this.stop();
      throw new FlyBrowserError("mask_failed", { reason: wordsOf(cause) }, { cause });
    }
  }

  /** The selectors by which it masks. */
  get selectors(): readonly string[] {
    return this.#selectors;
  }

  /** Shows everything again. Idempotent. */
  async stop(): Promise<void> {
    const session = this.#session;
    this.#session = null;
    this.#selectors = [];
    if (!session) return;
    for (const send of this.#targets) await this.#inFrames(send, `globalThis.${SETTER}?.()`).catch(() => {}); // it has gone
    this.#targets.clear();
    await session.detach().catch(() => {}); // the page is closed
  }

  /** @throws FlyBrowserError `invalid_option` */
  async #check(send: Send, selectors: readonly string[]): Promise<void> {
    for (const selector of selectors) {
      const expression = `try { new CSSStyleSheet().insertRule(${JSON.stringify(`${selector} {}`)}); true } catch { false }`;
      const { result } = (await send("Runtime.evaluate", { expression })) as { result: { value: boolean } };
      if (result.value) continue;
      throw new FlyBrowserError("invalid_option", {
        ...{ option: "mask", value: JSON.stringify(selector) },
        allowed: sentence("allowed.selectors"),
      });
    }
  }

  get #source(): string {
    // Bundlers that keep function names put calls of __name into the text of the function.
    const call = `(${maskDocument})(${JSON.stringify(SETTER)}, ${JSON.stringify(this.#selectors)})`;
    return `{ const __name = (named) => named; ${call}; }`;
  }

  /** Masks a target with its frames, and those of other processes below it, which wait for that until `resume`. */
  async #cover(
    send: Send,
    on: (event: string, listener: (params: unknown) => void) => void,
    resume: () => Promise<unknown>,
  ): Promise<void> {
    const listeners = new Map<string, (answer: Answer) => void>();
    on("Target.receivedMessageFromTarget", (params) => {
      const { sessionId, message } = params as { sessionId: string; message: string };
      listeners.get(sessionId)?.(JSON.parse(message) as Answer);
    });
    on("Target.attachedToTarget", (params) => {
      const { sessionId, targetInfo } = params as Attached;
      void this.#coverFrame(send, sessionId, targetInfo.type, listeners).catch((thrown: unknown) => {
        // A frame may go while it is being masked; the one that is there and can't be is what counts.
        if (listeners.has(sessionId)) this.#onFailure(String(thrown));
      });
    });
    on("Target.detachedFromTarget", (params) => void listeners.delete((params as Attached).sessionId));
    await send("Page.enable");
    await send("Page.addScriptToEvaluateOnNewDocument", { source: this.#source, worldName: WORLD });
    await send("Target.setAutoAttach", { autoAttach: true, waitForDebuggerOnStart: true, flatten: false });
    await resume();
    await this.#inFrames(send, this.#source);
    this.#targets.add(send);
  }

  /** A session inside the session: the libraries don't hand out those of frames in time. */
  async #coverFrame(
    parent: Send,
    sessionId: string,
    type: string,
    listeners: Map<string, (answer: Answer) => void>,
  ): Promise<void> {
    let last = 0;
    const open = new Map<number, (answer: Answer) => void>();
    const events = new Map<string, (params: unknown) => void>();
    listeners.set(sessionId, (answer) => {
      if (answer.id !== undefined) open.get(answer.id)?.(answer);
      else if (answer.method) events.get(answer.method)?.(answer.params);
    });
    const send: Send = async (method, params = {}) => {
      const id = ++last;
      const answered = new Promise<Answer>((resolve) => void open.set(id, resolve));
      await parent("Target.sendMessageToTarget", { sessionId, message: JSON.stringify({ id, method, params }) });
      const answer = await timeout(answered, FRAME_TIMEOUT);
      open.delete(id);
      if (answer === LATE) throw new Error(`${method} was not answered`);
      if (answer.error) throw new Error(answer.error.message);
      return answer.result;
    };
    const resume = () => send("Runtime.runIfWaitingForDebugger");
    if (type === "iframe") await this.#cover(send, (event, listener) => void events.set(event, listener), resume);
    else await resume(); // a worker, which shows nothing
  }

  /** Evaluates in every document of a target, in the mask's world. @throws Error what it throws there */
  async #inFrames(send: Send, expression: string): Promise<void> {
    interface Tree {
      readonly frame: { readonly id: string };
      readonly childFrames?: readonly Tree[];
    }
    const idsOf = ({ frame, childFrames = [] }: Tree): string[] => [frame.id, ...childFrames.flatMap(idsOf)];
    const { frameTree } = (await send("Page.getFrameTree")) as { frameTree: Tree };
    for (const frameId of idsOf(frameTree)) {
      const world = await send("Page.createIsolatedWorld", { frameId, worldName: WORLD }).catch(() => null); // it has gone
      if (world === null) continue;
      const { executionContextId: contextId } = world as { executionContextId: number };
      const answer = (await send("Runtime.evaluate", { contextId, expression })) as {
        exceptionDetails?: { text: string };
      };
      if (answer.exceptionDetails) throw new Error(answer.exceptionDetails.text);
    }
  }
}
