// Whether the extension still runs in a page's browser, by DevTools, and its restart where its process has died: Chrome starts nothing
// of it again by itself then.
import { FlyBrowserError } from "../protocol/errors.ts";
import { sentence } from "../protocol/sentence.ts";
import { EXTENSION_ID } from "../protocol/version.ts";
import { type AnyPage, openSession } from "./page-target.ts";

/** ms without anything of it, after which it counts as gone: a service worker that is being replaced is away for less. */
const GONE_AFTER = 1_000;

/** Says when the extension is gone. */
export class ExtensionWatch {
  readonly #page: AnyPage;
  readonly #restart: (() => Promise<void>) | null;
  #goneSince: number | null = null;

  /** `restart` loads the extension again; `null`: nobody here can. */
  constructor(page: AnyPage, restart: (() => Promise<void>) | null) {
    this.#page = page;
    this.#restart = restart;
  }

  /**
   * To be called while a host is missed that was there before.
   * @throws FlyBrowserError `extension_lost` when the extension's process has died: the streams in it are over. A restarted one is
   * there for the next call.
   */
  async check(): Promise<void> {
    if (await this.#isThere()) {
      this.#goneSince = null;
      return;
    }
    this.#goneSince ??= performance.now();
    if (performance.now() - this.#goneSince < GONE_AFTER) return;
    this.#goneSince = null;
    const restarted =
      (await this.#restart?.().then(
        () => true,
        () => false,
      )) ?? false;
    throw new FlyBrowserError("extension_lost", {
      reason: sentence(restarted ? "extension.process_restarted" : "extension.process_died"),
    });
  }

  /** Its service worker, its offscreen document, one of its pages; where DevTools doesn't tell, it counts as there. */
  async #isThere(): Promise<boolean> {
    try {
      const session = await openSession(this.#page);
      const { targetInfos } = (await session.send("Target.getTargets")) as {
        targetInfos: readonly { readonly type: string; readonly url: string }[];
      };
      await session.detach();
      const own = `chrome-extension://${EXTENSION_ID}/`;
      // A tab with one of its pages is no sign: Chrome shows an error in it.
      return targetInfos.some(({ type, url }) => type !== "page" && url.startsWith(own));
    } catch {
      return true;
    }
  }
}
