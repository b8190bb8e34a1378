// Where the program works: streams that follow go along to the tab that comes to the front, and back when it closes; of the others
// it is told that the program is elsewhere. Only in browsers that a program has started.
import type { Tab } from "../../protocol/native-messages.ts";
import type { CapturedTab } from "./captured-tab.ts";
import type { CapturedTabs } from "./captured-tabs.ts";
import type { PageCondition } from "./tabs.ts";

/** What a {@link Following} works with. */
export interface FollowingDependencies {
  readonly captured: Pick<CapturedTabs, "all" | "get" | "byStream" | "require" | "captureEnded">;
  /** A program has started this browser: Chrome lets every tab be captured, without a click in it. */
  readonly automation: boolean;
  readonly getTab: (tab_id: number) => Promise<Tab>;
  readonly openerOf: (tab_id: number) => Promise<number | null>;
  readonly pageOf: (tab_id: number) => Promise<PageCondition | null>;
  /** The tab in front. */
  readonly activeTab: () => Promise<number | null>;
  /** The tab in front of one window. */
  readonly activeTabOf: (window_id: number) => Promise<number | null>;
}

/** ms for which a tab that isn't admitted is no word worth: it is about to be. */
const ADMITTED_WITHIN = 1_000;

/** Has streams follow. */
export class Following {
  readonly #deps: FollowingDependencies;
  /** The tab that came to the front last, and the captured one among them. */
  #front: number | null = null;
  #last: CapturedTab | null = null;

  constructor(dependencies: FollowingDependencies) {
    this.#deps = dependencies;
  }

  /** The tab in which the stream is now that began in this one; a tab that no stream has left is where it is. */
  whereIs(tab_id: number): number {
    const { captured } = this.#deps;
    if (captured.get(tab_id)) return tab_id;
    return captured.all.find(({ record, follows }) => follows && record.home === tab_id)?.tab_id ?? tab_id;
  }

  /** A tab has come to the front. */
  async front(tab_id: number): Promise<void> {
    const { captured, automation, getTab, openerOf } = this.#deps;
    this.#front = tab_id;
    if (captured.all.length === 0) return;
    const own = captured.get(tab_id);
    if (own) {
      this.#last = own;
      for (const tab of captured.all) if (!tab.moves) tab.placeIs("here");
      if (own.moves) own.goTo(own.record.tab, null);
      return;
    }
    const [target, opener] = await Promise.all([getTab(tab_id).catch(() => null), openerOf(tab_id)]);
    // Our own pages (popup, settings, a question to the user) come and go, and nobody works there.
    if (!target || this.#front !== tab_id || target.url.startsWith(chrome.runtime.getURL(""))) return;
    const followers = captured.all.filter(({ follows }) => follows);
    for (const tab of captured.all) {
      if (!followers.includes(tab) && tab.record.stream !== "none" && automation) tab.placeIs("another_tab");
    }
    if (!automation) for (const tab of followers) tab.placeIs("not_invoked");
    else this.#go(this.#whoGoes(followers, opener), target, opener);
  }

  /** A tab may be seen by the viewers of a stream. @throws FlyBrowserError `no_active_stream` */
  admit(stream_id: string, tab_id: number): { tab_id: number } {
    const { captured } = this.#deps;
    captured.require(stream_id).admit(tab_id);
    if (tab_id === this.#front && !captured.get(tab_id)) void this.front(tab_id);
    return { tab_id };
  }

  #go(stream: CapturedTab | undefined, target: Tab, opener: number | null): void {
    const { tab_id } = target;
    if (stream?.admits(tab_id)) stream.goTo(target, opener);
    else if (stream) {
      setTimeout(() => {
        if (this.#front === tab_id && !stream.admits(tab_id)) stream.placeIs("another_tab");
      }, ADMITTED_WITHIN);
    }
  }

  /** Another window has the focus; -1: none of the browser's. */
  async focused(window_id: number): Promise<void> {
    const tab_id = window_id < 0 ? null : await this.#deps.activeTabOf(window_id);
    if (tab_id !== null && tab_id !== this.#front) await this.front(tab_id);
  }

  /** A tab has another address: what could not be captured before perhaps can be now. */
  tabUpdated(tab_id: number): void {
    if (tab_id === this.#front && !this.#deps.captured.get(tab_id)) void this.front(tab_id);
  }

  /** A tab was closed; `true`: its stream goes on elsewhere, if it can. */
  tabRemoved(tab_id: number): boolean {
    const { captured, automation } = this.#deps;
    const tab = captured.get(tab_id);
    if (tab?.follows && automation) {
      void this.handBack(tab);
      return true;
    }
    if (tab_id === this.#front) {
      this.#front = null;
      void this.#lookInFront(); // a window that closes with it uncovers another one without a word
    }
    return false;
  }

  /** A capture has ended by itself. */
  async captureEnded(stream_id: string, reason: string): Promise<void> {
    const { captured, automation, pageOf } = this.#deps;
    const tab = captured.byStream(stream_id);
    const gone = tab?.follows && automation && (await pageOf(tab.tab_id)) === null;
    if (tab && gone) await this.handBack(tab);
    else await captured.captureEnded(stream_id, reason);
  }

  /** The tab of a stream that follows is gone: it goes back to the one that had opened it, or to the one before. */
  async handBack(tab: CapturedTab): Promise<void> {
    const { getTab, captured, activeTab } = this.#deps;
    if (tab.moves) return; // it is on its way
    const gone = tab.tab_id;
    const others = [...tab.record.before].reverse();
    const front = await activeTab();
    if (front !== null) others.push(front);
    for (const tab_id of others) {
      const target = tab_id === gone || captured.get(tab_id) ? null : await getTab(tab_id).catch(() => null);
      if (tab.moves || tab.tab_id !== gone) return;
      if (target && target.not_capturable === null && tab.admits(tab_id)) return tab.goTo(target, null);
    }
    await tab.release("the tab was closed");
  }

  async #lookInFront(): Promise<void> {
    const front = await this.#deps.activeTab();
    if (front !== null && this.#front === null) await this.front(front);
  }

  /** Of several that follow, the one whose tab has opened the new one; else the one that was in front before. */
  #whoGoes(followers: readonly CapturedTab[], opener: number | null): CapturedTab | undefined {
    const opened = followers.find(({ tab_id, record }) => opener === tab_id || record.before.includes(opener ?? -1));
    return opened ?? followers.find((tab) => tab === this.#last) ?? followers[0];
  }
}
