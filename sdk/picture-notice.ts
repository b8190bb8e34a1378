// Words over the picture of a stream while its page stands still: a dialog is open, and the page draws nothing until it is closed.
import { timeout } from "../protocol/async.ts";
import type { ControlClient } from "./control-client.ts";
import type { AnyPage } from "./page-target.ts";

/** s for which words stay that this program, dead by then, doesn't take away; ms after which they are asked for again. */
const STAYS = 15;
const AGAIN = 5_000;

/** As much of a {@link ControlClient} as this uses. */
type NoticeClient = Pick<ControlClient, "showNotice" | "hideNotice">;

/** What a {@link PictureNotice} works with. */
export interface PictureNoticeOptions {
  /** Asks the host, and its successor where it goes away meanwhile. */
  readonly ask: <T>(ask: (host: NoticeClient) => Promise<T>) => Promise<T>;
  /** The page's stream or recording; `null`: none. */
  readonly streamId: () => string | null;
}

/** What is open. */
interface Opened {
  readonly words: string;
  /** Closed with it, without a word. */
  readonly page: Pick<AnyPage, "isClosed">;
}

/** The words; of several that are open, the newest. */
export class PictureNotice {
  readonly #options: PictureNoticeOptions;
  #open: Opened[] = [];
  #wake: () => void = () => {};
  #keeping = false;

  constructor(options: PictureNoticeOptions) {
    this.#options = options;
  }

  /** Something has opened over a page, and is shown until {@link close}, or the end of the page. */
  show(words: string, page: Opened["page"]): void {
    this.#open.push({ words, page });
    this.#wake();
    if (!this.#keeping) void this.#keep();
  }

  /** It is closed. */
  close(words: string): void {
    const at = this.#open.findLastIndex((each) => each.words === words);
    if (at >= 0) this.#open.splice(at, 1);
    this.#wake();
  }

  /** Nothing is open any more. */
  closeAll(): void {
    this.#open = [];
    this.#wake();
  }

  /** Has the host show the newest, as long as any is open; never rejects. */
  async #keep(): Promise<void> {
    const { ask, streamId } = this.#options;
    this.#keeping = true;
    await Promise.resolve(); // what is closed at once isn't shown
    for (let shown: string | null = null; ; ) {
      this.#open = this.#open.filter(({ page }) => !page.isClosed());
      const text = this.#open.at(-1)?.words;
      if (text === undefined) {
        const stream_id = shown;
        if (stream_id === null) break;
        shown = null;
        await ask((host) => host.hideNotice(stream_id)).catch(() => {}); // it has ended, and they with it
        continue;
      }
      const changed = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      shown = streamId();
      const stream_id = shown;
      if (stream_id !== null) await ask((host) => host.showNotice(stream_id, { text, seconds: STAYS })).catch(() => {});
      await timeout(changed, AGAIN);
    }
    this.#keeping = false;
  }
}
