// Tells when a page has come to the front, or shows another document there: Chrome takes a click on the extension's button to be for one
// site, and only for the tab in front, so it has to be done again then. Over a DevTools session of its own.
import { type AnyPage, openSession, type PageSession } from "./page-target.ts";

/** Name of the isolated world, and of the binding in it. */
const WORLD = "flybrowser-front";
const BINDING = "flybrowserFront";

/** Sent to the page as text, so it can't import anything. */
function watchFront(binding: string): void {
  const world = globalThis as unknown as Record<string, unknown>;
  const done = `${binding}Watches`;
  if (world[done] || window !== window.top) return;
  world[done] = true;
  const tell = () => {
    if (document.visibilityState === "visible") (world[binding] as ((text: string) => void) | undefined)?.("");
  };
  const listen = () => addEventListener("visibilitychange", tell, { capture: true, passive: true });
  listen();
  // document.open() takes all listeners of the window away. Twice is once.
  new MutationObserver(listen).observe(document, { childList: true });
  tell();
}

/** One page's. */
export class FrontWatch {
  readonly #page: AnyPage;
  readonly #told: () => void;
  #session: Promise<PageSession> | null = null;

  constructor(page: AnyPage, told: () => void) {
    this.#page = page;
    this.#told = told;
  }

  /** Watches from now on; the first word may come at once. Idempotent. */
  async start(): Promise<void> {
    this.#session ??= this.#open();
    await this.#session.catch(() => {}); // the page is closed
  }

  /** Watches no more. Idempotent. */
  async stop(): Promise<void> {
    const session = await this.#session?.catch(() => null);
    this.#session = null;
    await session?.detach().catch(() => {}); // the page is closed; what the session had added goes with it
  }

  async #open(): Promise<PageSession> {
    const session = await openSession(this.#page);
    session.on("Runtime.bindingCalled", (params) => {
      if ((params as { name: string }).name === BINDING) this.#told();
    });
    await session.send("Page.enable");
    await session.send("Runtime.enable"); // else Chrome makes no binding
    await session.send("Runtime.addBinding", { name: BINDING, executionContextName: WORLD });
    // Bundlers that keep function names put calls of __name into the text of the function.
    const source = `{ const __name = (named) => named; (${watchFront})(${JSON.stringify(BINDING)}); }`;
    await session.send("Page.addScriptToEvaluateOnNewDocument", { source, worldName: WORLD, runImmediately: true });
    return session;
  }
}
