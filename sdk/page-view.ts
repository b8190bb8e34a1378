// What viewers get to see of a page: what is masked and what is private, what the program does, what Chrome draws outside of it; and of the
// other pages to which a stream goes along.
import { text } from "../protocol/sentence.ts";
import { Mask } from "./mask.ts";
import { OtherPages } from "./other-pages.ts";
import { Overlay } from "./overlay.ts";
import type { AnyPage } from "./page-target.ts";
import { PictureNotice, type PictureNoticeOptions } from "./picture-notice.ts";
import { PrivateTime, type PrivateTimeOptions } from "./private-time.ts";
import type { TaskTracker } from "./task-tracker.ts";
import { type Tell, Unseen } from "./unseen.ts";

/** What {@link PageView} works with. */
export interface PageViewOptions extends Pick<PrivateTimeOptions, "page" | "streamId"> {
  /** Asks the host, and its successor where it goes away meanwhile. */
  readonly ask: PrivateTimeOptions["ask"] & PictureNoticeOptions["ask"];
  /** Where is told what the page shows beside itself. */
  readonly tasks: Pick<TaskTracker, "remark" | "endRemark">;
  /** Pointer, clicks and the current task are drawn. */
  readonly show_actions: boolean;
  /** Whether Chrome wants a click for each page that a stream goes along to. */
  readonly needsGrant: () => Promise<boolean>;
  /** Has Chrome let a page be captured that is in front. */
  readonly grant: (target_id: string) => Promise<void>;
}

/** The view of one page. */
export class PageView {
  readonly #options: PageViewOptions;
  readonly #overlay: Overlay | null;
  readonly #private: PrivateTime;
  readonly #mask: Mask;
  readonly #unseen: Unseen;
  readonly #notice: PictureNotice | null;
  readonly #others: OtherPages;

  constructor(options: PageViewOptions) {
    this.#options = options;
    const { page, ask, streamId, show_actions, needsGrant, grant } = options;
    const tell: Tell = (what, outcome, halts) => this.#noticed(what, outcome, halts);
    this.#notice = show_actions ? new PictureNotice({ ask, streamId }) : null;
    this.#overlay = show_actions ? new Overlay(page) : null;
    this.#private = new PrivateTime({ page, ask, streamId, others: () => this.others });
    this.#mask = new Mask(page, (reason) => void this.#private.hide(reason));
    this.#unseen = new Unseen(page, tell);
    this.#others = new OtherPages({
      ...{ page, tell, show_actions, needsGrant, grant },
      onFailure: (other, reason) => void this.#private.hide(reason, other),
    });
  }

  /** The other pages that a stream may show. */
  get others(): readonly AnyPage[] {
    return this.#others.pages;
  }

  /** What a page has open that viewers don't see; `null`: it isn't one that a stream may show. */
  unseenOf(page: AnyPage): Unseen | null {
    return page === this.#options.page ? this.#unseen : this.#others.unseenOf(page);
  }

  /** Whether nothing is seen now. */
  get isPrivate(): boolean {
    return this.#private.runs;
  }

  /** Draws the name of the task; empty: none. */
  setCaption(caption: string): void {
    this.#overlay?.setCaption(caption);
    this.#others.setCaption(caption);
  }

  /** Runs a function while nothing is seen. @throws FlyBrowserError as {@link PrivateTime.run} */
  private<T>(fn: () => T | Promise<T>): Promise<T> {
    return this.#private.run(fn);
  }

  /** Has something begin that is masked once it calls `masked`; where it fails, it isn't any more. */
  async masked<T>(mask: readonly string[], start: (masked: () => Promise<void>) => Promise<T>): Promise<T> {
    try {
      return await start(async () => {
        await this.#mask.start(mask);
        await this.#others.mask(this.#mask.selectors);
      });
    } catch (thrown) {
      if (this.#options.streamId() === null) await this.#unmask();
      throw thrown;
    }
  }

  /** Has viewers of a stream that follows see the other pages of the browser: each is handed to `admit` once it is masked. */
  async showOthers(admit: (target_id: string) => Promise<unknown>): Promise<void> {
    await this.#others.start(this.#mask.selectors, async (target_id) => void (await admit(target_id)));
  }

  /** The page is captured from now on. Idempotent. */
  async begin(): Promise<void> {
    await Promise.all([this.#unseen.start(), this.#overlay?.start()]);
  }

  /** It isn't any more. Idempotent. */
  async end(): Promise<void> {
    await this.#unmask();
    await this.#unseen.stop();
    this.#notice?.closeAll();
    this.#options.tasks.endRemark();
    await this.#overlay?.stop();
  }

  /** What the page shows where viewers don't see it; nothing of it in private time. */
  #noticed(what: string, outcome: string | null, halts: AnyPage | null): void {
    if (outcome !== null) this.#notice?.close(what);
    if (this.#private.runs) return;
    this.#options.tasks.remark(what, outcome);
    if (outcome === null && halts) {
      this.#notice?.show(what, halts);
      return;
    }
    const words = outcome === null ? what : text("unseen.closed", { what, outcome });
    this.#overlay?.notify(words);
    this.#others.notify(words);
  }

  async #unmask(): Promise<void> {
    await Promise.all([this.#mask.stop(), this.#others.stop()]);
    await this.#private.unhide();
  }
}
