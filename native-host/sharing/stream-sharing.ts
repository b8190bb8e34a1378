// Who can open the links of one stream: opens the way that is asked for, tries the stream's own link by it before it counts, and
// says so when it is lost.
import * as v from "valibot";
import { Backoff, Serial } from "../../protocol/async.ts";
import { Emitter } from "../../protocol/emitter.ts";
import { FlyBrowserError, toFlyBrowserError } from "../../protocol/errors.ts";
import type { Share } from "../../protocol/options.ts";
import { type Sentence, sentence, type Words, WordsSchema } from "../../protocol/sentence.ts";
import { partLogger } from "../logging.ts";
import { letsIn, type Sharing, type WatchPage } from "../stream/sharing.ts";
import { tryLink } from "./link-trial.ts";
import type { HeldDoor } from "./shared-door.ts";
import { openWatchPage, type WatchPagesOptions } from "./watch-page.ts";
import type { Ways } from "./ways.ts";

/** ms in which a link must lead to the stream. A tunnel's new name has to become known first. */
const TRIED_WITHIN: Readonly<Record<Share, number>> = { "this-computer": 0, network: 2_000, internet: 6_000 };
/** ms after a stream's end in which those who watch still get its last segments and are told. */
const AFTER_END = 5_000;
/** ms between two attempts to have back what was lost. */
const AGAIN = { first: 2_000, longest: 30_000 } as const;

const WHOM: Readonly<Record<Share, Words>> = {
  "this-computer": "this computer",
  network: sentence("share.network"),
  internet: sentence("share.internet"),
};

const log = partLogger("sharing");

/** Why it can't be shared, without the words that say that it can't. */
function reasonOf(thrown: unknown): Words {
  const error = toFlyBrowserError(thrown);
  const { reason } = error.details;
  return error.code === "share_unavailable" && v.is(WordsSchema, reason) ? reason : error.sentence;
}

/** What a {@link StreamSharing} needs. */
export interface StreamSharingOptions {
  readonly ways: Ways;
  readonly stream_id: string;
  /** Whom it is to be shared with. */
  readonly share: Share;
  /** Path of the stream's folder by any link that works, without a slash at the end; `null`: none does. */
  readonly path: () => string | null;
  /** Its destinations that have a page of their own. */
  readonly pages: () => readonly WatchPage[];
  /** Calls a listener when its destinations have changed; gives the function that ends this. */
  readonly onPagesChange: WatchPagesOptions["onChange"];
  /** Told when others than so far are to see it. */
  readonly onWish?: (share: Share) => void;
  readonly tryLink?: typeof tryLink;
  readonly tryPage?: WatchPagesOptions["tryPage"];
}

/** The sharing of one stream. */
export class StreamSharing implements Sharing {
  readonly #options: StreamSharingOptions;
  readonly #changes = new Emitter();
  readonly #serial = new Serial();
  readonly #pauses = new Backoff(AGAIN);
  #wanted: Share;
  #share: Share = "this-computer";
  /** Let in already, so that a link can be tried. */
  #trying: Share = "this-computer";
  #door: HeldDoor;
  #trouble: Sentence | null = null;
  #settled = false;
  #failure: FlyBrowserError | null = null;
  #ended = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: StreamSharingOptions) {
    this.#options = options;
    this.#wanted = options.share;
    this.#door = options.ways.local;
  }

  get share(): Share {
    return this.#share;
  }

  get base(): string {
    return this.#door.base;
  }

  get page(): string | null {
    return this.#door.page ?? null;
  }

  get note(): Words {
    return this.#door.note;
  }

  get trouble(): Words | null {
    return this.#trouble;
  }

  get settled(): boolean {
    return this.#settled;
  }

  get failure(): FlyBrowserError | null {
    return this.#failure;
  }

  admits(from: Share): boolean {
    // Who watches at a destination doesn't come here.
    const share = this.#door.page === undefined ? this.#share : "this-computer";
    return letsIn(share, from) || letsIn(this.#trying, from);
  }

  onChange(listener: () => void): void {
    this.#changes.on(listener);
  }

  /** Fulfils the first wish. `required`: where that can't be, it has failed; else it is tried again. */
  async begin(required: boolean): Promise<void> {
    try {
      await this.#serial.run(() => this.#open(this.#wanted));
    } catch (thrown) {
      if (required) this.#failure = toFlyBrowserError(thrown);
      else this.#lost(reasonOf(thrown));
    }
    this.#settled = true;
    this.#changes.emit();
  }

  async set(share: Share): Promise<void> {
    await this.#serial.run(() => this.#open(share));
    this.#wanted = share;
    this.#options.onWish?.(share);
    this.#changes.emit();
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#timer);
    // That its destinations end, too, is no loss.
    if (this.#door.page !== undefined) this.#door.release();
    setTimeout(() => this.#close(), AFTER_END).unref();
  }

  async #open(share: Share): Promise<void> {
    const door = await this.#doorFor(share);
    try {
      // A page was tried before it was opened.
      if (share !== "this-computer" && door.page === undefined) {
        this.#trying = share;
        await this.#try(share, door.base);
      }
    } catch (thrown) {
      door.release();
      throw thrown;
    } finally {
      this.#trying = "this-computer";
    }
    if (this.#ended) {
      door.release();
      return;
    }
    clearTimeout(this.#timer);
    this.#door.release();
    [this.#door, this.#share, this.#trouble] = [door, share, null];
    this.#pauses.reset();
    log.info("{stream_id} is shared with {share}", { stream_id: this.#options.stream_id, share });
    door.onLost((reason) => {
      if (this.#door !== door) return;
      this.#lost(reason);
      this.#changes.emit();
    });
  }

  /** Anybody comes by the user's own server, else watches at a destination, else comes by a tunnel. */
  #doorFor(share: Share): Promise<HeldDoor> {
    const { ways, pages, onPagesChange: onChange, tryPage } = this.#options;
    if (share !== "internet" || ways.hasServer || pages().length === 0) return ways.open(share);
    return openWatchPage({ pages, onChange, base: ways.local.base, ...(tryPage && { tryPage }) });
  }

  async #try(share: Share, base: string): Promise<void> {
    const { ways, path, stream_id } = this.#options;
    const within = TRIED_WITHIN[share];
    const at = path();
    if (at === null) return; // there is no link to try
    const wrong = await (this.#options.tryLink ?? tryLink)({ url: `${base}${at}`, stream_id, within });
    if (wrong === null) return;
    throw new FlyBrowserError("share_unavailable", {
      whom: WHOM[share],
      reason: sentence("share.unreachable", { base, reason: wrong }),
      advice: ways.advice(share, base),
    });
  }

  /** The way has gone: the links name this computer, and it is tried again. */
  #lost(reason: Words): void {
    const { ways, stream_id } = this.#options;
    const share = this.#wanted;
    log.warning("{stream_id} is not shared with {share}", { stream_id, share });
    this.#door.release();
    this.#door = ways.local;
    this.#share = "this-computer";
    this.#trouble = sentence("share.lost", { whom: WHOM[share], reason });
    if (this.#ended) return;
    this.#timer = setTimeout(() => void this.#again(share), this.#pauses.next()).unref();
  }

  async #again(share: Share): Promise<void> {
    try {
      await this.#serial.run(async () => {
        if (share === this.#wanted && this.#share !== share && !this.#ended) await this.#open(share);
      });
    } catch (thrown) {
      this.#lost(reasonOf(thrown));
    }
    this.#changes.emit();
  }

  #close(): void {
    this.#door.release();
    this.#door = this.#options.ways.local;
    this.#share = "this-computer";
  }
}
