// What is known of a captured tab, and what of it may be told: its address and title, whether it is private or muted, where its
// program works.
import type { Tab } from "../../protocol/native-messages.ts";
import type { Place } from "../../protocol/results.ts";
import { shownAddress, shownTitle } from "../../protocol/shown-address.ts";
import { partLogger } from "../logging.ts";

const log = partLogger("stream");

type Page = Pick<Tab, "url" | "title">;

/** The tab at the start. */
export interface TabStateOptions {
  readonly stream_id: string;
  readonly tab: Page;
  /** It is private; left out: it isn't. */
  readonly private?: boolean;
  /** Addresses are shown with query and fragment; left out: without. */
  readonly whole_addresses?: boolean;
  /** Something of it is different; `soon`: whoever follows the status is to hear of it at once. */
  readonly changed: (soon: boolean) => void;
}

/** A captured tab as the extension describes it. */
export class TabState {
  /** The page at the start, as its address may be shown. */
  readonly url: string;
  readonly #options: TabStateOptions;
  #title: string;
  #private: boolean;
  #muted = false;
  #place: Place = "here";
  /** The page that the tab shows while it is private: told afterwards. */
  #unshown: Page | null = null;

  constructor(options: TabStateOptions) {
    this.#options = options;
    const { tab, whole_addresses } = options;
    this.url = shownAddress(tab.url, whole_addresses);
    this.#private = options.private ?? false;
    this.#title = this.#private ? "" : shownTitle(tab.title, tab.url, whole_addresses);
    if (this.#private) this.#unshown = tab;
  }

  /** Of the page that it shows, or showed before it was private. */
  get title(): string {
    return this.#title;
  }

  /** Nothing of it may be shown. */
  get private(): boolean {
    return this.#private;
  }

  /** Its user has muted it. */
  get muted(): boolean {
    return this.#muted;
  }

  /** Where its program works. */
  get place(): Place {
    return this.#place;
  }

  /** It shows another page, or it is another tab. */
  shows(page: Page): void {
    if (this.#private) {
      this.#unshown = page;
      return;
    }
    this.#title = shownTitle(page.title, page.url, this.#options.whole_addresses);
    this.#options.changed(false);
  }

  /** It is private from now on, or no more: titles are of that too. */
  hide(hidden: boolean): void {
    if (hidden === this.#private) return;
    this.#log(hidden ? "private" : "no longer private");
    this.#private = hidden;
    const shown = this.#unshown;
    this.#unshown = null;
    if (shown) this.shows(shown);
    this.#options.changed(true);
  }

  /** Its user has muted it, or has taken that back. */
  mute(muted: boolean): void {
    if (muted === this.#muted) return;
    this.#log(muted ? "muted" : "no longer muted");
    this.#muted = muted;
    this.#options.changed(true);
  }

  /** Its program works in another tab than viewers see, or is back. */
  worksIn(place: Place): void {
    if (place === this.#place) return;
    this.#log(`where its program works: ${place}`);
    this.#place = place;
    this.#options.changed(true);
  }

  #log(word: string): void {
    log.info("the tab of {stream_id} is {word}", { stream_id: this.#options.stream_id, word });
  }
}
