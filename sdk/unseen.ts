// What viewers can't see since Chrome draws it outside of the page, over a DevTools session of its own: dialogs and file choosers are told, and
// nothing is answered: whoever drives the page does that, or its library, or a person who has taken over.
import { timeout } from "../protocol/async.ts";
import { MAX_DIALOG_TEXT } from "../protocol/control-messages.ts";
import { Emitter } from "../protocol/emitter.ts";
import { text } from "../protocol/sentence.ts";
import { type AnyPage, openSession, type PageSession } from "./page-target.ts";
import { type UnseenEvent, watchUnseen } from "./unseen-page.ts";

/** Name of the isolated world, and of the binding in it. */
const WORLD = "flybrowser-unseen";
const BINDING = "flybrowserUnseen";
/** Permissions for which Chrome asks. */
const PERMISSIONS = ["geolocation", "notifications", "camera", "microphone", "clipboard-read", "midi", "local-fonts"];
/** Characters of a dialog's text, and of the names of files. */
const MAX_TEXT = 160;

/** `Page.javascriptDialogOpening` of the DevTools protocol. */
interface Opening {
  readonly type: "alert" | "confirm" | "prompt" | "beforeunload";
  readonly message: string;
  readonly defaultPrompt?: string;
}

/** A dialog that is open. */
export interface OpenDialog extends Pick<Opening, "type" | "message"> {
  /** Of a prompt: what stands there. */
  readonly entered: string;
}

/** ms within which the browser takes an answer. */
const ANSWERED_WITHIN = 5_000;

/** Gets what has opened, and what has become of it: `null` while it is open. `halts`: the page, if it draws nothing meanwhile. */
export type Tell = (what: string, outcome: string | null, halts: AnyPage | null) => void;

/** One page's. */
export class Unseen {
  readonly #page: AnyPage;
  readonly #tell: Tell;
  #session: Promise<PageSession> | null = null;
  #script: string | null = null;
  #dialog: OpenDialog | null = null;
  readonly #dialogs = new Emitter();

  constructor(page: AnyPage, tell: Tell) {
    this.#page = page;
    this.#tell = tell;
  }

  /** Watches from now on. Idempotent. */
  async start(): Promise<void> {
    this.#session ??= this.#open();
    await this.#session.catch(() => {}); // the page is closed: there is nothing to see
  }

  /** The dialog that is open; `null`: none. */
  get dialog(): OpenDialog | null {
    return this.#dialog;
  }

  /** Calls `listener` when a dialog has opened or closed; gives the function that ends this. */
  onDialog(listener: () => void): () => void {
    return this.#dialogs.on(listener);
  }

  /** Answers the dialog that is open; where it has just been answered, nothing happens. */
  async answer(accept: boolean, promptText: string): Promise<void> {
    const session = await this.#session?.catch(() => null);
    const answered = session?.send("Page.handleJavaScriptDialog", { accept, promptText }) ?? Promise.resolve(null);
    await timeout(
      answered.catch(() => null),
      ANSWERED_WITHIN,
    );
  }

  /** Watches no more. Idempotent. */
  async stop(): Promise<void> {
    const session = await this.#session?.catch(() => null);
    this.#session = null;
    this.#dialog = null;
    if (!session) return;
    const identifier = this.#script;
    if (identifier) await session.send("Page.removeScriptToEvaluateOnNewDocument", { identifier }).catch(() => {});
    await session.detach().catch(() => {}); // the page is closed
  }

  async #open(): Promise<PageSession> {
    const session = await openSession(this.#page);
    let open = "";
    session.on("Page.javascriptDialogOpening", (params) => {
      const { type, message, defaultPrompt = "" } = params as Opening;
      const most = (long: string) => long.slice(0, MAX_DIALOG_TEXT);
      this.#becomes({ type, message: most(message), entered: most(defaultPrompt) });
      open = text("unseen.dialog", { text: type === "beforeunload" ? text("unseen.leave") : cut(message) });
      this.#tell(open, null, this.#page);
    });
    session.on("Page.javascriptDialogClosed", (params) => {
      this.#becomes(null);
      // What was typed into a prompt may be a secret.
      const outcome = text((params as { result: boolean }).result ? "unseen.accepted" : "unseen.dismissed");
      this.#tell(open, outcome, this.#page);
    });
    session.on("Runtime.bindingCalled", (params) => {
      const { name, payload } = params as { name: string; payload: string };
      if (name !== BINDING) return;
      this.#told(JSON.parse(payload) as UnseenEvent);
    });
    await session.send("Page.enable");
    await session.send("Runtime.enable"); // else Chrome makes no binding
    await session.send("Runtime.addBinding", { name: BINDING, executionContextName: WORLD });
    // Bundlers that keep function names put calls of __name into the text of the function.
    const source = `{ const __name = (named) => named; (${watchUnseen})(${JSON.stringify(BINDING)}, ${JSON.stringify(PERMISSIONS)}); }`;
    const added = await session.send("Page.addScriptToEvaluateOnNewDocument", { source, worldName: WORLD });
    this.#script = (added as { identifier: string }).identifier;
    await this.#evaluate(session, source).catch(() => {}); // the page is navigating
    return session;
  }

  #becomes(dialog: OpenDialog | null): void {
    this.#dialog = dialog;
    this.#dialogs.emit();
  }

  #told(event: UnseenEvent): void {
    if (event.kind === "print") this.#tell(text("unseen.print"), event.outcome && text("unseen.shut"), this.#page);
    else if (event.kind === "permission")
      this.#tell(text("unseen.permission", { name: event.name }), text("unseen.allowed"), null);
    else {
      const { outcome: files } = event;
      const none = files?.length === 0 ? text("unseen.dismissed") : null;
      this.#tell(text("unseen.files"), files && (none ?? cut(files.join(", "))), null);
    }
  }

  async #evaluate(session: PageSession, expression: string): Promise<void> {
    const { frameTree } = (await session.send("Page.getFrameTree")) as { frameTree: { frame: { id: string } } };
    const world = { frameId: frameTree.frame.id, worldName: WORLD };
    const { executionContextId: contextId } = (await session.send("Page.createIsolatedWorld", world)) as {
      executionContextId: number;
    };
    await session.send("Runtime.evaluate", { contextId, expression });
  }
}

const cut = (long: string) => (long.length > MAX_TEXT ? `${long.slice(0, MAX_TEXT)}…` : long).replaceAll("\n", " ");
