// Shows viewers what the agent does: keeps the overlay on a page across navigations, over a DevTools session of its own.
// Errors are ignored: video without an overlay is still video.
import { drawOverlay } from "./overlay-page.ts";
import { drawUnseen } from "./overlay-unseen-page.ts";
import { type AnyPage, openSession, type PageSession } from "./page-target.ts";

/** Name of the isolated world in which the overlay runs, out of the page's reach. */
const WORLD = "flybrowser-overlay";
const SETTER = "setCaption";
const NOTIFIER = "notify";
const LAYER = "overlayLayer";

/** The overlay of one page. */
export class Overlay {
  readonly #page: AnyPage;
  #session: Promise<PageSession> | null = null;
  #script: string | null = null;
  #caption = "";

  constructor(page: AnyPage) {
    this.#page = page;
  }

  /** Draws from now on. Idempotent. */
  async start(): Promise<void> {
    this.#session ??= this.#open();
    await this.#session.catch(() => {});
    await this.#draw();
  }

  /** Sets the caption; empty: none. */
  setCaption(caption: string): void {
    this.#caption = caption;
    void this.#draw();
  }

  /** Shows a sentence for a while. */
  notify(words: string): void {
    const expression = `globalThis.${NOTIFIER}?.(${JSON.stringify(words)})`;
    void this.#session?.then((session) => this.#evaluate(session, expression)).catch(() => {}); // the page may be navigating
  }

  /** Removes caption and pointer, and draws nothing on later pages. Idempotent. */
  async stop(): Promise<void> {
    const session = await this.#session?.catch(() => null);
    this.#session = null;
    if (!session) return;
    await this.#evaluate(session, `globalThis.${SETTER}?.(null)`).catch(() => {});
    if (this.#script) {
      await session.send("Page.removeScriptToEvaluateOnNewDocument", { identifier: this.#script }).catch(() => {});
    }
    await session.detach().catch(() => {}); // the page is closed
  }

  async #open(): Promise<PageSession> {
    const session = await openSession(this.#page);
    await session.send("Page.enable");
    session.on("Page.domContentEventFired", () => void this.#draw());
    // Bundlers that keep function names put calls of __name into the text of the function.
    const source = `{ const __name = (named) => named; (${drawOverlay})(${JSON.stringify([SETTER, NOTIFIER, LAYER])}); (${drawUnseen})(${JSON.stringify(LAYER)}); }`;
    const added = await session.send("Page.addScriptToEvaluateOnNewDocument", { source, worldName: WORLD });
    this.#script = (added as { identifier: string }).identifier;
    await this.#evaluate(session, source);
    return session;
  }

  async #draw(): Promise<void> {
    const session = await this.#session?.catch(() => null);
    if (!session) return;
    const caption = JSON.stringify(this.#caption);
    await this.#evaluate(session, `globalThis.${SETTER}?.(${caption})`).catch(() => {}); // the page may be navigating
  }

  async #evaluate(session: PageSession, expression: string): Promise<void> {
    const { frameTree } = (await session.send("Page.getFrameTree")) as { frameTree: { frame: { id: string } } };
    const world = { frameId: frameTree.frame.id, worldName: WORLD };
    const { executionContextId } = (await session.send("Page.createIsolatedWorld", world)) as {
      executionContextId: number;
    };
    await session.send("Runtime.evaluate", { contextId: executionContextId, expression });
  }
}
