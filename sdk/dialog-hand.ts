// Has a person who has taken over answer the dialogs of the page: one that is open when they come, and those that open meanwhile. A program
// that listens for them may answer first, as ever.
import type { Picker } from "../protocol/control-messages.ts";
import type { AnyPage } from "./page-target.ts";
import type { OpenDialog, Unseen } from "./unseen.ts";

/** What it works with. */
export interface DialogHandOptions {
  readonly page: AnyPage;
  /** Knows what is open on the page. */
  readonly dialogs: Pick<Unseen, "dialog" | "onDialog" | "answer">;
  /** Whether nothing of the page is to be seen now, its dialogs neither. */
  readonly isPrivate: () => boolean;
  /** Gives the id of what is shown next. */
  readonly nextId: () => number;
  /** Has the person answer; `null`: it is no more. */
  readonly show: (dialog: Picker | null) => Promise<unknown>;
}

/** What the pages of both libraries have for their dialogs. */
interface Dialogs {
  on(event: "dialog", listener: () => void): unknown;
  off(event: "dialog", listener: () => void): unknown;
  listenerCount(event: "dialog"): number;
}

/** The dialogs of one page, from a take-over until it ends. */
export class DialogHand {
  readonly #options: DialogHandOptions;
  readonly #page: Dialogs;
  readonly #leave: () => void;
  #shown: OpenDialog | null = null;
  #id = 0;

  constructor(options: DialogHandOptions) {
    this.#options = options;
    this.#page = options.page as AnyPage & Dialogs;
    // Playwright answers by itself what nobody listens for.
    this.#page.on("dialog", nothing);
    this.#leave = options.dialogs.onDialog(() => this.#changed());
    this.#changed();
  }

  /** The person has answered: `null`, or what was entered. `false`: there is no dialog that they know of. */
  answer(picker_id: number, value: string | number | null): boolean {
    if (!this.#shown || this.#id !== picker_id) return false;
    this.#shown = null;
    void this.#options.dialogs.answer(value !== null, String(value ?? ""));
    return true;
  }

  /** The person has given it back: what is open then would stand for ever where the program doesn't listen, and is dismissed. Idempotent. */
  async close(): Promise<void> {
    this.#leave();
    this.#page.off("dialog", nothing);
    if (this.#options.dialogs.dialog && this.#listeners === 0) await this.#dismiss();
  }

  #changed(): void {
    const { dialogs, isPrivate, show } = this.#options;
    const { dialog } = dialogs;
    if (dialog === this.#shown) return;
    if (dialog && isPrivate()) {
      if (this.#listeners === 1) void this.#dismiss();
      return;
    }
    this.#shown = dialog;
    this.#id = this.#options.nextId();
    const none = { choices: [], chosen: -1, min: "", max: "" };
    const words = dialog && { kind: dialog.type, label: dialog.message, value: dialog.entered };
    void show(words && { ...none, ...words, picker_id: this.#id }).catch(() => {}); // the stream is over
  }

  /** How many listen, of Playwright's context too. */
  get #listeners(): number {
    const context = this.#options.page.context?.() as Partial<Dialogs> | undefined;
    return this.#page.listenerCount("dialog") + (context?.listenerCount?.("dialog") ?? 0);
  }

  /** As Playwright does: a page that is about to be left is left. */
  #dismiss(): Promise<void> {
    const { dialogs } = this.#options;
    return dialogs.answer(dialogs.dialog?.type === "beforeunload", "");
  }
}

function nothing(): void {}
