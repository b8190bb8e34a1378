// The other pages of a page's browser, those that are open and those to come: each is prepared before viewers of a stream that follows
// may see it. Puppeteer and Playwright tell of them each in its own way.
import { FrontWatch } from "./front-watch.ts";
import { Mask } from "./mask.ts";
import { Overlay } from "./overlay.ts";
import { type AnyPage, targetIdOf } from "./page-target.ts";
import { type Tell, Unseen } from "./unseen.ts";

/** What {@link OtherPages} works with. */
export interface OtherPagesOptions {
  readonly page: AnyPage;
  /** Pointer, clicks and the current task are drawn. */
  readonly show_actions: boolean;
  /** Whether Chrome wants a click for each page, and another one where it has gone to another site. */
  readonly needsGrant: () => Promise<boolean>;
  /** Has Chrome let a page be captured that is in front. */
  readonly grant: (target_id: string) => Promise<void>;
  /** Gets what a page shows beside itself. */
  readonly tell: Tell;
  /** A part of a page that is to be masked can't be: nothing of it must be seen. */
  readonly onFailure: (page: AnyPage, reason: string) => void;
}

/** What Puppeteer's contexts have. */
interface PuppeteerContext {
  pages(): Promise<AnyPage[]>;
  on(event: "targetcreated", listener: (target: PuppeteerTarget) => void): unknown;
  off(event: "targetcreated", listener: (target: PuppeteerTarget) => void): unknown;
}
interface PuppeteerTarget {
  type(): string;
  page(): Promise<AnyPage | null>;
}
/** What Playwright's contexts have. */
interface PlaywrightContext {
  pages(): AnyPage[];
  on(event: "page", listener: (page: AnyPage) => void): unknown;
  off(event: "page", listener: (page: AnyPage) => void): unknown;
}

interface Prepared {
  readonly mask: Mask;
  readonly overlay: Overlay | null;
  readonly unseen: Unseen;
}

/** Prepares them while a stream follows. */
export class OtherPages {
  readonly #options: OtherPagesOptions;
  readonly #prepared = new Map<AnyPage, Prepared>();
  readonly #fronts = new Map<AnyPage, FrontWatch>();
  #leave: (() => void) | null = null;
  #selectors: readonly string[] = [];
  #admit: (target_id: string) => Promise<void> = async () => {};
  #caption = "";

  constructor(options: OtherPagesOptions) {
    this.#options = options;
  }

  /** From now on each page is masked (`selectors` of {@link Mask}), and then handed to `admit` by its DevTools id. */
  async start(selectors: readonly string[], admit: (target_id: string) => Promise<void>): Promise<void> {
    this.#selectors = selectors;
    this.#admit = admit;
    if (this.#leave) {
      for (const page of this.#prepared.keys())
        await targetIdOf(page)
          .then(admit)
          .catch(() => {}); // it was closed
      return;
    }
    const prepare = (page: AnyPage | null) => {
      // One that can't be prepared is not admitted: viewers go on seeing the tab before.
      if (page && page !== this.#options.page) void this.#prepare(page).catch(() => {});
    };
    const pages = await this.#watch(prepare);
    for (const page of pages) prepare(page);
    await this.#watchFront(this.#options.page);
  }

  /** Those that are prepared. */
  get pages(): readonly AnyPage[] {
    return [...this.#prepared.keys()];
  }

  /** What is told of one of them; `null`: it isn't prepared. */
  unseenOf(page: AnyPage): Unseen | null {
    return this.#prepared.get(page)?.unseen ?? null;
  }

  /** Masks more; resolves once that holds. @throws FlyBrowserError as {@link Mask.start} */
  async mask(selectors: readonly string[]): Promise<void> {
    this.#selectors = selectors;
    await Promise.all([...this.#prepared.values()].map(({ mask }) => mask.start(selectors)));
  }

  /** Sets the caption; empty: none. */
  setCaption(caption: string): void {
    this.#caption = caption;
    for (const { overlay } of this.#prepared.values()) overlay?.setCaption(caption);
  }

  /** Shows a sentence for a while. */
  notify(words: string): void {
    for (const { overlay } of this.#prepared.values()) overlay?.notify(words);
  }

  /** Shows everything of them again. Idempotent. */
  async stop(): Promise<void> {
    this.#leave?.();
    this.#leave = null;
    const prepared = [...this.#prepared.values()];
    this.#prepared.clear();
    const fronts = [...this.#fronts.values()];
    this.#fronts.clear();
    await Promise.all(fronts.map((front) => front.stop()));
    await Promise.all(prepared.flatMap(({ mask, overlay, unseen }) => [mask.stop(), overlay?.stop(), unseen.stop()]));
  }

  async #prepare(page: AnyPage): Promise<void> {
    if (this.#prepared.has(page)) return;
    for (const known of this.#prepared.keys()) if (known.isClosed()) this.#prepared.delete(known);
    for (const known of this.#fronts.keys()) if (known.isClosed()) this.#fronts.delete(known);
    const { show_actions, onFailure, tell, grant } = this.#options;
    const prepared = {
      mask: new Mask(page, (reason) => onFailure(page, reason)),
      overlay: show_actions ? new Overlay(page) : null,
      unseen: new Unseen(page, tell),
    };
    this.#prepared.set(page, prepared);
    await prepared.mask.start(this.#selectors);
    prepared.overlay?.setCaption(this.#caption);
    await prepared.overlay?.start();
    await prepared.unseen.start();
    if (this.#prepared.get(page) !== prepared) return;
    const target_id = await targetIdOf(page);
    await grant(target_id);
    await this.#admit(target_id);
    await this.#watchFront(page);
  }

  /** Where a page comes to the front after it has gone to another site, it is granted again, and the stream goes there. */
  async #watchFront(page: AnyPage): Promise<void> {
    if (this.#fronts.has(page) || !(await this.#options.needsGrant())) return;
    const fronted = async () => {
      const target_id = await targetIdOf(page);
      await this.#options.grant(target_id);
      await this.#admit(target_id);
    };
    const front = new FrontWatch(page, () => void fronted().catch(() => {})); // it was closed, or the stream has ended
    this.#fronts.set(page, front);
    await front.start();
  }

  /** Has `told` hear of pages to come; gives those that are open. */
  async #watch(told: (page: AnyPage | null) => void): Promise<AnyPage[]> {
    const page = this.#options.page as AnyPage & { browserContext?(): PuppeteerContext; context?(): unknown };
    const puppeteer = page.browserContext?.();
    if (puppeteer) {
      const listener = (target: PuppeteerTarget) => {
        if (target.type() === "page") void target.page().then(told, () => {}); // it is gone already
      };
      puppeteer.on("targetcreated", listener);
      this.#leave = () => void puppeteer.off("targetcreated", listener);
      return puppeteer.pages();
    }
    const playwright = page.context?.() as unknown as PlaywrightContext;
    playwright.on("page", told);
    this.#leave = () => void playwright.off("page", told);
    return playwright.pages();
  }
}
