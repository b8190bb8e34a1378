// Private time of a page: a function runs only once it is confirmed that nothing of the page is seen, and the page is shown again
// only when its picture is another one.
import { randomBytes } from "node:crypto";
import { timeout } from "../protocol/async.ts";
import { FlyBrowserError, wordsOf } from "../protocol/errors.ts";
import type { ControlClient } from "./control-client.ts";
import { type AnyPage, openSession, targetIdOf } from "./page-target.ts";

/** ms that the page's next picture may take; Chrome keeps the picture of the page before for half a second at most. */
const PAINT_TIMEOUT = 1_500;

/** As much of a {@link ControlClient} as this uses. */
type PrivateClient = Pick<ControlClient, "beginPrivate" | "endPrivate">;

/** What {@link PrivateTime} works with. */
export interface PrivateTimeOptions {
  readonly page: AnyPage;
  /** Asks the host, and its successor where it goes away meanwhile. */
  readonly ask: <T>(ask: (host: PrivateClient) => Promise<T>) => Promise<T>;
  /** The page's stream or recording; `null`: none. */
  readonly streamId: () => string | null;
  /** Other pages that the stream may show. */
  readonly others: () => readonly AnyPage[];
}

function newId(): string {
  return `private_${randomBytes(9).toString("base64url")}`;
}

/** Makes a page private. */
export class PrivateTime {
  readonly #options: PrivateTimeOptions;
  /** Begun and perhaps not ended: the host didn't answer. The page stays hidden until the next private time ends. */
  readonly #left = new Set<string>();

  /** Id of the time for which {@link hide} has asked. */
  readonly #hidden = newId();
  #hides = false;
  #running = 0;

  constructor(options: PrivateTimeOptions) {
    this.#options = options;
  }

  /**
   * Runs a function while nothing of the page is seen; resolves when it is seen again.
   * @throws FlyBrowserError `private_unconfirmed`: the function was not run; whatever the function throws
   */
  async run<T>(fn: () => T | Promise<T>): Promise<T> {
    const private_id = newId();
    this.#running++;
    try {
      return await this.#run(private_id, fn);
    } finally {
      this.#running--;
    }
  }

  /** Whether a function runs of which nothing is to be seen. */
  get runs(): boolean {
    return this.#running > 0;
  }

  async #run<T>(private_id: string, fn: () => T | Promise<T>): Promise<T> {
    await this.#begin(private_id);
    try {
      return await fn();
    } finally {
      await Promise.all(
        [this.#options.page, ...this.#options.others()].filter((page) => !page.isClosed()).map(painted),
      );
      await this.#end(private_id);
    }
  }

  /** Hides the page, or another one that its stream shows, until {@link unhide}: a part of it that is to be masked can't be. */
  async hide(reason: string, page: AnyPage = this.#options.page): Promise<void> {
    const { ask, streamId } = this.#options;
    process.emitWarning(`The page is hidden from viewers: ${reason}`);
    const target_id = await targetIdOf(page);
    await ask((host) => host.beginPrivate(this.#hidden, { target_id }, streamId())).catch(() => {}); // without a host there are no viewers
    this.#hides = true;
  }

  /** Shows it again. Idempotent. */
  async unhide(): Promise<void> {
    if (!this.#hides) return;
    this.#hides = false;
    await this.#end(this.#hidden);
  }

  async #begin(private_id: string): Promise<void> {
    const { page, ask, streamId } = this.#options;
    try {
      const target_id = await targetIdOf(page);
      await ask((host) => host.beginPrivate(private_id, { target_id }, streamId()));
    } catch (cause) {
      this.#left.add(private_id);
      if (cause instanceof FlyBrowserError && cause.code === "private_unconfirmed") throw cause;
      throw new FlyBrowserError("private_unconfirmed", { reason: wordsOf(cause) }, { cause });
    }
  }

  /** What it can't end stays hidden: the function's own result counts. */
  async #end(private_id: string): Promise<void> {
    for (const id of [...this.#left, private_id]) {
      const ended = this.#options.ask((host) => host.endPrivate(id));
      await ended.then(
        () => this.#left.delete(id),
        () => this.#left.add(id),
      );
    }
  }
}

/** Resolves when the page's picture is that of its document as it is now: a screenshot waits for it. */
async function painted(page: AnyPage): Promise<void> {
  const shot = async () => {
    const session = await openSession(page);
    try {
      await session.send("Page.captureScreenshot", { format: "jpeg", quality: 0, optimizeForSpeed: true });
    } finally {
      await session.detach();
    }
  };
  await timeout(
    shot().catch(() => {}), // the page is closed
    PAINT_TIMEOUT,
  );
}
